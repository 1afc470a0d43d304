/** Copies of the compiled code with a bug in them, and the checks that run against such a copy. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './checks.ts';
import type { Edit } from './mutation.ts';

/** Longest time that a check takes; a bug may also make it hang, which counts as caught. */
const checkMsMax = 600_000;

/** Compiled tests run as they are. */
const vitestConfig = `export default {
  test: { include: ['test/**/*.test.js'], pool: 'forks', testTimeout: 300_000 },
};
`;

/** The text with the edit in it. Throws unless what it replaces stands there exactly once. */
export function edited(text: string, { file, find, replace }: Edit): string {
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new Error(`In ${file} stands ${count} times, and not once: ${JSON.stringify(find)}`);
  }
  // A function, because `$` means something in a replacement text.
  return text.replace(find, () => replace);
}

/** Copies the compiled code into a directory that is empty, with these edits. */
export function plant(root: string, directory: string, edits: readonly Edit[]): void {
  cpSync(join(root, '.sim'), directory, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'dir');
  writeFileSync(join(directory, 'vitest.config.js'), vitestConfig);
  for (const edit of edits) {
    const path = join(directory, 'src', `${edit.file}.js`);
    writeFileSync(path, edited(readFileSync(path, 'utf8'), edit));
  }
}

/** What the check found in the copy; null when it passed. */
export function caught(directory: string, check: Check): string | null {
  return 'test' in check ? failedTest(directory, check.test) : violation(directory, check);
}

function violation(directory: string, check: Check): string | null {
  const main = join(directory, 'test/seeded-bugs/check.js');
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [main, JSON.stringify(check)],
    { encoding: 'utf8', timeout: checkMsMax },
  );
  if (status === 0) return null;
  if (status === 1 && stdout !== '') return stdout.trim();
  return error?.message ?? `it ended with ${status}: ${stderr.slice(-200)}`;
}

/** The first test that failed; what a test runner says without one is an error of ours. */
function failedTest(directory: string, test: string): string | null {
  const runner = join(directory, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [runner, 'run', '--reporter=json', `test/${test}.test.js`],
    { encoding: 'utf8', timeout: checkMsMax, cwd: directory, env: plainEnvironment() },
  );
  if (status === 0) return null;
  const failed = /"status":"failed","title":"((?:[^"\\]|\\.)*)"/.exec(stdout)?.[1];
  if (failed === undefined) throw new Error(`The tests did not run: ${stdout}${stderr}`);
  return failed;
}

/** Without what a test runner tells the processes that it starts. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS)/.test(name));
  return Object.fromEntries(own);
}
