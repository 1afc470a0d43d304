/**
 * `npm run sim -- [options]`: random lives of a store on a simulated disk, in as many processes as are
 * asked for. What was done can be kept in a file, from which a run that was cut off goes on.
 */
import { fork } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOptions, refuse, resumed, wholeNumber } from './usage.mjs';

const usage = `Usage: npm run sim -- [options]

  --seed N        the first seed (default 1)
  --seeds N       how many seeds (default 1000)
  --states N      go on, seed after seed, until so many crash states were recovered
  --steps N       steps of each life (default 100)
  --skip LIST     steps that are left out, such as 1-4,7; printed for a life that was shrunk
  --jobs N        processes at a time (default 1)
  --resume FILE   keep the next seed and the counts in FILE, and go on from there
  --no-shrink     print a violation as it was found, without looking for a shorter life

Prints how many crash states were recovered, and ends with 0. A violation prints its seed and the
command that repeats it, and ends with 1; wrong usage ends with 64.
`;
const { values } = readOptions({
  usage,
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    states: { type: 'string' },
    steps: { type: 'string', default: '100' },
    skip: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    resume: { type: 'string' },
    'no-shrink': { type: 'boolean', default: false },
  },
});

const count = (name) => wholeNumber(values, name);

if (!/^[\d,-]*$/.test(values.skip)) refuse('--skip is a list of numbers and ranges');
const steps = count('steps');
const jobs = count('jobs');
const statesMax = values.states === undefined ? Number.POSITIVE_INFINITY : count('states');
const firstSeed = count('seed');
const seeds = values.seeds === undefined ? 1000 : count('seeds');
const endless = values.states !== undefined && values.seeds === undefined;
const endSeed = endless ? Number.POSITIVE_INFINITY : firstSeed + seeds;

/** Seeds below `next` are done, and those in `done`. */
function freshProgress() {
  return {
    schema: 'holdfast.sim/1',
    firstSeed,
    steps,
    next: firstSeed,
    done: [],
    seconds: 0,
    total: {},
  };
}

function loadProgress() {
  const found = resumed(values.resume, 'holdfast.sim/1');
  if (found === null) return freshProgress();
  if (found.steps !== steps || found.firstSeed !== firstSeed) {
    refuse(`${values.resume} is of a run with other steps or another first seed`);
  }
  return found;
}

const progress = loadProgress();
const secondsBefore = progress.seconds;
const begin = process.hrtime.bigint();

function save() {
  progress.seconds = secondsBefore + Number((process.hrtime.bigint() - begin) / 1_000_000n) / 1000;
  if (values.resume === undefined) return;
  writeFileSync(`${values.resume}.new`, `${JSON.stringify(progress)}\n`);
  renameSync(`${values.resume}.new`, values.resume);
}

function line() {
  const { states = 0 } = progress.total;
  const counts = Object.entries(progress.total).map(([name, number]) => `${name} ${number}`);
  const rate = progress.seconds > 0 ? states / progress.seconds : 0;
  const done = progress.next - firstSeed + progress.done.length;
  return (
    `${done} lives of ${steps} steps from seed ${firstSeed} on: ${counts.join(', ')}; ` +
    `${progress.seconds.toFixed(0)} s, ${rate.toFixed(0)} states a second`
  );
}

let upcoming = progress.next;
let isOver = false;
let isViolated = false;
let lastLine = begin;

function nextSeed() {
  while (progress.done.includes(upcoming)) upcoming += 1;
  const enough = (progress.total.states ?? 0) >= statesMax;
  if (isOver || enough || upcoming >= endSeed) return null;
  upcoming += 1;
  return upcoming - 1;
}

function take({ seed, tally, violation }) {
  for (const [name, number] of Object.entries(tally)) {
    progress.total[name] = (progress.total[name] ?? 0) + number;
  }
  if (violation === null) {
    progress.done.push(seed);
    while (progress.done.includes(progress.next)) {
      progress.done = progress.done.filter((one) => one !== progress.next);
      progress.next += 1;
    }
    save();
  } else {
    isOver = true;
    isViolated = true;
    process.stdout.write(
      `Violation with seed ${seed}:\n${violation.message}\nAgain: ${violation.again}\n`,
    );
  }
  const now = process.hrtime.bigint();
  if (now - lastLine < 30_000_000_000n) return;
  lastLine = now;
  process.stdout.write(`${line()}\n`);
}

/** One process; it ends when there is nothing left to do. */
function work() {
  const main = fileURLToPath(new URL('../.sim/test/sim/main.js', import.meta.url));
  const child = fork(main, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const shrinks = values['no-shrink'] ? 'as it is' : 'shrink';
  const order = () => {
    const seed = nextSeed();
    if (seed === null) child.disconnect();
    else child.send({ seed, steps, skip: values.skip, shrinks });
  };
  child.on('message', (answer) => {
    take(answer);
    order();
  });
  order();
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      if (code !== 0) isOver = true;
      resolve(code ?? 70);
    });
  });
}

const enough = (progress.total.states ?? 0) >= statesMax;
if (values.resume !== undefined && (enough || upcoming >= endSeed)) {
  process.stdout.write(`${values.resume} has all of it already: nothing is run\n${line()}\n`);
  process.exit(0);
}
const codes = await Promise.all(Array.from({ length: jobs }, work));
save();
process.stdout.write(`${line()}; ${isViolated ? 'a violation' : 'no violation'}\n`);
process.exit(isViolated ? 1 : Math.max(...codes));
