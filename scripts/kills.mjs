/** Kills by the thousand: `npm run kills -- --help`. */
import { runTest } from './run-test.mjs';

runTest({
  usage: 'npm run kills -- [--kills N] [--seed S] [--resume FILE] [--program library|cli]',
  prints:
    'Prints how many were killed at which moment, and a line of the tests.\n' +
    'Ends with 0 when nothing that was acknowledged is gone; with 1 when something is, or a store\n' +
    'does not open, which tells how to repeat it; with 64 for wrong usage.',
  test: 'test/crash/kill-storm.test.ts',
  tests: { cli: 'test/crash/kill.test.ts' },
  options: {
    kills: { env: 'HOLDFAST_KILLS', default: '300', help: 'how many in all (default 300)' },
    program: {
      env: 'HOLDFAST_PROGRAM',
      rule: /^(library|cli)$/,
      default: 'library',
      help: 'what is killed: programs that use the library (default), or `holdfast append`',
      picksTest: true,
    },
    durability: {
      env: 'HOLDFAST_DURABILITY',
      rule: /^(durable|batched)$/,
      help: 'with --program cli, which kind alone: durable or batched',
    },
    seed: { env: 'HOLDFAST_SEED', help: 'of the first store; another one every 50 kills' },
    resume: {
      env: 'HOLDFAST_RESUME',
      path: true,
      help: 'with --program library, where the run stands: goes on from there, or begins the file',
    },
  },
});
