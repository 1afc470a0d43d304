/**
 * Locks are what keeps two writers apart, so a machine on which they cannot be taken fails the gate.
 * No test of locks skips itself: this one says first what to run.
 */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as FsExt from 'fs-ext';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-gate-'));
const descriptors: number[] = [];

afterAll(() => {
  for (const descriptor of descriptors) closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

/** Loads the native module, or says how to build it for this Node. */
async function loadFsExt(): Promise<typeof FsExt> {
  try {
    return await import('fs-ext');
  } catch (cause) {
    const node = `Node ${process.versions.node} (ABI ${process.versions.modules})`;
    throw new Error(
      `fs-ext does not load on ${node}. Run \`npm rebuild fs-ext\`; it needs a C++ compiler, make and ` +
        'python3. npm 12 asks for `npm install-scripts approve fs-ext` before that.',
      { cause },
    );
  }
}

test('flockSync keeps a second descriptor of one file out until the first lets go', async () => {
  const { flockSync } = await loadFsExt();
  const open = (): number => {
    const descriptor = openSync(join(folder, 'LOCK'), 'a+');
    descriptors.push(descriptor);
    return descriptor;
  };
  const [first, second] = [open(), open()];
  flockSync(first, 'exnb');
  expect(() => flockSync(second, 'exnb')).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  flockSync(first, 'un');
  flockSync(second, 'exnb');
});
