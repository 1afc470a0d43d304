/** Compiled copies of the sources and tests, in which the test runner stands in for `vitest`. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const copied = ['src', 'test'];
const notLinked = new Set([...copied, '.git', '.mutants', 'node_modules', 'dist', 'package.json']);

/** Compiles the project, with some other texts (`{name, content}`) in the place of its own. */
export function buildTree(root, directory, others) {
  rmSync(directory, { recursive: true, force: true });
  const sources = join(directory, 'typescript');
  for (const name of copied) cpSync(join(root, name), join(sources, name), { recursive: true });
  for (const { name, content } of others) writeFileSync(join(sources, name), content);
  compile(root, directory, sources);
  for (const name of copied) copyPlain(join(sources, name), join(directory, name));
  rmSync(sources, { recursive: true });
  for (const name of readdirSync(root)) {
    if (!notLinked.has(name)) symlinkSync(join(root, name), join(directory, name));
  }
  // Threads and programs that a test starts run from what is tested.
  symlinkSync('src', join(directory, 'dist'), 'dir');
  // Nothing is bundled there: the doors are the modules themselves.
  const manifest = readFileSync(join(root, 'package.json'), 'utf8').replaceAll(
    'dist/doors/',
    'dist/',
  );
  writeFileSync(join(directory, 'package.json'), manifest);
  const door = join(directory, 'node_modules/vitest');
  mkdirSync(door, { recursive: true });
  copyFileSync(join(root, 'scripts/mutants/vitest.mjs'), join(door, 'index.mjs'));
  const described = { name: 'vitest', type: 'module', exports: { '.': './index.mjs' } };
  writeFileSync(join(door, 'package.json'), JSON.stringify(described));
}

function compile(root, directory, sources) {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: sources,
      outDir: directory,
      isolatedDeclarations: false,
      declaration: false,
      noCheck: true,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    exclude: [],
    include: copied.map((name) => join(sources, name)),
  };
  const path = join(sources, 'tsconfig.json');
  writeFileSync(path, JSON.stringify(config));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', path], { stdio: 'inherit' });
}

/** What the compiler does not take along. */
function copyPlain(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    if (entry.isDirectory()) copyPlain(path, join(to, entry.name));
    else if (!/(?<!\.d)\.ts$/.test(entry.name)) {
      mkdirSync(to, { recursive: true });
      writeFileSync(join(to, entry.name), readFileSync(path));
    }
  }
}
