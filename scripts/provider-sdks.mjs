/**
 * Installs the SDKs of the providers, a package of its own in `test/providers`, unless exactly what
 * its lock file names is there. `npm test` runs this first, so that the exports are held against the
 * published types and schemas wherever there is a registry; without one it says so, and the tests
 * that need them say that they did not run.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/providers', import.meta.url));
const stamp = join(folder, 'node_modules', '.installed-lock');
const lock = createHash('sha256')
  .update(readFileSync(join(folder, 'package-lock.json')))
  .digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  process.stderr.write('Installing the SDKs of the providers for the tests of the exports\n');
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // Settings of the npm that runs this are about the package above.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|command)/.test(name)),
  );
  const { status } = spawnSync('npm', words, {
    cwd: folder,
    env,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 600_000,
  });
  if (status === 0) writeFileSync(stamp, lock);
  else process.stderr.write('Not installed; the tests that need them will say so\n');
}
