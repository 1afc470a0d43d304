/** A program that is bundled with Holdfast: its thread is a file of its own, and its lack is told. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const doors = join(root, 'dist/doors');
const directory = mkdtempSync(join(tmpdir(), 'holdfast-bundle-'));
const program = join(directory, 'app.mjs');

beforeAll(() => {
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  writeFileSync(
    program,
    `import { Store } from ${JSON.stringify(join(doors, 'index.js'))};
    const told = ({ code, message }) => console.log(code, message);
    const store = await Store.open(process.argv[2], { io: 'worker' }).catch(told);
    if (store !== undefined) console.log('opened');
    await store?.close();`,
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

async function bundled(name: string, more: Readonly<Record<string, string>>): Promise<string> {
  const input = { app: program, ...more };
  const bundle = await rolldown({ input, platform: 'node', external: ['fs-ext'] });
  const dir = join(directory, name);
  await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js' });
  await bundle.close();
  const words = [join(dir, 'app.js'), join(directory, `${name}-store`)];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return stdout + stderr;
}

describe('a bundle', () => {
  test('without the thread tells which file it lacks, and what to do', async () => {
    const told = await bundled('alone', {});
    expect(told).toMatch(/^IO Cannot start the thread of the journal: Cannot find module/);
    const path = JSON.stringify(join(directory, 'alone', 'journal-worker.js'));
    expect(told).toContain(`build "holdfast/io-worker" as ${path}`);
  });

  test('with holdfast/io-worker beside it as journal-worker.js opens a store', async () => {
    const worker = { 'journal-worker': join(doors, 'journal-worker.js') };
    expect(await bundled('whole', worker)).toBe('opened\n');
  });
});
