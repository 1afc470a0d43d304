/** Opening a store: what is made, what is refused, and what a wait for its lock ends with. */
import { describe, expect, it } from 'vitest';
import { xxh64 } from '../../src/format/checksum.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

describe('Store.open', () => {
  it('open makes a store, and opening it again finds everything', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    expect(store).toMatchObject({ root: simRoot, mode: 'write' });
    expect(store.recovery).toMatchObject({ verdict: 'clean', changed: false, sessions: [] });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(store.close());
    const again = await machine.open();
    expect(again.recovery).toMatchObject({ verdict: 'clean', changed: false });
    expect(await texts(machine, await machine.run(again.openSession('s')))).toEqual(['one']);
  });

  it('open for reading makes nothing, and refuses what is no store', async () => {
    const machine = await SimMachine.start();
    await expect(machine.open({ mode: 'read' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(machine.disk.paths()).toEqual([]);
    machine.disk.makeDirectory(simRoot);
    await expect(machine.open({ mode: 'read' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('open refuses a directory of something else, and changes nothing in it', async () => {
    const machine = await SimMachine.start();
    machine.disk.writeFile(`${simRoot}/thesis.txt`, new Uint8Array(3));
    await expect(machine.open()).rejects.toMatchObject({ code: 'INVALID' });
    expect(machine.disk.paths().filter((path) => !path.endsWith('GATE'))).toEqual([
      `${simRoot}/thesis.txt`,
    ]);
  });

  it('open refuses data without store.json, and a store of a newer format', async () => {
    const machine = await SimMachine.start();
    await machine.run((await machine.open()).close());
    const store = `${simRoot}/store.json`;
    const text = new TextDecoder().decode(machine.disk.readFile(store));
    const { checksum: _, ...told } = JSON.parse(text) as { checksum: string; major: number };
    const newer = { ...told, major: 9 };
    const checksum = xxh64(new TextEncoder().encode(JSON.stringify(newer))).toString(16);
    const whole = JSON.stringify({ ...newer, checksum: checksum.padStart(16, '0') });
    machine.disk.writeFile(store, new TextEncoder().encode(whole));
    await expect(machine.open()).rejects.toMatchObject({ code: 'NEWER_FORMAT' });
    machine.disk.removePath(store);
    await expect(machine.open()).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it('open to read tells data without store.json as damage, as a scan does', async () => {
    const machine = await SimMachine.start();
    const made = await machine.open();
    await machine.run(made.openSession('s', { create: true }));
    await machine.run(made.close());
    machine.disk.removePath(`${simRoot}/store.json`);
    await expect(machine.open({ mode: 'read' })).rejects.toMatchObject({ code: 'DAMAGED' });
    await expect(machine.recover({ mode: 'scan' })).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it.each([
    { syncDelayMsMax: 0 },
    { syncEntriesMax: 1.5 },
    { lockWaitMs: -1 },
    { segmentBytes: 100 },
    { mode: 'append' },
    { expectAtLeast: { s: -1 } },
    { expectAtLeast: { '../': 1 } },
    { allowFileSystems: ['zfs'] },
    { sync: true },
  ])('open(%j) is refused with INVALID', async (options) => {
    const machine = await SimMachine.start();
    const opening = machine.open(options as object);
    await expect(opening).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('open with expectAtLeast turns a missing entry into damage', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(store.close());
    const next = await machine.open({ expectAtLeast: { s: 2 } });
    await expect(machine.run(next.openSession('s'))).rejects.toMatchObject({
      code: 'DAMAGED',
      details: { sessions: [{ id: 's', lost: [{ from: 2, to: 2 }] }] },
    });
  });

  it('open with expectAtLeast makes no session that should be there, unless it deleted that', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ expectAtLeast: { zz: 4, s: 1, none: 0 } });
    const missing = {
      code: 'DAMAGED',
      details: { sessions: [{ id: 'zz', lost: [{ from: 1, to: 4 }] }] },
    };
    const opening = machine.run(store.openSession('zz', { create: true }));
    await expect(opening).rejects.toMatchObject(missing);
    const making = machine.run(store.createSession({ id: 'zz' }));
    await expect(making).rejects.toMatchObject(missing);
    expect(machine.disk.paths('directory')).not.toContain(`${simRoot}/sessions/zz`);
    await machine.run(store.openSession('none', { create: true }));
    await machine.run(store.close());
    // Made by somebody who expects nothing of it.
    const other = await machine.open();
    const session = await machine.run(other.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(other.close());
    const next = await machine.open({ expectAtLeast: { s: 1 } });
    await machine.run(next.deleteSession('s'));
    await machine.run(next.openSession('s', { create: true }));
    await machine.run(next.close());
  });

  it('open that fails half-way leaves no thread, no lock and no writer behind', async () => {
    const machine = await SimMachine.start();
    await machine.run((await machine.open()).close());
    for (let skip = 0; skip < 8; skip += 1) {
      machine.disk.failNext('sync-directory', 'EIO', 1, skip);
      const opened = await machine.open().catch(() => null);
      machine.disk.beforeOperation = null;
      if (opened !== null) await machine.run(opened.close().catch(() => undefined));
    }
    const store = await machine.open({ lockWaitMs: 0 });
    await machine.run(store.close());
    expect((await machine.recover()).writers).toEqual([]);
  });
});

describe('Store.open with a signal', () => {
  it.each([new Error('enough'), 'a text'])(
    'open that waits for a lock rejects with the reason %s at once',
    async (reason) => {
      const machine = await SimMachine.start();
      await machine.run((await machine.open()).close());
      const gate = machine.parts('other').locks.tryLock(`${simRoot}/GATE`);
      const stop = new AbortController();
      const { clock } = machine.disk;
      const beganMs = clock.monotonicMs();
      clock.after(200, () => stop.abort(reason));
      const opening = machine.open({ signal: stop.signal });
      const outcome = await opening.catch((error: unknown) => error);
      expect(outcome).toBe(reason);
      expect(clock.monotonicMs() - beganMs).toBeLessThan(500);
      gate?.release();
      const store = await machine.open();
      // What ended with the opening has no say later.
      await machine.run(store.createSession({ id: 's' }));
    },
  );
});
