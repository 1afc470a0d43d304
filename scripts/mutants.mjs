/**
 * `npm run mutants -- [options]`: changes the code in one place at a time, as Stryker does, and looks
 * whether a test notices. A seeded sample of all places; what was done is kept in a file, from which a
 * run that was cut off goes on.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coverageOf, testsFor } from './mutants/coverage.mjs';
import { mutated, placesOf } from './mutants/places.mjs';
import { runTests } from './mutants/process.mjs';
import { isDetected, summaryOf } from './mutants/score.mjs';
import { buildTree } from './mutants/trees.mjs';
import { chosen, readOptions, resumed, wholeNumber } from './usage.mjs';

const usage = `Usage: npm run mutants -- [options]

  --sample N      how many mutants are drawn (default 600)
  --seed N        the seed of the draw (default 1)
  --jobs N        processes at a time (default 1)
  --test-ms N     tests that take longer are left out (default 3000)
  --total-ms N    so much of the tests of a mutant is run before the simulation (default 20000)
  --only TEXT     mutants of the sample whose file has this text in its path
  --resume FILE   keep what was found in FILE, and go on from there
  --again         run those of FILE again that no test noticed

Prints every mutant that no test notices, and the score with its interval; ends with 0, and with 64 for
wrong usage.
`;
const { values } = readOptions({
  usage,
  options: {
    sample: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    'test-ms': { type: 'string', default: '3000' },
    'total-ms': { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
    resume: { type: 'string' },
    again: { type: 'boolean', default: false },
  },
});

const count = (name) => wholeNumber(values, name);

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const work = join(root, '.mutants');
const [seed, sample, jobs] = [count('seed'), count('sample'), count('jobs')];
const bounds = { testMsMax: count('test-ms'), totalMsMax: count('total-ms') };
const say = (text) => process.stdout.write(`${text}\n`);

/** A permutation by the seed; the first of it are the sample. */
function shuffled(list) {
  const result = [...list];
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(next() * (at + 1));
    [result[at], result[other]] = [result[other], result[at]];
  }
  return result;
}

/** The same name for the same change, also when lines were added elsewhere in the file. */
function named(mutants) {
  const seen = new Map();
  return mutants.map((mutant) => {
    const { file, mutatorName, original, replacement } = mutant;
    const key = [file, mutatorName, original, replacement].join('\0');
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return { ...mutant, key: `${key}\0${nth}` };
  });
}

mkdirSync(work, { recursive: true });
const { mutants, counted } = await placesOf(root);
const known = new Map(named(mutants).map((mutant) => [mutant.key, mutant]));
const drawn = shuffled([...known.values()]).slice(0, sample);
say(`${mutants.length} mutants, of which ${drawn.length} are drawn with seed ${seed}`);

const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
const fresh = {
  schema: 'holdfast.mutants/1',
  seed,
  sample,
  mutants: mutants.length,
  commit,
  rows: [],
};
const kept = resumed(values.resume, fresh.schema) ?? fresh;
const rows = new Map(kept.rows.map((row) => [row.key, row]));

function save() {
  if (values.resume === undefined) return;
  const text = JSON.stringify({ ...kept, rows: [...rows.values()] }, null, 1);
  writeFileSync(`${values.resume}.new`, `${text}\n`);
  renameSync(`${values.resume}.new`, values.resume);
}

const again = [...rows.values()].filter((row) => !isDetected(row) && row.status !== 'invalid');
chosen(drawn, values.only, ({ file }) => file);
const waiting = values.again
  ? again.map(({ key }) => known.get(key)).filter((mutant) => mutant !== undefined)
  : drawn.filter(({ key }) => !rows.has(key));
const due = waiting.filter(({ file }) => file.includes(values.only));
if (due.length === 0) say('Nothing is left to do');

const countedTree = join(work, 'counted');
buildTree(root, countedTree, counted);
const plainTree = join(work, 'plain');
buildTree(root, plainTree, []);
const files = await coverageOf({
  root,
  counted: countedTree,
  plain: plainTree,
  path: join(work, 'coverage.json'),
  tell: say,
});

async function tried(mutant, tree) {
  const path = join(tree, mutant.file.replace(/\.ts$/, '.js'));
  const whole = readFileSync(path, 'utf8');
  const code = mutated(mutant);
  if (code === null) return { status: 'invalid' };
  const tests = testsFor(mutant.id, files, bounds);
  if (tests.length === 0) return { status: 'no coverage' };
  try {
    writeFileSync(path, code);
    const found = await runTests({ tree, tests, isStoppedByFailure: true });
    if (found === null) return { status: 'survived', tests: tests.length };
    const test = tests.find(({ file, ordinal }) => {
      return file === found.file && ordinal === found.ordinal;
    });
    const title = found.title ?? test?.title ?? '';
    const status = found.kind === 'timeout' ? 'timeout' : 'killed';
    return { status, by: `${found.file}: ${title}`, error: found.error };
  } finally {
    writeFileSync(path, whole);
  }
}

async function runJob(number) {
  const tree = join(work, `job-${number}`);
  rmSync(tree, { recursive: true, force: true });
  cpSync(plainTree, tree, { recursive: true, verbatimSymlinks: true });
  for (let mutant = due.shift(); mutant !== undefined; mutant = due.shift()) {
    const began = performance.now();
    const result = await tried(mutant, tree);
    const { key, file, line, column, mutatorName, original, replacement } = mutant;
    const ms = Math.round(performance.now() - began);
    rows.set(key, { key, file, line, column, mutatorName, original, replacement, ...result, ms });
    save();
    const place = `${file}:${line}:${column} ${mutatorName}`;
    say(`${rows.size} ${result.status} ${place} (${ms} ms) ${result.by ?? ''}`);
  }
}

await Promise.all(Array.from({ length: jobs }, (_, index) => runJob(index + 1)));
save();
say(summaryOf([...rows.values()]));
