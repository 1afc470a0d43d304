/**
 * `npm run compare -- [CASE ...] [options]`: runs the comparison of `bench/compare`, a package of its
 * own whose logs are not installed with this one. Installs nothing; makes the link by which that
 * package finds this one, and compiles it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'bench', 'compare');
const modules = join(folder, 'node_modules');

function refuse(why, command) {
  process.stderr.write(`${why}; this does it:\n\n  ${command}\n`);
  process.exit(69);
}

if (!existsSync(join(modules, 'better-sqlite3'))) {
  refuse('The logs to compare with must be installed', 'npm ci --prefix bench/compare');
}
try {
  const Database = createRequire(join(folder, 'package.json'))('better-sqlite3');
  new Database(':memory:').close();
} catch (error) {
  // It is compiled for one version of Node, or was not compiled when it was installed.
  const [said] = error.message.split('\n');
  refuse(
    `The logs to compare with must be compiled for this Node (${said})`,
    'npm rebuild --prefix bench/compare',
  );
}
// npm would make the same link for a dependency `file:../..`, and would install into this folder too.
if (!existsSync(join(modules, 'holdfast')))
  symlinkSync('../../..', join(modules, 'holdfast'), 'dir');

const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
for (const args of [
  [compiler, '-p', folder],
  [join(folder, '.bench', 'compare', 'main.js'), ...process.argv.slice(2)],
]) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 70);
}
