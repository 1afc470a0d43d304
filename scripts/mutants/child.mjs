/**
 * Runs tests of a compiled tree, in a process of its own: `node child.mjs TREE`, and a list of
 * `{file, ordinal}` over the channel; `null` for all of a file. Each test is told when it begins, so
 * that whoever waits knows a test that hangs; the first that fails ends the process.
 */
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const [tree = ''] = process.argv.slice(2);
const url = (path) => pathToFileURL(`${tree}/${path}`).href;
const { collect, end, run } = await import(url('node_modules/vitest/index.mjs'));
const { initChecksum } = await import(url('src/format/checksum.js'));

const counters = () => globalThis.__stryker__;
const found = new Map();

function tell(message) {
  return new Promise((resolve) => process.send(message, resolve));
}

async function testsOf(file) {
  let tests = found.get(file);
  if (tests === undefined) {
    tests = await collect(url(file));
    found.set(file, tests);
  }
  return tests;
}

function textOf(error) {
  const text = error instanceof Error ? error.message : String(error);
  return stripVTControlCharacters(text).slice(0, 300);
}

async function one(file, ordinal, test) {
  process.send({ kind: 'begin', file, ordinal });
  const id = `${file}#${ordinal}`;
  if (counters() !== undefined) counters().currentTestId = id;
  const began = performance.now();
  let outcome;
  try {
    outcome = { result: await run(test) };
  } catch (error) {
    outcome = { result: 'failed', error: textOf(error) };
  }
  if (counters() !== undefined) counters().currentTestId = undefined;
  const covered = Object.keys(counters()?.mutantCoverage?.perTest[id] ?? {});
  return { file, ordinal, title: test.title, ms: performance.now() - began, covered, ...outcome };
}

async function all({ tests, isStoppedByFailure }) {
  for (const { file, ordinal } of tests) {
    const there = await testsOf(file);
    for (const [index, test] of there.entries()) {
      if (ordinal !== null && ordinal !== index) continue;
      const told = await one(file, index, test);
      if (ordinal === null || told.result === 'failed') await tell({ kind: 'end', ...told });
      if (told.result === 'failed' && isStoppedByFailure) return;
    }
  }
  const covered = Object.keys(counters()?.mutantCoverage?.static ?? {});
  await tell({ kind: 'static', covered });
}

async function work(order) {
  try {
    await all(order);
  } catch (error) {
    // A file that cannot even be loaded.
    const broken = { file: '', ordinal: -1, title: 'loading', ms: 0, covered: [] };
    await tell({ kind: 'end', ...broken, result: 'failed', error: textOf(error) });
  }
  await Promise.race([end(), new Promise((resolve) => setTimeout(resolve, 2000))]).catch(
    () => null,
  );
  await tell({ kind: 'over' });
  process.exit(0);
}

for (const kind of ['uncaughtException', 'unhandledRejection']) {
  process.on(kind, (error) => {
    process.send({ kind: 'stray', error: textOf(error) }, () => process.exit(1));
  });
}
await initChecksum();
process.on('message', (order) => void work(order));
process.send({ kind: 'ready' });
