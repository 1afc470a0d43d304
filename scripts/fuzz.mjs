/**
 * `npm run fuzz -- [options]`: bytes from anywhere reach every decoder, and valid logs are read. Rounds
 * of inputs run in threads; this thread sees one that hangs or grows, and says which input it was.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { chosen, readOptions, refuse, resumed, wholeNumber } from './usage.mjs';

const usage = `Usage: npm run fuzz -- [options]

  --inputs N      how many inputs (default 1000000)
  --seed N        the seed of the first round (default 1)
  --jobs N        threads at a time (default 1)
  --only TEXT     targets whose name has this text in it
  --resume FILE   keep the next seed and the counts in FILE, and go on from there
  --input HEX     one input of the one target that --only names

Each input gives a value that holds or a typed refusal, in time and within a bound of memory. Inputs
are structured changes of sound bytes and of earlier inputs that reached new code. A violation is
printed with the command that repeats it, and ends with 1; no violation with 0, wrong usage with 64.
`;
const { values } = readOptions({
  usage,
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    resume: { type: 'string' },
    input: { type: 'string' },
  },
});

const count = (name) => wholeNumber(values, name);

const { targets } = await import('../.sim/test/fuzz/targets.js');
chosen(targets, values.only);

/** Every so manieth round looks for inputs that reach new code, from which the others go on. */
const guidedEvery = 10;
const guidedInputs = 50_000;
const plainInputs = 500_000;
/** What one input may cost. */
const inputMsMax = 10_000;
const memoryBytesMax = 1024 ** 3;
const shownBytesMax = 64 * 1024;

const [inputs, firstSeed, jobs] = [count('inputs'), count('seed'), count('jobs')];
const say = (text) => process.stdout.write(`${text}\n`);
const fresh = { schema: 'holdfast.fuzz/1', firstSeed, only: values.only, next: firstSeed };
const kept = load() ?? { ...fresh, inputs: 0, kept: 0, seconds: 0, characters: 0, corpus: {} };
/** Inputs that reached new code, by target. */
const corpus = new Map(
  Object.entries(kept.corpus).map(([name, list]) => [name, list.map((hex) => fromHex(hex))]),
);

function fromHex(hex) {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function load() {
  const found = resumed(values.resume, fresh.schema);
  if (found === null) return null;
  if (['firstSeed', 'only'].every((name) => found[name] === fresh[name])) return found;
  return refuse(`${values.resume} is of a run with another seed or other targets`);
}

const secondsBefore = kept.seconds;
const begin = process.hrtime.bigint();

function save() {
  kept.seconds = secondsBefore + Number((process.hrtime.bigint() - begin) / 1_000_000n) / 1000;
  if (values.resume === undefined) return;
  const hexOf = (list) => list.map((bytes) => Buffer.from(bytes).toString('hex'));
  kept.corpus = Object.fromEntries([...corpus].map(([name, list]) => [name, hexOf(list)]));
  writeFileSync(`${values.resume}.new`, `${JSON.stringify(kept)}\n`);
  renameSync(`${values.resume}.new`, values.resume);
}

function line() {
  const rate = kept.seconds > 0 ? kept.inputs / kept.seconds : 0;
  const memory = (process.memoryUsage().rss / 1024 ** 2).toFixed(0);
  return (
    `${kept.inputs} inputs of seeds ${firstSeed} to ${kept.next - 1} in ` +
    `${kept.seconds.toFixed(0)} s, ${rate.toFixed(0)} a second; ${kept.kept} kept for new code, ` +
    `${kept.characters} characters of code reached, ${memory} MiB`
  );
}

let isViolated = false;

function violate({ target, bytes, message }) {
  isViolated = true;
  const hex = Buffer.from(bytes).toString('hex');
  say(`Violation of ${target}, ${bytes.length} bytes:\n${message}`);
  say(`Again: npm run fuzz -- --only ${JSON.stringify(target)} --input ${hex}`);
}

/** A thread and what it tells; `ask` resolves with its answer. */
function startThread(guidance) {
  const shared = new SharedArrayBuffer(12 + shownBytesMax);
  const told = new Int32Array(shared, 0, 3);
  const bytes = new Uint8Array(shared, 12);
  const url = new URL('../.sim/test/fuzz/main.js', import.meta.url);
  const resourceLimits = { maxOldGenerationSizeMb: 512 };
  const worker = new Worker(url, { workerData: { told, bytes, guidance }, resourceLimits });
  const current = () => {
    return { target: targets[told[1]]?.name ?? '', bytes: bytes.slice(0, told[2]) };
  };
  return { worker, told, current };
}

function askOf({ worker, told, current }, order) {
  return new Promise((resolve) => {
    let seen = Atomics.load(told, 0);
    let sinceMs = performance.now();
    const end = (answer) => {
      clearInterval(watch);
      worker.off('error', onError).off('message', onMessage);
      resolve(answer);
    };
    const wrong = (message) => end({ tally: null, violation: { ...current(), message } });
    const watch = setInterval(() => {
      if (process.memoryUsage().rss > memoryBytesMax) return wrong('it takes more than 1 GiB');
      const now = Atomics.load(told, 0);
      if (now !== seen) [seen, sinceMs] = [now, performance.now()];
      else if (performance.now() - sinceMs > inputMsMax) wrong('it does not come to an end');
      return undefined;
    }, 500);
    const onError = (error) => wrong(`the thread ended: ${error.stack ?? error}`);
    const onMessage = (answer) => {
      if (answer.fault === undefined) end(answer);
      else wrong(answer.fault);
    };
    worker.on('error', onError).on('message', onMessage);
    worker.postMessage(order);
  });
}

let upcoming = kept.next;
let planned = kept.inputs;
const done = new Set();

function nextRound() {
  const left = inputs - planned;
  if (isViolated || left <= 0) return null;
  const guidance = (upcoming - firstSeed) % guidedEvery === 0 ? 'guided' : 'plain';
  const most = guidance === 'guided' ? guidedInputs : plainInputs;
  const round = { seed: upcoming, inputs: Math.min(left, most), only: values.only, guidance };
  planned += round.inputs;
  upcoming += 1;
  return round;
}

async function work() {
  const threads = new Map();
  for (let round = nextRound(); round !== null; round = nextRound()) {
    const { guidance } = round;
    const thread = threads.get(guidance) ?? startThread(guidance);
    threads.set(guidance, thread);
    const {
      tally,
      characters,
      violation,
      corpus: found,
    } = await askOf(thread, { ...round, corpus });
    if (violation !== null) {
      violate(violation);
      break;
    }
    kept.inputs += tally.inputs;
    kept.kept += tally.kept;
    kept.characters = Math.max(kept.characters, characters);
    if (guidance === 'guided') for (const [name, list] of found) corpus.set(name, list);
    done.add(round.seed);
    while (done.delete(kept.next)) kept.next += 1;
    save();
    say(line());
  }
  for (const { worker } of threads.values()) await worker.terminate();
}

if (values.input === undefined) {
  if (planned >= inputs) say(`${values.resume} has all of it already: nothing is run`);
  await Promise.all(Array.from({ length: jobs }, work));
  save();
  say(`${line()}; ${isViolated ? 'a violation' : 'no violation'}`);
} else {
  const target = targets.find(({ name }) => name === values.only)?.name;
  if (target === undefined) {
    process.stderr.write(`--only is one of:\n${targets.map(({ name }) => name).join('\n')}\n`);
    process.exit(64);
  }
  const thread = startThread('plain');
  const bytes = fromHex(values.input);
  const { violation } = await askOf(thread, { target, bytes });
  await thread.worker.terminate();
  if (violation === null) say('no violation');
  else violate(violation);
}
process.exit(isViolated ? 1 : 0);
