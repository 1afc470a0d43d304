/**
 * `npm run seeded-bugs -- [--only TEXT]`: plants every bug of the list into a copy of the compiled code,
 * runs the check that has to catch it, and prints a table. Ends with 1 when one is not caught, or when
 * a check fails without any bug.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chosen, readOptions } from './usage.mjs';

const { values } = readOptions({
  usage: `Usage: npm run seeded-bugs -- [--only TEXT]

  --only TEXT   bugs whose name has this text in it

Prints a table: each bug, the check that caught it and what that found; then the sums. Ends with 0 when
every bug is caught and every check passes without one, with 1 when not, with 64 for wrong usage.
`,
  options: { only: { type: 'string', default: '' } },
});
const { nameOf } = await import('../.sim/test/seeded-bugs/checks.js');
const { mutations } = await import('../.sim/test/seeded-bugs/mutations.js');
const { caught, plant } = await import('../.sim/test/seeded-bugs/planted.js');

const root = fileURLToPath(new URL('..', import.meta.url));
const begin = process.hrtime.bigint();
const bugs = chosen(mutations, values.only);
const checks = new Map();
let missed = 0;
let equivalent = 0;

function inCopy(edits, work) {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bug-'));
  try {
    plant(root, directory, edits);
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

process.stdout.write('| seeded bug | caught by | what it found |\n|---|---|---|\n');
for (const { name, edits, caughtBy } of bugs) {
  if ('equivalent' in caughtBy) {
    equivalent += 1;
    process.stdout.write(`| ${name} | nothing: equivalent | ${caughtBy.equivalent} |\n`);
    continue;
  }
  checks.set(JSON.stringify(caughtBy), caughtBy);
  const found = inCopy(edits, (directory) => caught(directory, caughtBy));
  if (found === null) missed += 1;
  const [line] = (found ?? 'NOT CAUGHT').split('\n');
  process.stdout.write(`| ${name} | ${nameOf(caughtBy)} | ${line.slice(0, 110)} |\n`);
}
let failing = 0;
inCopy([], (directory) => {
  for (const check of checks.values()) {
    const found = caught(directory, check);
    if (found === null) continue;
    failing += 1;
    process.stdout.write(`Without any bug, ${nameOf(check)} finds: ${found}\n`);
  }
});
const seconds = Number((process.hrtime.bigint() - begin) / 1_000_000_000n);
process.stdout.write(
  `${bugs.length} seeded bugs: ${bugs.length - missed - equivalent} caught, ${missed} not, ` +
    `${equivalent} equivalent; ${checks.size - failing} of ${checks.size} checks pass without a bug; ` +
    `${seconds} s\n`,
);
process.exit(missed + failing > 0 ? 1 : 0);
