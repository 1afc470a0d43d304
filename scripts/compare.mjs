/**
 * `npm run compare -- [CASE ...] [options]`: runs the comparison of `bench/compare`, a package of its
 * own whose logs are not installed with this one. Installs nothing; makes the link by which that
 * package finds this one, and compiles it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'bench', 'compare');
const modules = join(folder, 'node_modules');

if (!existsSync(modules)) {
  process.stderr.write(
    'The logs to compare with are not installed; this does it, and compiles two of them:\n\n' +
      '  npm ci --prefix bench/compare\n',
  );
  process.exit(69);
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
