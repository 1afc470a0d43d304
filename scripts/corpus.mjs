/**
 * `npm run corpus -- DIR`: reads every transcript below a folder, tells them in a table, writes each
 * back untouched, and damages it at random.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { refuse, wholeNumber } from './usage.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    damage: { type: 'string', default: '60' },
    seed: { type: 'string' },
    resume: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write(`Usage: npm run corpus -- DIR [--damage N] [--seed N]

  --damage N      how often each file is damaged (60)
  --seed N        repeats the damage of a run, which tells its seed
  --resume FILE   keep what is done in FILE, and go on from there with its seed
`);
  process.exit(0);
}
const [folder] = positionals;
if (folder === undefined || positionals.length > 1) refuse('npm run corpus takes one folder');
const env = {
  ...process.env,
  HOLDFAST_CORPUS: resolve(folder),
  HOLDFAST_DAMAGE: String(wholeNumber(values, 'damage')),
  ...(values.seed === undefined ? {} : { HOLDFAST_SEED: String(wholeNumber(values, 'seed')) }),
  ...(values.resume === undefined ? {} : { HOLDFAST_RESUME: resolve(values.resume) }),
};
const { status } = spawnSync('npx', ['vitest', 'run', 'test/transcript/corpus.test.ts'], {
  stdio: 'inherit',
  env,
});
process.exit(status ?? 70);
