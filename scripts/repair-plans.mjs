/**
 * `npm run repair-plans -- [options]`: repair plans for random histories, held to what they promise,
 * in as many processes as are asked for. A run that was cut off goes on from a file.
 */
import { fork } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOptions, refuse, resumed, wholeNumber } from './usage.mjs';

const usage = `Usage: npm run repair-plans -- [options]

  --seed N        the first seed; each seed is one history (default 1)
  --histories N   how many (default 2000)
  --breadth B     plans for each history: one, profiles (each profile, policies taking turns) or
                  all (each profile with each policy) (default profiles)
  --jobs N        processes at a time (default 1)
  --resume FILE   keep what is done in FILE, and go on from there

Every plan is applied and held to its promises: a validator that is written apart from the planner
takes the result, a second plan is empty, nothing is lost but what the plan lists. A promise that is
not kept is printed with the smallest history that breaks it and the command that repeats it, and
ends with 1; a run without one ends with 0, wrong usage with 64.
`;
const { values } = readOptions({
  usage,
  options: {
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '2000' },
    breadth: { type: 'string', default: 'profiles' },
    jobs: { type: 'string', default: '1' },
    resume: { type: 'string' },
  },
});

const batch = 100;
const schema = 'holdfast.repair-plans/1';
const { breadth } = values;
const firstSeed = wholeNumber(values, 'seed');
const end = firstSeed + wholeNumber(values, 'histories');
if (!['one', 'profiles', 'all'].includes(breadth)) refuse('--breadth is one, profiles or all');

/** Seeds below `next` are done, and the batches that begin with those in `done`. */
function loadProgress() {
  const fresh = { schema, firstSeed, breadth, next: firstSeed, done: [], seconds: 0, total: {} };
  const found = resumed(values.resume, schema);
  if (found === null) return fresh;
  if (found.breadth !== breadth || found.firstSeed !== firstSeed) {
    refuse(`${values.resume} is of a run with another breadth or another first seed`);
  }
  return found;
}

const progress = loadProgress();
const secondsBefore = progress.seconds;
const begin = process.hrtime.bigint();
let lastLine = begin;
let upcoming = progress.next;
let isBroken = false;

function save() {
  progress.seconds = secondsBefore + Number((process.hrtime.bigint() - begin) / 1_000_000n) / 1000;
  if (values.resume === undefined) return;
  writeFileSync(`${values.resume}.new`, `${JSON.stringify(progress)}\n`);
  renameSync(`${values.resume}.new`, values.resume);
}

function line() {
  const { histories = 0 } = progress.total;
  const counts = Object.entries(progress.total).map(([name, number]) => `${name} ${number}`);
  const rate = progress.seconds > 0 ? histories / progress.seconds : 0;
  return (
    `from seed ${firstSeed} on, ${breadth}: ${counts.join(', ')}; ` +
    `${progress.seconds.toFixed(0)} s, ${rate.toFixed(0)} histories a second`
  );
}

function take({ seed, tally, failure }) {
  if (failure !== null) {
    isBroken = true;
    process.stdout.write(`${failure.message}\nAgain: ${failure.again}\n`);
    return;
  }
  for (const [name, number] of Object.entries(tally)) {
    progress.total[name] = (progress.total[name] ?? 0) + number;
  }
  progress.done.push(seed);
  while (progress.done.includes(progress.next)) {
    progress.done = progress.done.filter((one) => one !== progress.next);
    progress.next = Math.min(progress.next + batch, end);
  }
  save();
  const now = process.hrtime.bigint();
  if (now - lastLine < 30_000_000_000n) return;
  lastLine = now;
  process.stdout.write(`${line()}\n`);
}

function nextOrder() {
  while (progress.done.includes(upcoming)) upcoming += batch;
  if (isBroken || upcoming >= end) return null;
  const seed = upcoming;
  upcoming += batch;
  return { seed, seeds: Math.min(batch, end - seed), breadth };
}

/** One process; it ends when there is nothing left to do. */
function work() {
  const main = fileURLToPath(new URL('../.sim/test/repair-plans/main.js', import.meta.url));
  const child = fork(main, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const order = () => {
    const next = nextOrder();
    if (next === null) child.disconnect();
    else child.send(next);
  };
  child.on('message', (answer) => {
    take(answer);
    order();
  });
  order();
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? 70));
  });
}

const jobs = wholeNumber(values, 'jobs');
if (values.resume !== undefined && upcoming >= end) {
  process.stdout.write(`${values.resume} has all of it already: nothing is run\n${line()}\n`);
  process.exit(0);
}
const codes = await Promise.all(Array.from({ length: jobs }, work));
save();
process.stdout.write(`${line()}; ${isBroken ? 'a promise is broken' : 'every promise is kept'}\n`);
process.exit(isBroken ? 1 : Math.max(...codes));
