/** What users install: the files in the package, its doors, and what it depends on. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: unknown;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** The environment without what npm tells the programs that it runs: npm itself would obey it. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const plain = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return Object.fromEntries(plain);
}

/** Paths in the package, as npm would pack it now. */
function packed(): string[] {
  const options = { cwd: root, encoding: 'utf8', env: plainEnvironment() } as const;
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options);
  const answer: unknown = JSON.parse(told);
  // npm 11 answers with a list of packages, npm 12 with an object by name.
  const [first] = Object.values(answer as object) as { files: { path: string }[] }[];
  return (first?.files ?? []).map(({ path }) => path);
}

/** True for a path that this entry of `files` brings into the package. */
function isBroughtBy(named: string, path: string): boolean {
  const [folder = '', ending] = named.split('/**/*');
  if (ending !== undefined) return path.startsWith(`${folder}/`) && path.endsWith(ending);
  return path === named || path.startsWith(`${named}/`);
}

describe('the package', () => {
  let paths: string[] = [];
  beforeAll(() => {
    expect(existsSync(join(root, 'dist')), 'dist is not built; run `npm run build`').toBe(true);
    paths = packed();
  });

  test('files holds the built code and every document that is named', () => {
    const wanted = ['package.json', 'README.md', 'LICENSE', ...manifest.files];
    const missing = wanted.filter((named) => !paths.some((path) => isBroughtBy(named, path)));
    expect(missing).toEqual([]);
  });

  test('files holds no sources, tests, settings or build leftovers', () => {
    const allowed = ['package.json', ...manifest.files];
    const foreign = paths.filter((path) => !allowed.some((named) => isBroughtBy(named, path)));
    expect(foreign).toEqual([]);
    expect(paths.filter((path) => /(^|\/)(src|test|bench)\/|\.test\./.test(path))).toEqual([]);
  });

  test('files holds all code once, in bundles that load fast', () => {
    const code = paths.filter((path) => path.endsWith('.js'));
    expect(code.filter((path) => !path.startsWith('dist/doors/'))).toEqual([]);
    // The worst door loads a few files; the modules behind it are more than five hundred.
    expect(code.length).toBeLessThan(20);
  });

  test('exports and bin name files that are in the package', () => {
    const doors = Object.values(manifest.exports).flatMap((door) =>
      typeof door === 'string' ? [door] : Object.values(door),
    );
    const named = [...doors, ...Object.values(manifest.bin)].map((path) => path.slice(2));
    expect(named.filter((path) => !paths.includes(path))).toEqual([]);
  });

  test('files holds no map, and no code that names one, because the sources are not there', () => {
    const stale = 'dist is older than its settings; run `npm run clean && npm run build`';
    expect(
      paths.filter((path) => path.endsWith('.map')),
      stale,
    ).toEqual([]);
    const naming = paths.filter((path) => {
      return (
        path.endsWith('.js') && readFileSync(join(root, path), 'utf8').includes('sourceMappingURL')
      );
    });
    expect(naming, stale).toEqual([]);
  });

  test('prepare builds, so that an installation from git has what the doors name', () => {
    expect(manifest.scripts['prepare']).toContain('build');
    expect(manifest.scripts['prepack']).toContain('build');
  });

  test('bin names programs that say which interpreter runs them', () => {
    for (const path of Object.values(manifest.bin)) {
      const [line] = readFileSync(join(root, path), 'utf8').split('\n');
      expect(line, path).toBe('#!/usr/bin/env node');
    }
  });
});

const usedSession = [
  "import { Store } from 'holdfast';",
  "const store: Store = await Store.open('store');",
  "const session = await store.openSession('s', { create: true });",
  "const { seq } = await session.append({ role: 'user', content: 'x' });",
  'export const number: number = seq;',
  '// @ts-expect-error: a session has types, and is not taken for anything.',
  'export const text: string = session;',
];

// Each door alone: what one of them asks of the compiler, it asks for all that is compiled.
test.each([
  ['holdfast', usedSession],
  ['holdfast/wal', ["export * from 'holdfast/wal';"]],
  ['holdfast/testing', ["export * from 'holdfast/testing';"]],
])('types of %s compile with the library of ES2022 and no types of Node', (_, consumer) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-types-'));
  const settings = {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      types: [],
      noEmit: true,
    },
    files: ['consumer.ts'],
  };
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/holdfast'), 'dir');
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    writeFileSync(join(folder, 'consumer.ts'), consumer.join('\n'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', '.'], options);
    expect(stdout).toBe('');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('dependencies are two, a third that an install may lack, and SQLite for those who have it', () => {
  expect(Object.keys(manifest.dependencies)).toEqual(['msgpackr', 'xxhash-wasm']);
  expect(Object.keys(manifest.optionalDependencies)).toEqual(['fs-ext']);
  expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(['better-sqlite3']);
  expect(manifest.peerDependenciesMeta).toEqual({ 'better-sqlite3': { optional: true } });
});

test('lint refuses a promise that nobody waits for, so its type-aware rules do run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
  const sync = 'export async function sync(): Promise<void> {}\n';
  const file = join(folder, 'probe.ts');
  const lint = (text: string): { status: number | null; stdout: string } => {
    writeFileSync(file, text);
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    const settings = join(root, '.oxlintrc.json');
    const args = [oxlint, '--type-aware', '--config', settings, file];
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  };
  try {
    expect(lint(`${sync}await sync();\n`)).toMatchObject({ status: 0 });
    for (const lost of ['sync();', 'void sync();']) {
      expect(lint(`${sync}${lost}\n`)).toMatchObject({
        status: 1,
        stdout: expect.stringContaining('no-floating-promises'),
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
