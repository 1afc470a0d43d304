/**
 * Power cuts by the dozen: `npm run power-cuts -- [--cuts N] [--seed S]`, as root on Linux. The work is
 * done by the test of the same name; this only hands the settings over.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { cuts: { type: 'string', default: '50' }, seed: { type: 'string' } },
});
for (const [name, value] of Object.entries(values)) {
  if (!/^[1-9]\d*$/.test(value)) {
    process.stderr.write(
      `--${name} must be a whole number above 0, not ${JSON.stringify(value)}\n`,
    );
    process.exit(64);
  }
}
const env = { ...process.env, HOLDFAST_POWER_CUTS: values.cuts };
if (values.seed !== undefined) env.HOLDFAST_SEED = values.seed;
const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/crash/power-cut.test.ts'], {
  env,
  stdio: 'inherit',
});
process.exit(status ?? 70);
