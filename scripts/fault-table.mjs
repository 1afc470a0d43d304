/**
 * The faults that this project is tested against, and where: `npm run fault-table` writes the table in
 * ARCHITECTURE.md, `node scripts/fault-table.mjs` prints it, `--check` tells what is wrong with it
 * and ends with 1. A fault is tested by the tests that have its number in their title; each has one.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** By number, from 1. A number is never given a second meaning; a new fault is added at the end. */
const faults = [
  'torn inside a frame header, at every byte',
  'torn inside a payload, at every byte',
  'entries without their commit',
  'a hole in a batch: later sectors reached the disk, earlier did not',
  'a size without its data: zeros at the tail',
  'garbage in the sectors that were being written',
  'stale frames of another segment, session or use of the file',
  'a payload that holds an image of the journal itself',
  'a cut exactly behind a commit, below the durable mark',
  'an entry larger than a segment, torn',
  'entries of no bytes, and of nothing but zeros',
  'a flipped bit in any byte of an acknowledged frame',
  'a zeroed sector in the middle of the acknowledged part',
  'a rotten last batch, with and without a mark behind it',
  'a rotten sealed segment, covered by histories or not',
  'a rotten first record, or header of the first segment',
  'a valid frame in the wrong place or file',
  'segments that are doubled, swapped, renamed or missing in the middle',
  'a last segment or manifest that is missing or older',
  'bases and restore points that rot, one or all',
  'sound checksums over what does not decode, and unknown types',
  'an fsync that fails once and would succeed when tried again',
  'an fsync that fails and leaves the new bytes in the cache',
  'an fsync that fails and takes the bytes back',
  'the sync of a directory that fails',
  'a failed sync told to everybody who waits, and to all who come later',
  'a success behind a failed write: nothing doubled, nothing back from the dead',
  'short writes, alone and with no room behind them',
  'no room, at every place, and going on once there is some',
  'a read that fails in recovery',
  'no descriptors, no permission, read-only, interrupted, removed underneath',
  'an append during a running fsync, which must not answer it',
  'an fsync that hangs',
  'a rotation over entries that nobody synced',
  'a crash after every change of every step in the life of a store',
  'names whose directory was not synced',
  'a rename that reaches the disk before what it names',
  'a crash inside recovery, at any step, any number of times',
  'recover, append, crash, and recover again',
  'settling and retiring that power loss undoes in part and out of order',
  'a base beyond what is durable, or of another session or file',
  'settling beside appends, rotation, close, readers and a second settling',
  'SIGKILL, exit in the middle, uncaught exceptions, natural exit',
  'a second process, handle or thread, by any path',
  'an owner that was stopped and comes back after a takeover',
  'stale locks, reused process ids, locks removed by hand',
  'clocks that jump, blocked loops, busy pools',
  'readers and verification while the writer works',
  'bytes from anywhere in every decoder, and lengths that lie',
  'paths and links that lead out of the store; modes of files',
  'newer and older formats, unknown features and types',
  'a copy of a store that is in use',
  'salvage and accepted losses: exact, repeatable, the old bytes kept',
  'sound journals of every shape, never refused',
];

const start = '<!-- fault table: written by scripts/fault-table.mjs -->';
const end = '<!-- end of the fault table -->';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: new URL('..', import.meta.url).pathname },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write('Usage: node scripts/fault-table.mjs [--write | --check] [--root DIR]\n');
  process.exit(0);
}

const nameOf = (number) => `F${String(number).padStart(2, '0')}`;

/** Numbers of faults in titles of tests: in text, that is, and not in comments. */
function faultsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return new Set([...code.matchAll(/['"`\s,](F\d\d)\b/g)].map(([, name]) => name));
}

const tests = readdirSync(join(values.root, 'test'), { recursive: true })
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts') && path !== 'test/fault-table.test.ts')
  .sort();
const filesOf = new Map(faults.map((_, index) => [nameOf(index + 1), []]));
const problems = [];
for (const path of tests) {
  for (const name of faultsOf(readFileSync(join(values.root, path), 'utf8'))) {
    const files = filesOf.get(name);
    if (files === undefined) problems.push(`${path} names ${name}, which is no fault`);
    else files.push(path);
  }
}
for (const [name, files] of filesOf) if (files.length === 0) problems.push(`${name} has no test`);

const rows = faults.map((what, index) => {
  const name = nameOf(index + 1);
  const files = (filesOf.get(name) ?? []).map((path) => `\`${path.slice('test/'.length)}\``);
  return `| ${name} | ${what} | ${files.join(', ')} |`;
});
const table = ['| | fault | tests, below `test/` |', '|---|---|---|', ...rows].join('\n');

const path = join(values.root, 'ARCHITECTURE.md');
const document = readFileSync(path, 'utf8');
const [from, to] = [document.indexOf(start), document.indexOf(end)];
if (from === -1 || to < from) problems.push('ARCHITECTURE.md has no place for the table');
const written = `${document.slice(0, from)}${start}\n\n${table}\n\n${document.slice(to)}`;

if (values.check) {
  if (written !== document) {
    problems.push('the table in ARCHITECTURE.md is another one; run `npm run fault-table`');
  }
  process.stdout.write(problems.map((problem) => `${problem}\n`).join(''));
  process.exit(problems.length === 0 ? 0 : 1);
}
if (values.write && from !== -1) writeFileSync(path, written);
else process.stdout.write(`${table}\n`);
