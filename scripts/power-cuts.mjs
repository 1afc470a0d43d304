/** Power cuts by the hundred, as root on Linux: `npm run power-cuts -- --help`. */
import { runTest } from './run-test.mjs';

runTest({
  usage: 'npm run power-cuts -- [--cuts N] [--file-system KIND] [--seed S] [--resume FILE]',
  prints:
    'Prints how many cuts were made and what was found after them; what cannot run here says so.\n' +
    'Ends with 0 when nothing that was acknowledged is gone; with 1 when something is, which tells\n' +
    'how to repeat it; with 64 for wrong usage.',
  test: 'test/crash/power-cut.test.ts',
  options: {
    cuts: { env: 'HOLDFAST_POWER_CUTS', default: '50', help: 'how many in all (default 50)' },
    'file-system': {
      env: 'HOLDFAST_FILE_SYSTEM',
      rule: /^(ext4|xfs)$/,
      default: 'ext4',
      help: 'ext4 (default) or xfs',
    },
    seed: { env: 'HOLDFAST_SEED', help: 'of the first store; another one every 20 cuts' },
    resume: {
      env: 'HOLDFAST_RESUME',
      path: true,
      help: 'where the run stands: goes on from there, or begins the file',
    },
  },
});
