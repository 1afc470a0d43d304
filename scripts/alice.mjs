/** Crash states of recorded system calls, as many as you like: `npm run alice -- --help`. */
import { runTest } from './run-test.mjs';

runTest({
  usage: 'npm run alice -- [--states N] [--seed N] [--resume FILE] [--recording FILE]',
  prints:
    'Prints how many states were opened, and a line of the tests.\n' +
    'Ends with 0 when every one of them keeps the promise; with 1 when one does not, which tells\n' +
    'its recording; with 64 for wrong usage.',
  test: 'test/alice/alice.test.ts',
  options: {
    states: { env: 'HOLDFAST_STATES', default: '2000', help: 'how many in all (default 2000)' },
    seed: { env: 'HOLDFAST_SEED', help: 'of the first recording; another one every 250 states' },
    recording: {
      env: 'HOLDFAST_RECORDING',
      path: true,
      help: 'a recording that a violation has kept, instead of new ones',
    },
    resume: {
      env: 'HOLDFAST_RESUME',
      path: true,
      help: 'where the run stands: goes on from there, or begins the file',
    },
  },
});
