/**
 * Which test passes through which mutant, and how long it takes: every test runs once over the sources
 * with counters, and once over the sources as they are. Kept in a file, so that only what changed is run
 * again.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runTests } from './process.mjs';

/** Tests of one process, without time that has to pass or programs that have to start. */
const folders =
  'format journal history recovery checkpoint session integrity base log store simulation contract';
const leftOut = /\/(starved|wal-kill|wal-sweep|sweep|bounded-reads)\.test\.ts$/;
const simulation = 'test/mutants/short-lives.ts';

/** The files of tests, as sources. */
export function testFiles(root) {
  const found = folders.split(' ').flatMap((folder) => {
    const names = readdirSync(join(root, 'test', folder)).sort();
    return names
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `test/${folder}/${name}`);
  });
  return [...found.filter((name) => !leftOut.test(name)), simulation];
}

function filesUnder(directory) {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

function digest(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths.sort()) hash.update(relative(root, path)).update(readFileSync(path));
  return hash.digest('hex');
}

/** By file of tests: `tests` (`ordinal, title, ms, covered, result`) and what loading it passes through. */
export async function coverageOf({ root, counted, plain, path, tell }) {
  const shared = ['src', 'test/helpers'].flatMap((name) => filesUnder(join(root, name)));
  const key = digest(root, shared);
  const old = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  const kept = old?.key === key ? old.files : {};
  const files = {};
  for (const source of testFiles(root)) {
    const own = digest(root, [join(root, source)]);
    files[source] =
      kept[source]?.own === own
        ? kept[source]
        : { own, ...(await measured({ counted, plain, source, tell })) };
    writeFileSync(path, JSON.stringify({ key, files: { ...kept, ...files } }));
  }
  return files;
}

async function measured({ counted, plain, source, tell }) {
  const covering = await runAll(counted, source);
  const timed = await runAll(plain, source);
  const tests = covering.tests.flatMap(({ ordinal, title, covered, result }) => {
    const same = timed.tests.find((one) => one.ordinal === ordinal);
    const isSound = result === 'passed' && same?.result === 'passed';
    return isSound ? [{ file: same.file, ordinal, title, covered, ms: same.ms }] : [];
  });
  const wrong = covering.wrong ?? timed.wrong;
  const reason = wrong === null ? '' : `; ${wrong.title ?? wrong.file}: ${wrong.error}`;
  const seconds = (tests.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1);
  tell(`${source}: ${tests.length} of ${covering.tests.length} tests, ${seconds} s${reason}`);
  return { tests, loaded: covering.loaded };
}

async function runAll(tree, source) {
  const tests = [];
  let loaded = [];
  const onTold = (told) => {
    if (told.kind === 'end') tests.push(told);
    if (told.kind === 'static') loaded = told.covered;
  };
  const order = [{ file: source.replace(/\.ts$/, '.js'), ordinal: null }];
  const wrong = await runTests({ tree, tests: order, isStoppedByFailure: false, onTold });
  return { tests, loaded, wrong };
}

/**
 * The tests that may notice a mutant, quick ones first. Code that runs only while a file is loaded is
 * tried by all tests of the files that load it.
 */
export function testsFor(id, files, { testMsMax, totalMsMax }) {
  const all = Object.entries(files).flatMap(([source, { tests, loaded }]) => {
    const isLoaded = loaded.includes(id);
    return tests.map((test) => ({
      ...test,
      isLoaded,
      isPassed: test.covered.includes(id),
      source,
    }));
  });
  const passed = all.filter((test) => test.isPassed);
  const usable = (passed.length > 0 ? passed : all.filter((test) => test.isLoaded))
    .filter(({ ms }) => ms <= testMsMax)
    .sort((one, other) => one.ms - other.ms);
  let sumMs = 0;
  const within = usable.filter(({ ms, source }) => {
    if (source === simulation) return true;
    sumMs += ms;
    return sumMs <= totalMsMax;
  });
  return within.map(({ file, ordinal, ms, title }) => ({ file, ordinal, ms, title }));
}
