/**
 * `npm run golden`: makes the golden stores of fixtures/stores that are missing, from the steps in
 * test/helpers/golden and a seed, and what everybody is told of each. A store that is there is never
 * written again: old disks do not change either.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    expect: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write(`Usage: npm run golden -- [--check | --expect]

  (nothing)  makes the stores that are missing, and their expectations
  --check    makes all of them anew, writes nothing, and tells which differ from what is kept. One
             that differs is not wrong: the writer places its frames otherwise than it did
  --expect   writes all expectations anew, for a sentence that was changed on purpose. Read the
             difference: it is what users will see
`);
  process.exit(0);
}
const task = values.check ? 'check' : values.expect ? 'expect' : 'write';
const { status } = spawnSync('npx', ['vitest', 'run', 'test/recovery/golden-stores.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, HOLDFAST_GOLDEN: task },
});
process.exit(status ?? 70);
