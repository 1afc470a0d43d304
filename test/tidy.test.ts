/** The rules of the house, run over the project, and each of them shown to fail on a bad sample. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { filesBelow, parse, parseAll } from './helpers/source.ts';
import type { Source } from './helpers/source.ts';
import * as tidy from './helpers/tidy.ts';
import type { Breach } from './helpers/tidy-imports.ts';
import * as imports from './helpers/tidy-imports.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Breaches as `path:line message`, as an editor opens them. */
function told(breaches: readonly Breach[]): string[] {
  return breaches.map(({ path, line, message }) => `${path}:${line} ${message}`);
}

describe('the project', () => {
  const sources = parseAll(root, ['src', 'test', 'bench', 'scripts']);

  test.each(Object.entries(tidy.everyRule))('%s finds nothing to mend', (_name, rule) => {
    expect(told(rule(sources))).toEqual([]);
  });

  test('leftovers finds nothing in code, documents and settings', () => {
    const paths = filesBelow(root)
      .filter((path) => !path.startsWith('fixtures/') && path !== 'package-lock.json')
      .filter((path) => /\.(ts|js|mjs|json|md|yml|sh)$|^\.ci\//.test(path));
    const breaches = paths.flatMap((path) =>
      tidy.leftovers(path, readFileSync(join(root, path), 'utf8')),
    );
    expect(told(breaches)).toEqual([]);
  });

  test('parse reads the files that the rules are about', () => {
    const paths = sources.map(({ path }) => path);
    for (const path of ['src/base/assert.ts', 'test/tidy.test.ts', 'bench/main.ts']) {
      expect(paths).toContain(path);
    }
    expect(paths).toContain('scripts/make-transcript-fixtures.mjs');
    expect(paths).toContain('test/helpers/in-page.mjs');
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(10);
  });
});

/** Messages of one rule for one file. */
function found(rule: (source: Source) => Breach[], path: string, text: string): string[] {
  return rule(parse(path, text)).map(({ message }) => message);
}

describe('rules about imports', () => {
  test.each([
    ['src/format/frame.ts', '../platform/clock.ts', 'format may not import src/platform/clock.ts'],
    ['src/session/fold.ts', '../journal/seal.ts', 'session may not import src/journal/seal.ts'],
    ['src/journal/seal.ts', '../session/fold.ts', 'journal may not import src/session/fold.ts'],
    ['src/history/head.ts', '../recovery/see.ts', 'history may not import src/recovery/see.ts'],
    ['src/store/api.ts', '../index.ts', 'store may not import src/index.ts'],
    ['src/index.ts', './cli/main.ts', 'door may not import src/cli/main.ts'],
    ['src/store/api.ts', '../lost/found.ts', 'store may not import src/lost/found.ts'],
  ])('layering refuses that %s imports %s', (path, from, message) => {
    expect(found(imports.layering, path, `import type { A } from '${from}';`)).toEqual([message]);
    expect(found(imports.layering, path, `type A = import('${from}').A;`)).toEqual([message]);
    expect(found(imports.layering, path, `export { a } from '${from}';`)).toEqual([message]);
  });

  test('layering allows what stands to the left, and the doors for the command line', () => {
    const left = "import { a } from '../base/assert.ts'; import { b } from '../session/fold.ts';";
    expect(found(imports.layering, 'src/store/store.ts', left)).toEqual([]);
    expect(found(imports.layering, 'src/cli/main.ts', "import { a } from '../index.ts';")).toEqual(
      [],
    );
  });

  test('layering refuses a folder that has no place', () => {
    expect(found(imports.layering, 'src/misc/all.ts', '')).toEqual([
      'has no place among the layers; give its folder one in test/helpers',
    ]);
  });

  test('cycles tells a cycle once, with its road, also when only types go round', () => {
    const sources = [
      parse('src/base/a.ts', "import type { B } from './b.ts';"),
      parse('src/base/b.ts', "export * from './c.ts';"),
      parse('src/base/c.ts', "import { a } from './a.ts';"),
      parse('src/base/d.ts', "import { a } from './a.ts';"),
    ];
    expect(told(imports.cycles(sources))).toEqual([
      'src/base/a.ts:1 imports itself: src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts',
    ]);
  });

  test('deadFiles tells a file that nothing imports, and spares the entry points', () => {
    const sources = [
      parse('src/index.ts', "import './base/used.ts';"),
      parse('src/base/used.ts', ''),
      parse('src/base/unused.ts', ''),
    ];
    expect(told(imports.deadFiles(sources))).toEqual([
      'src/base/unused.ts:1 is imported by nothing',
    ]);
  });

  test.each([
    ["import { openSync } from 'node:fs';", 'src/platform/disk.ts', 'src/journal/seal.ts'],
    ["const { flockSync } = require('fs-ext');", 'src/platform/lock.ts', 'src/store/store.ts'],
    ["await import('node:worker_threads');", 'src/platform/thread.ts', 'src/cli/main.ts'],
    ["import { channel } from 'node:diagnostics_channel';", 'src/platform/a.ts', 'src/store/a.ts'],
    ["import xxhash from 'xxhash-wasm';", 'src/format/checksum.ts', 'src/format/frame.ts'],
    ["import { createHash } from 'node:crypto';", 'src/format/checksum.ts', 'src/session/fold.ts'],
    ["import { randomUUID } from 'node:crypto';", 'src/platform/random.ts', 'src/cli/main.ts'],
    ["import { Packr } from 'msgpackr/pack';", 'src/format/payload.ts', 'src/session/codec.ts'],
    ["import { setTimeout } from 'node:timers/promises';", 'src/cli/main.ts', 'src/store/a.ts'],
  ])('moduleConfinement allows %s in %s and refuses it in %s', (text, good, bad) => {
    expect(found(imports.moduleConfinement, good, text)).toEqual([]);
    expect(found(imports.moduleConfinement, bad, text)).toHaveLength(1);
  });

  test('moduleConfinement refuses chance beside the digests, bare names and new packages', () => {
    const refused = (path: string, from: string, name = 'a'): string[] =>
      found(imports.moduleConfinement, path, `import { ${name} } from '${from}';`);
    expect(refused('src/format/checksum.ts', 'node:crypto', 'randomBytes')).toHaveLength(1);
    expect(refused('src/store/store.ts', 'path')).toContain("'path' is written 'node:path'");
    expect(refused('src/store/store.ts', 'left-pad')).toHaveLength(1);
    expect(refused('src/store/store.ts', 'node:path')).toEqual([]);
  });

  test.each([
    ['Date.now();', 'Date.now'],
    ['new Date();', 'Date()'],
    ['Date();', 'Date()'],
    ['performance.now();', 'performance'],
    ['setTimeout(f, 1);', 'setTimeout'],
    ['globalThis.setInterval(f, 1);', 'setInterval'],
    ['AbortSignal.timeout(1);', 'AbortSignal.timeout'],
    ['Math.random();', 'Math.random'],
    ['crypto.randomUUID();', 'crypto'],
    ['process.pid;', 'process'],
    ['console.log(1);', 'console'],
    ['const all = { process };', 'process'],
  ])('globalConfinement refuses `%s` in a store', (text, name) => {
    const messages = found(imports.globalConfinement, 'src/store/store.ts', text);
    expect(messages.map((message) => message.split(' ')[0])).toContain(name);
  });

  test('globalConfinement lets the platform tell the time and the command line print', () => {
    expect(found(imports.globalConfinement, 'src/platform/clock.ts', 'Date.now();')).toEqual([]);
    expect(found(imports.globalConfinement, 'src/cli/main.ts', 'console.log(new Date());')).toEqual(
      [],
    );
    expect(found(imports.globalConfinement, 'src/cli/main.ts', 'Math.random();')).toHaveLength(1);
    expect(found(imports.globalConfinement, 'src/platform/log.ts', 'console.log();')).toHaveLength(
      1,
    );
  });

  test('globalConfinement spares a given time, keys and text that only look like globals', () => {
    const text = `new Date(timeMs); event.process; const x = { console: 1 }; 'Date.now()'; // process
      interface Timer { performance: number }`;
    expect(found(imports.globalConfinement, 'src/store/store.ts', text)).toEqual([]);
  });
});

describe('rules about reading', () => {
  const lines = (count: number): string => 'f();\n'.repeat(count);

  test.each([
    'src/base/a.ts',
    'test/a.test.ts',
    'test/helpers/a.mjs',
    'bench/a.ts',
    'scripts/a.mjs',
  ])('fileSize counts the lines of %s', (path) => {
    expect(found(tidy.fileSize, path, lines(400))).toEqual([]);
    expect(found(tidy.fileSize, path, lines(401))).toEqual(['has 401 lines, more than 400']);
  });

  test.each(['function a() {', 'const a = () => {', 'class A { a() {', 'const a = { async a() {'])(
    'functionSize counts the lines of `%s`',
    (head) => {
      const tail = '}'.repeat(head.split('{').length - 1);
      const text = (count: number): string => `${head}\n'{'; /[{]/; // {\n${lines(count)}${tail}`;
      expect(found(tidy.functionSize, 'src/base/a.ts', text(57))).toEqual([]);
      expect(found(tidy.functionSize, 'src/base/a.ts', text(58))).toEqual([
        'has 61 lines, more than 60',
      ]);
    },
  );

  test('lineWidth refuses what the formatter could not wrap, and spares literals and addresses', () => {
    const long = 'x'.repeat(101);
    expect(found(tidy.lineWidth, 'src/base/a.ts', `// ${long}`)).toEqual([
      'has 104 columns, more than 100',
    ]);
    expect(found(tidy.lineWidth, 'src/base/a.ts', `f('${long}');`)).toEqual([]);
    expect(found(tidy.lineWidth, 'src/base/a.ts', `f(\`\${a} ${long}\`);`)).toEqual([]);
    expect(found(tidy.lineWidth, 'src/base/a.ts', `// https://example.org/${long}`)).toEqual([]);
  });

  test('opening wants a block comment first, after the line that names the interpreter', () => {
    expect(found(tidy.opening, 'src/base/a.ts', '/** What for. */\nf();')).toEqual([]);
    expect(found(tidy.opening, 'src/cli/main.ts', '#!/usr/bin/env node\n/** What for. */')).toEqual(
      [],
    );
    expect(found(tidy.opening, 'src/base/a.ts', '// What for.\nf();')).toHaveLength(1);
    expect(found(tidy.opening, 'src/base/a.ts', 'f();\n/** What for. */')).toHaveLength(1);
  });

  test.each([
    'export const a = 1;',
    'export interface a {}',
    'export type a = 1;',
    'export function a() {}',
    'export class a {}',
    'const a = 1; export { a };',
  ])('documentation wants a comment for `%s`', (text) => {
    const first = '/** What the file is for. */\n';
    const missing = ['exports a without a doc comment'];
    expect(found(tidy.documentation, 'src/base/a.ts', first + text)).toEqual(missing);
    expect(found(tidy.documentation, 'src/base/a.ts', `${first}// No.\n${text}`)).toEqual(missing);
    expect(found(tidy.documentation, 'src/base/a.ts', `${first}/** Yes. */\n${text}`)).toEqual([]);
  });

  test('documentation spares what is handed on, and asks one comment for all overloads', () => {
    const overloads = `/** File. */
      export * from './b.ts'; export { c } from './c.ts';
      /** Does it. */
      export function a(x: 1): void;
      export function a(x: 2): void;
      export function a(x: unknown): void {}`;
    expect(found(tidy.documentation, 'src/base/a.ts', overloads)).toEqual([]);
  });

  test.each([
    'let a: any;',
    'enum A { b }',
    'namespace A {}',
    'export default 1;',
    'class A { private b = 1; }',
    'class A { protected b(): void {} }',
    'class A { constructor(readonly b: 1) {} }',
    'a!.b();',
  ])('syntax refuses `%s`', (text) => {
    expect(found(tidy.syntax, 'src/base/a.ts', text)).toHaveLength(1);
    expect(found(tidy.syntax, 'test/a.test.ts', text)).toEqual([]);
  });

  test('syntax spares what only looks unwanted', () => {
    const text = "class A { #b = 1; } const any = 'any'; if (!a) f(!b.c); // private any!";
    expect(found(tidy.syntax, 'src/base/a.ts', text)).toEqual([]);
    expect(found(tidy.syntax, 'src/format/a.d.ts', "declare module 'a' {}")).toEqual([]);
  });

  test.each([
    ['list.push(...items);', 1],
    ['this.#list.unshift(1, ...f(items));', 1],
    ['Math.max(0, ...numbers);', 1],
    ['list.push([...items]);', 0],
    ['textOf(data, ...names);', 0],
  ])('spreads judges `%s`', (text, count) => {
    expect(found(tidy.spreads, 'src/transcript/a.ts', text)).toHaveLength(count);
    expect(found(tidy.spreads, 'src/store/a.ts', text)).toEqual([]);
  });

  test.each([
    ["new HoldfastError('IO', 'cannot read', {});", 1],
    ["new HoldfastError('IO', 'Cannot read.', {});", 1],
    ["new HoldfastError('IO', `Cannot read ${a}.`, {});", 1],
    ["new HoldfastError('IO', `Cannot read ${a}`, {});", 0],
    ["new HoldfastError('IO', 'Cannot read: EIO', {});", 0],
    ["new HoldfastError('IO', `${what} is closed`, {});", 0],
    ["new Error('cannot read.');", 0],
  ])('errorMessages judges `%s`', (text, count) => {
    expect(found(tidy.errorMessages, 'src/base/a.ts', text)).toHaveLength(count);
  });

  test.each([
    ["test('append works', f);", 1],
    ["it('— is not a word at all', f);", 1],
    ["test.each(rows)('works', f);", 1],
    ["test.skipIf(x)('works', f);", 1],
    ["test('append resolves after its fsync', f);", 0],
    ['test(`${name} survives a crash`, f);', 0],
    ["other('works', f);", 0],
  ])('testNames judges `%s`', (text, count) => {
    expect(found(tidy.testNames, 'test/a.test.ts', text)).toHaveLength(count);
  });

  test('fileNames wants kebab-case in every folder', () => {
    expect(found(tidy.fileNames, 'src/base/groupCommit.ts', '')).toHaveLength(1);
    expect(found(tidy.fileNames, 'src/base/Group.ts', '')).toHaveLength(1);
    expect(found(tidy.fileNames, 'test/journal/group-commit.test.ts', '')).toEqual([]);
  });

  test.each([
    [`// FIX${'ME'}: later`, 1],
    [`// TO${'DO'}: later`, 1],
    [`// TO${'DO'}(zstd): when Node 20 is gone`, 0],
    [`cd /wor${'k'}/main`, 1],
    [`'/tmp/b${'ash'}_jobs/1'`, 1],
    [`shared/tran${'scripts'}/a.jsonl`, 1],
    [`src/wor${'k'}/main and https://example.org/wor${'k'}/ are fine`, 0],
  ])('leftovers judges `%s`', (text, count) => {
    expect(tidy.leftovers('src/base/a.ts', text)).toHaveLength(count);
  });

  test('leftovers lets a test of the corpus say where it lies', () => {
    const text = `process.env['HOLDFAST_CORPUS'] ?? 'shared/tran${'scripts'}'`;
    expect(tidy.leftovers('test/corpus.test.ts', text)).toEqual([]);
    expect(tidy.leftovers('src/corpus.ts', text)).toHaveLength(1);
  });
});
