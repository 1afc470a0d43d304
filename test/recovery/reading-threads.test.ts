/** Verifying in threads: the same report as without them, and damage told by the one who asked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { layoutOf } from '../../src/recovery/layout.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import { nodeParts } from '../../src/recovery/parts.ts';
import { readHere, readAheadInThreads } from '../../src/recovery/reading-threads.ts';
import type { Readable } from '../../src/recovery/reading-threads.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import { scanSession } from '../../src/recovery/scan.ts';
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';

const say = (content: string): Message => ({ role: 'user', content });
const ids = ['a', 'b', 'c', 'd', 'e'];
const always = { bytesMin: 0, threadsMax: 2 };

let root = '';
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-reading-'));
  const store = await Store.open(root, { io: 'pool' });
  for (const id of ids) {
    const session = await store.createSession({ id });
    await session.appendAll(ids.map((text) => say(`${id}: ${text.repeat(400)}`)));
    await session.intend({ id: `call-${id}`, name: 'pay' });
  }
  await store.close();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A byte in the middle of a message of this session. */
function harm(id: string): void {
  const path = join(root, 'sessions', id, 'history');
  const bytes = readFileSync(path);
  const at = bytes.indexOf(`${id}: ccc`);
  bytes[at + 100] = (bytes[at + 100] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

async function readable(): Promise<readonly Readable[]> {
  const parts = await nodeParts();
  const scans = ids.map((id) => scanSession(parts, layoutOf(root), id));
  return (await Promise.all(scans)).map(({ head, paths, fileBytes: bytes }) => ({
    path: paths.history,
    head: present(head, 'it is sound'),
    bytes,
  }));
}

async function verifiedWith(readAhead: Parts['readAhead']): Promise<unknown> {
  const { readAhead: _, ...parts } = await nodeParts();
  const own = readAhead === undefined ? parts : { ...parts, readAhead };
  return recoverWith(own, root, { mode: 'verify' });
}

describe('recover, mode verify, in threads', () => {
  it.each([
    ['a sound store', []],
    ['a store with a damaged session', ['b']],
    ['a store in which every session is damaged', ids],
  ])('tells of %s what it tells without threads', async (_, harmed) => {
    for (const id of harmed) harm(id);
    const told = await verifiedWith(readAheadInThreads(always));
    expect(told).toEqual(await verifiedWith(undefined));
    expect(told).toMatchObject({ verdict: harmed.length > 0 ? 'damaged' : 'clean' });
  });

  it('ends its threads when the caller gives up in the middle', async () => {
    const control = new AbortController();
    const { signal } = control;
    const parts = { ...(await nodeParts()), readAhead: readAheadInThreads(always) };
    const onProgress = (): void => control.abort();
    const given = recoverWith(parts, root, { mode: 'verify', signal, onProgress });
    await expect(given).rejects.toThrow('aborted');
  });
});

describe('readAheadInThreads', () => {
  it('reads sound sessions, and leaves a damaged one to its caller', async () => {
    harm('c');
    const sessions = await readable();
    const ahead = readAheadInThreads(always)(sessions);
    const read: (number | null)[] = [];
    for (const { path } of sessions) {
      read.push((await ahead.of(path))?.fold.messages ?? null);
      // Only once: whoever looks again wants to know how it is then.
      expect(await ahead.of(path)).toBeNull();
    }
    await ahead.end();
    expect(read).toEqual([5, 5, null, 5, 5]);
  });

  it.each([
    ['there are few bytes', { bytesMin: 1024 ** 3, threadsMax: 2 }],
    ['there is one processor', { bytesMin: 0, threadsMax: 1 }],
  ])('leaves everything to its caller when %s', async (_, limits) => {
    const sessions = await readable();
    const ahead = readAheadInThreads(limits)(sessions);
    for (const { path } of sessions) expect(await ahead.of(path)).toBeNull();
    await ahead.end();
  });
});

describe('readHere', () => {
  it('tells nothing of a session with a fault, and fails as the machine fails', async () => {
    const fileSystem = nodeFileSystem('inline');
    const task = present((await readable())[0], 'there are sessions');
    expect(await readHere(fileSystem, task)).not.toBeNull();
    harm('a');
    expect(await readHere(fileSystem, task)).toBeNull();
    rmSync(task.path);
    await expect(readHere(fileSystem, task)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
