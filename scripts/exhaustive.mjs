/**
 * `npm run exhaustive -- [options]`: small histories with a crash behind every operation and every disk
 * that it may leave, every order of settling beside other work, and every two calls at the same time,
 * in as many processes as are asked for. What was walked can be kept in a file, from which a run that
 * was cut off goes on.
 */
import { fork } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chosen, readOptions, refuse, resumed, wholeNumber } from './usage.mjs';

const usage = `Usage: npm run exhaustive -- [options]

  --disks N       disks of one moment; where there are more, a sample (default 1024)
  --cut-every N   every Nth different disk is recovered with a crash at every step (default 10)
  --cut-disks N   disks that each crash inside recovery leaves (default 8)
  --switches N    how often work that could go on is put aside (default 3)
  --orders N      orders of one race (default 20000)
  --crash-every N a crash is looked at in every Nth order (default 2)
  --cuts N        disks that a power cut leaves between two calls (default 3)
  --seconds N     ways to hold the second call as well, the first of them not at all (default 1)
  --only TEXT     histories, races and pairs whose name has this text in it
  --jobs N        processes at a time (default 1)
  --resume FILE   keep in FILE what was walked, and go on from there

Prints the counts of each, and ends with 0. A violation names the moment and the disk, or the choices,
and ends with 1; wrong usage ends with 64.
`;
const { values } = readOptions({
  usage,
  options: {
    disks: { type: 'string', default: '1024' },
    'cut-every': { type: 'string', default: '10' },
    'cut-disks': { type: 'string', default: '8' },
    switches: { type: 'string', default: '3' },
    orders: { type: 'string', default: '20000' },
    'crash-every': { type: 'string', default: '2' },
    cuts: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    resume: { type: 'string' },
  },
});

const count = (name) => wholeNumber(values, name);

const bounds = {
  disksMax: count('disks'),
  cutEvery: count('cut-every'),
  cutDisksMax: count('cut-disks'),
  switchesMax: count('switches'),
  ordersMax: count('orders'),
  crashEvery: count('crash-every'),
  cutsMax: count('cuts'),
  secondsMax: count('seconds'),
};
const jobs = count('jobs');

function loadProgress() {
  const fresh = { schema: 'holdfast.exhaustive/1', bounds, done: {} };
  const found = resumed(values.resume, fresh.schema);
  if (found === null) return fresh;
  if (JSON.stringify(found.bounds) !== JSON.stringify(bounds)) {
    refuse(`${values.resume} is of a run with other options`);
  }
  return found;
}

const progress = loadProgress();
const begin = process.hrtime.bigint();
const seconds = () => Number((process.hrtime.bigint() - begin) / 1_000_000_000n);
/** Null until a first process has told what there is. */
let errands = null;
let violations = 0;

function keyOf({ kind, name }) {
  return `${kind}: ${name}`;
}

function take({ errand, counts, violation }) {
  const key = keyOf(errand);
  if (violation !== null) {
    violations += 1;
    process.stdout.write(`${key}: ${violation}\n`);
    return;
  }
  progress.done[key] = counts;
  process.stdout.write(`${key}: ${JSON.stringify(counts)} (${seconds()} s)\n`);
  if (values.resume === undefined) return;
  writeFileSync(`${values.resume}.new`, `${JSON.stringify(progress)}\n`);
  renameSync(`${values.resume}.new`, values.resume);
}

/** What is asked for and not walked yet. */
function leftOf(all) {
  const asked = chosen(all, values.only);
  const left = asked.filter((one) => progress.done[keyOf(one)] === undefined);
  if (left.length === 0) process.stdout.write(`${values.resume} has all of it already\n`);
  return left;
}

/** One process; it ends when there is nothing left to do. */
function work() {
  const main = fileURLToPath(new URL('../.sim/test/exhaustive/main.js', import.meta.url));
  const child = fork(main, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (message) => {
    if (message.names === undefined) take(message);
    else {
      errands ??= leftOf(message.names.map(([kind, name]) => ({ kind, name, bounds })));
    }
    const errand = errands.shift();
    if (errand === undefined) child.disconnect();
    else child.send(errand);
  });
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? 70));
  });
}

const codes = await Promise.all(Array.from({ length: jobs }, work));
const sums = {};
for (const counts of Object.values(progress.done)) {
  for (const [name, number] of Object.entries(counts)) {
    if (typeof number === 'number') sums[name] = (sums[name] ?? 0) + number;
  }
}
process.stdout.write(
  `${Object.keys(progress.done).length} walked: ${JSON.stringify(sums)}, ` +
    `${violations} violations, ${seconds()} s\n`,
);
process.exit(violations > 0 ? 1 : Math.max(...codes));
