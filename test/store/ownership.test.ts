/** Who may write: real processes, threads, links and mounts on one store, stopped and killed. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Store } from '../../src/store/store.ts';
import { place, eachInItsPlace, library, other, here, textsOf, lockedBy } from './owner-lab.ts';

eachInItsPlace();

describe('one writer of a session', () => {
  it('F44: a second process gets LOCKED with the owner named, and may use other sessions', async () => {
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one']);
    const store = await here({ lockWaitMs: 100 });
    await expect(store.openSession('s')).rejects.toMatchObject(lockedBy(owner.pid));
    await expect(store.deleteSession('s')).rejects.toMatchObject(lockedBy(owner.pid));
    const mine = await store.createSession({ id: 'mine' });
    expect(await mine.append({ role: 'user', content: 'x' })).toEqual({ seq: 1 });
    await owner.append('s', ['two']);
  });

  it('F44: a second handle in the same store, and a second store in this thread, get LOCKED', async () => {
    const store = await here({ lockWaitMs: 100 });
    await store.createSession({ id: 's' });
    await expect(store.openSession('s')).rejects.toMatchObject(lockedBy(process.pid));
    await expect(Store.open(place.root)).rejects.toMatchObject(lockedBy(process.pid));
    const link = join(place.directory, 'link');
    fs.symlinkSync(place.root, link);
    await expect(Store.open(link)).rejects.toMatchObject(lockedBy(process.pid));
    // Reading needs no lock.
    const reader = await here({ mode: 'read' });
    expect((await reader.openSession('s')).state.messages).toBe(0);
    await store.close();
    await here();
  });

  it('F44: a worker thread gets LOCKED', async () => {
    const store = await here();
    await store.createSession({ id: 's' });
    const code = `const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(library)}).then(async ({ Store }) => {
        const store = await Store.open(${JSON.stringify(place.root)}, { lockWaitMs: 100 });
        const told = await store.openSession('s').then(
          () => 'opened',
          ({ code, details }) => ({ code, pid: details.owner.pid }),
        );
        await store.close();
        parentPort.postMessage(told);
      });`;
    const worker = new Worker(code, { eval: true });
    const [told] = (await once(worker, 'message')) as [unknown];
    await once(worker, 'exit');
    expect(told).toEqual({ code: 'LOCKED', pid: process.pid });
  });

  it('F44: a symlinked path leads to the same locks', async () => {
    const owner = await other();
    await owner.session('s');
    const link = join(place.directory, 'link');
    fs.symlinkSync(place.root, link);
    const store = await here({ lockWaitMs: 100 }, link);
    await expect(store.openSession('s')).rejects.toMatchObject(lockedBy(owner.pid));
  });

  it('F44: a bind-mounted path leads to the same locks', async (context) => {
    const owner = await other();
    await owner.session('s');
    const mount = join(place.directory, 'mount');
    fs.mkdirSync(mount);
    const made = spawnSync('mount', ['--bind', place.root, mount], { encoding: 'utf8' });
    if (made.status !== 0) {
      context.skip(`did not run: no right to mount here (${made.stderr || String(made.error)})`);
    }
    try {
      const store = await Store.open(mount, { lockWaitMs: 100 });
      await expect(store.openSession('s')).rejects.toMatchObject(lockedBy(owner.pid));
      const stranger = await store.createSession({ id: 't' });
      await stranger.append({ role: 'user', content: 'x' });
      await expect(Store.open(place.root)).rejects.toMatchObject(lockedBy(process.pid));
      await store.close();
    } finally {
      expect(spawnSync('umount', [mount]).status).toBe(0);
    }
  });

  it('F46: the lock of a killed owner is free at once, and the session has everything', async () => {
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one', 'two']);
    const store = await here();
    await owner.end();
    const began = performance.now();
    expect(await textsOf(store, 's')).toEqual(['one', 'two']);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('a session that waits for its lock opens the moment the owner dies', async () => {
    const store = await here({ lockWaitMs: 20_000 });
    for (let round = 0; round < 4; round += 1) {
      const owner = await other();
      // Many sessions: their locks fall one by one, before and after that of the journal.
      const ids = Array.from({ length: 12 }, (_, index) => `r${round}-${index}`);
      for (const id of ids) {
        await owner.session(id);
        await owner.append(id, [id]);
      }
      const opening = Promise.all(ids.map((id) => textsOf(store, id)));
      await owner.end();
      expect(await opening).toEqual(ids.map((id) => [id]));
    }
  });

  it('a session closed by one process while it lives opens in another with everything', async () => {
    const owner = await other();
    await owner.session('s');
    await owner.session('stays');
    for (let turn = 0; turn < 3; turn += 1) {
      await owner.append('s', [`owner ${turn}`]);
      await owner.call('closeSession', { id: 's' });
      const store = await here();
      const session = await store.openSession('s');
      await session.append({ role: 'user', content: `here ${turn}` });
      await store.close();
      await owner.session('s');
    }
    const turns = [0, 1, 2].flatMap((turn) => [`owner ${turn}`, `here ${turn}`]);
    expect(await owner.call('read', { id: 's' })).toEqual(turns);
    await owner.end();
    expect(await textsOf(await here(), 's')).toEqual(turns);
  });

  it('F45: an owner that is stopped keeps its session, and goes on when it is resumed', async () => {
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one']);
    owner.signal('SIGSTOP');
    const store = await here({ lockWaitMs: 300 });
    expect(store.recovery?.verdict).toBe('clean');
    await expect(store.openSession('s')).rejects.toMatchObject(lockedBy(owner.pid));
    owner.signal('SIGCONT');
    await owner.append('s', ['two']);
    expect(await owner.call('read', { id: 's' })).toEqual(['one', 'two']);
  });
});
