/**
 * `npm run corpus -- DIR`: reads every transcript below a folder, tells them in a table, writes each
 * back untouched, and damages it at random.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { readOptions, refuse, wholeNumber } from './usage.mjs';

const { values, positionals } = readOptions({
  usage: `Usage: npm run corpus -- DIR [--damage N] [--seed N] [--resume FILE]

  --damage N      how often each file is damaged (60)
  --seed N        repeats the damage of a run, which tells its seed
  --resume FILE   keep what is done in FILE, and go on from there with its seed

Prints a table of what was read. Ends with 0 when every file came back and no damage was met badly, with 1
when not, with 64 for wrong usage.
`,
  allowPositionals: true,
  options: {
    damage: { type: 'string', default: '60' },
    seed: { type: 'string' },
    resume: { type: 'string' },
  },
});
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
