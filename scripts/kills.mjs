/**
 * Kills by the hundred: `npm run kills -- [--kills N] [--durability durable|batched] [--seed S]`. The
 * work is done by the test of the same name; this only hands the settings over.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    durability: { type: 'string' },
    seed: { type: 'string' },
  },
});
const rules = { kills: /^[1-9]\d*$/, seed: /^[1-9]\d*$/, durability: /^(durable|batched)$/ };
const names = { kills: 'HOLDFAST_KILLS', seed: 'HOLDFAST_SEED', durability: 'HOLDFAST_DURABILITY' };
const env = { ...process.env };
for (const [name, value] of Object.entries(values)) {
  if (!rules[name].test(value)) {
    process.stderr.write(`--${name} cannot be ${JSON.stringify(value)}\n`);
    process.exit(64);
  }
  env[names[name]] = value;
}
const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/crash/kill.test.ts'], {
  env,
  stdio: 'inherit',
});
process.exit(status ?? 70);
