/**
 * `npm run build`: compiles `src` into modules and their types (`dist`), and bundles the doors of the
 * package (`dist/doors`). Users get the bundles and the types: to load a bundle takes a third of the
 * time of the 185 modules that it is made of. The modules are for this repository, whose tests and
 * tools name them one by one.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const doors = join(dist, 'doors');

/** Everything that is started or imported by its name; parts that several need are bundled once. */
const entries = {
  index: 'index.js',
  wal: 'wal.js',
  testing: 'testing.js',
  'journal-worker': 'journal/journal-worker.js',
  'reading-worker': 'recovery/reading-worker.js',
  main: 'cli/main.js',
  recover: 'cli/recover.js',
};
const programs = ['main', 'recover'];

/** True when the types fit; the modules are written in any case. */
function compile() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', join(root, 'tsconfig.json')];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
}

async function bundle() {
  const input = Object.entries(entries).map(([name, path]) => [name, join(dist, path)]);
  // Dependencies stay where npm puts them, and a user finds in a trace what is in our code.
  const bundled = await rolldown({
    input: Object.fromEntries(input),
    external: /^[^./]/,
    platform: 'node',
    // What was tested is what is shipped.
    treeshake: false,
  });
  const { output } = await bundled.generate({
    format: 'esm',
    chunkFileNames: 'part-[hash].js',
    // The sources are not in the package.
    sourcemap: false,
  });
  await bundled.close();
  // Parts of an earlier build have other names.
  rmSync(doors, { recursive: true, force: true });
  mkdirSync(doors, { recursive: true });
  for (const { fileName, code } of output) writeFileSync(join(doors, fileName), code);
  for (const name of programs) chmodSync(join(doors, `${name}.js`), 0o755);
}

const fits = compile();
await bundle();
if (!fits) process.exitCode = 1;
