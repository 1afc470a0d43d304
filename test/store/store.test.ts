/**
 * A store as a program uses it. Most on a simulated machine: quick, and the same every time; what
 * depends on threads and on real files, at the end, on those.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { xxh64 } from '../../src/format/checksum.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { Locks } from '../../src/platform/locks.ts';
import { recover, recoverWith } from '../../src/recovery/recover.ts';
import { encodeWriters } from '../../src/recovery/store-files.ts';
import { Store } from '../../src/store/store.ts';
import { validate } from '../../src/store/validate.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const textOf = ({ message }: { message: Message }): unknown => message.content;

async function texts(machine: SimMachine, session: Session): Promise<unknown[]> {
  return (await machine.run(collect(session.messages()))).map(textOf);
}

/** Number of the newest segment: so many were made. */
function segmentsMade(machine: SimMachine): number {
  return Number(
    segmentsOf(machine)
      .at(-1)
      ?.match(/(\d+)\.segment$/)?.[1],
  );
}

function segmentsOf(machine: SimMachine): string[] {
  return machine.disk.paths().filter((path) => path.endsWith('.segment'));
}

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

describe('Store.createSession', () => {
  it('createSession refuses what exists with EXISTS, and gives a random id when asked for none', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const one = await machine.run(store.createSession());
    const two = await machine.run(store.createSession());
    expect(one.id).toMatch(/^[0-9a-f]{32}$/);
    expect(two.id).not.toBe(one.id);
    const again = machine.run(store.createSession({ id: one.id }));
    await expect(again).rejects.toMatchObject({ code: 'EXISTS', details: { id: one.id } });
    await machine.run(one.close());
    const closed = machine.run(store.createSession({ id: one.id }));
    await expect(closed).rejects.toMatchObject({ code: 'EXISTS' });
  });

  it.each(['', 'a/b', '..', '.', 'a b', 'é', 'x'.repeat(129), 'nul', 7])(
    'createSession refuses the id %j with INVALID',
    async (id) => {
      const machine = await SimMachine.start();
      const store = await machine.open();
      const before = machine.disk.paths('directory');
      const creating = machine.run(store.createSession({ id: id as string }));
      await expect(creating).rejects.toMatchObject({ code: 'INVALID' });
      expect(machine.disk.paths('directory')).toEqual(before);
    },
  );

  it('createSession records metadata, and refuses bad metadata before there is a session', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const metadata = { model: 'm', provider: 'p', name: 'n', tags: ['a'], extra: { deep: 1 } };
    const session = await machine.run(store.createSession({ id: 's', metadata }));
    expect(session.state).toMatchObject({ model: 'm', provider: 'p', name: 'n', tags: ['a'] });
    expect(session.state.metadata).toEqual(metadata);
    expect(session.durableUpTo).toBe(1);
    const bad = { id: 'bad', metadata: { call: () => 1 } };
    await expect(machine.run(store.createSession(bad))).rejects.toMatchObject({ code: 'INVALID' });
    await machine.run(store.createSession({ id: 'bad' }));
  });

  it('createSession survives a start elsewhere that clears half-made sessions away', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    await machine.run((await machine.open({}, 'other')).close());
    let starts = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'lock' || !path.includes('/.new-') || starts >= 3) return undefined;
      starts += 1;
      // As if another process had looked between the making of the directory and its locking.
      machine.disk.removePath(path.replace(/\/LOCK$/, ''));
      return undefined;
    };
    const session = await machine.run(store.createSession({ id: 's' }));
    machine.disk.beforeOperation = null;
    expect(starts).toBe(3);
    expect(await machine.run(session.append(say('one')))).toEqual({ seq: 1 });
  });

  it('a start elsewhere does not clear away what is being made', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const creating: Promise<Session>[] = [];
    const others: Promise<void>[] = [];
    for (let count = 0; count < 20; count += 1) {
      creating.push(store.createSession({ id: `s${count}` }));
      others.push(
        Store.openWith(machine.parts(`p${count}`), simRoot, { io: 'pool' }).then((other) =>
          other.close(),
        ),
      );
    }
    await machine.run(Promise.all([...creating, ...others]));
    expect((await machine.recover({ mode: 'verify' })).verdict).toBe('clean');
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

describe('Store.openSession', () => {
  it('openSession answers NOT_FOUND, or creates the session when asked to', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const missing = machine.run(store.openSession('s'));
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const reading = machine.run(store.openSession('s', { mode: 'read', create: true }));
    await expect(reading).rejects.toMatchObject({ code: 'INVALID', details: { path: 'create' } });
    const readOnly = await machine.open({ mode: 'read' });
    const made = machine.run(readOnly.openSession('s', { create: true }));
    await expect(made).rejects.toMatchObject({ code: 'READ_ONLY' });
    const session = await machine.run(store.openSession('s', { create: true }));
    expect((await machine.run(readOnly.openSession('s', { create: true }))).mode).toBe('read');
    expect(await machine.run(session.append(say('one')))).toEqual({ seq: 1 });
  });

  it('openSession with create never makes two of one when two processes race', async () => {
    const machine = await SimMachine.start();
    const one = await machine.open({ lockWaitMs: 0 }, 'one');
    const two = await machine.open({ lockWaitMs: 0 }, 'two');
    const options = { create: true };
    const opened = [one, two].map((store) => store.openSession('s', options));
    const results = await machine.run(Promise.allSettled(opened));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'LOCKED' });
  });

  it('openSession and deleteSession tell at once that this store has the session open', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    const { clock } = machine.disk;
    const beganMs = clock.monotonicMs();
    for (const refused of [() => store.openSession('s'), () => store.deleteSession('s')]) {
      await expect(machine.run<unknown>(refused())).rejects.toMatchObject({ code: 'LOCKED' });
    }
    // Two at the same time find it free, and one of them gets it.
    const both = [1, 2].map(() => store.openSession('other', { create: true }));
    const results = await machine.run(Promise.allSettled(both));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(clock.monotonicMs() - beganMs).toBeLessThan(500);
    // One that is being closed is waited for.
    const closed = session.close();
    await machine.run(store.openSession('s'));
    await closed;
  });

  it('openSession refuses a second writer in the same store with LOCKED', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ lockWaitMs: 50 });
    const session = await machine.run(store.createSession({ id: 's' }));
    const second = machine.run(store.openSession('s'));
    await expect(second).rejects.toMatchObject({ code: 'LOCKED' });
    await machine.run(session.close());
    await machine.run(store.openSession('s'));
  });

  it('openSession answers NOT_FOUND when the session is deleted while its lock is waited for', async () => {
    const machine = await SimMachine.start();
    const one = await machine.open({}, 'one');
    const two = await machine.open({}, 'two');
    const session = await machine.run(one.createSession({ id: 's' }));
    const waiting = two.openSession('s').catch((error: unknown) => error);
    await machine.pass(30);
    await machine.run(session.close().then(() => one.deleteSession('s')));
    const outcome = await machine.run(waiting);
    // It may have had the lock first; then the deletion would have been refused.
    expect(outcome).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('openSession waits for an owner whose locks fall one by one, and then has everything', async () => {
    const machine = await SimMachine.start();
    const owner = await machine.open({}, 'owner');
    await machine.run((await machine.run(owner.createSession({ id: 's' }))).close());
    const session = await machine.run(owner.openSession('s'));
    await machine.run(session.append(say('one')));
    const store = await machine.open({}, 'heir');
    machine.disk.stopProcess('owner');
    machine.disk.releaseLocks('owner', `${simRoot}/sessions/s/LOCK`);
    let looks = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'probe' || !path.includes('/journals/')) return;
      looks += 1;
      // Between a look that found the owner alive and the next one.
      if (looks === 2) machine.disk.releaseLocks('owner');
    };
    const opened = await machine.run(store.openSession('s'));
    expect(looks).toBeGreaterThan(1);
    expect(await texts(machine, opened)).toEqual(['one']);
  });

  it('a store open for reading reads, and refuses to change anything with READ_ONLY', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.pass(50);
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const view = await machine.run(reader.openSession('s'));
    expect(view.mode).toBe('read');
    expect(await texts(machine, view)).toEqual(['one']);
    const refused = { code: 'READ_ONLY' };
    await expect(view.append(say('x'))).rejects.toMatchObject(refused);
    await expect(view.appendAll([say('x')])).rejects.toMatchObject(refused);
    await expect(view.flush()).rejects.toMatchObject(refused);
    await expect(view.intend({ id: 'c', name: 'n' })).rejects.toMatchObject(refused);
    await expect(view.complete('c', { status: 'ok' })).rejects.toMatchObject(refused);
    const status = { kind: 'status', status: 'done' } as const;
    await expect(view.record(status)).rejects.toMatchObject(refused);
    await expect(reader.createSession()).rejects.toMatchObject(refused);
    await expect(reader.deleteSession('s')).rejects.toMatchObject(refused);
    await expect(reader.openSession('s', { mode: 'write' })).rejects.toMatchObject(refused);
    await machine.run(reader.close());
    expect(() => view.messages()).toThrow(/closed/);
  });
});

describe('Store readers', () => {
  it('a reader sees what is durable, never less than before, while the writer goes on', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const session = await machine.run(store.createSession({ id: 's' }));
    let seen = 0;
    for (let count = 1; count <= 120; count += 1) {
      const durability = count % 4 === 0 ? 'durable' : 'batched';
      const appending = session.append(say(`message ${count} ${'x'.repeat(200)}`), { durability });
      if (count % 10 === 0) await machine.pass(200);
      const view = await machine.run(reader.openSession('s'));
      const found = await texts(machine, view);
      expect(found.length).toBeLessThanOrEqual(session.state.messages + 1);
      expect(found.length).toBe(view.state.messages);
      expect(found.length).toBeGreaterThanOrEqual(seen);
      expect((await machine.run(validate(view))).valid).toBe(true);
      seen = found.length;
      await machine.run(view.close());
      await machine.run(appending);
      if (count % 10 === 0) expect(seen).toBeGreaterThanOrEqual(count - 1);
    }
  });

  it('a reader does not see what is not durable yet', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ syncDelayMsMax: 1000 });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('durable')));
    await machine.pass(50);
    await machine.run(session.append(say('batched'), { durability: 'batched' }));
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const early = await machine.run(reader.openSession('s'));
    expect(await texts(machine, early)).toEqual(['durable']);
    await machine.pass(1100);
    const late = await machine.run(reader.openSession('s'));
    expect(await texts(machine, late)).toEqual(['durable', 'batched']);
    expect(await texts(machine, early)).toEqual(['durable']);
  });

  it("a reader of a dead writer's session sees everything, and changes nothing", async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.append(say('two'), { durability: 'batched' }));
    machine.kill();
    const before = machine.disk.changes;
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const view = await machine.run(reader.openSession('s'));
    expect(await texts(machine, view)).toEqual(['one', 'two']);
    expect(machine.disk.changes).toBe(before);
  });
});

describe('Store and a journal that cannot be recovered', () => {
  /** A store whose only session has its two entries in the journal of a dead writer. */
  async function left(): Promise<{ machine: SimMachine; segment: string; history: string }> {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.append(say('two')));
    await machine.pass(50);
    machine.kill();
    const [segment = ''] = segmentsOf(machine);
    return { machine, segment, history: `${simRoot}/sessions/s/history` };
  }

  /** Neither opening nor creating gives a session that is shorter than it was. */
  async function expectRefused(machine: SimMachine, code = 'DAMAGED'): Promise<void> {
    const store = await machine.open({}, 'next');
    for (const options of [{}, { create: true }, { mode: 'read' }] as const) {
      const opening = machine.run(store.openSession('s', options));
      await expect(opening).rejects.toMatchObject({ code });
    }
    const creating = machine.run(store.createSession({ id: 's' }));
    await expect(creating).rejects.toMatchObject({ code: 'EXISTS' });
    const other = await machine.run(store.createSession());
    expect(await machine.run(other.append(say('x')))).toEqual({ seq: 1 });
    const found = await machine.run(collect(store.sessions()));
    expect(found.find(({ id }) => id === 's')?.damaged).toBe(true);
    await machine.run(store.close());
  }

  it('open recovers it first when it can be recovered', async () => {
    const { machine } = await left();
    const store = await machine.open({}, 'next');
    expect(store.recovery).toMatchObject({ verdict: 'healed', sessions: [{ lastSeq: 2 }] });
    expect(segmentsOf(machine)).toHaveLength(1);
  });

  it('a session whose acknowledged entry has rotted is refused, and no empty one begins', async () => {
    const { machine, segment } = await left();
    const bytes = machine.disk.readFile(segment);
    const at = Buffer.from(bytes).indexOf('one');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    machine.disk.writeFile(segment, bytes);
    await expectRefused(machine);
    await expectRefused(machine);
  });

  it('a session whose journal is gone is refused, and no empty one begins', async () => {
    const { machine, segment } = await left();
    machine.disk.removePath(segment.slice(0, segment.lastIndexOf('/')));
    await expectRefused(machine);
    await expectRefused(machine);
  });

  it('a session whose history is gone is refused, and no empty one begins', async () => {
    const { machine, history } = await left();
    machine.disk.removePath(history);
    await expectRefused(machine);
  });

  it('a journal that the machine refuses to read stops the start, and nothing is changed', async () => {
    const { machine, segment } = await left();
    const before = machine.disk.readFile(segment);
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'read' && path === segment ? { errno: 'EIO' } : undefined;
    await expect(machine.open({}, 'next')).rejects.toMatchObject({ code: 'IO' });
    machine.disk.beforeOperation = null;
    expect(machine.disk.readFile(segment)).toEqual(before);
    const store = await machine.open({}, 'last');
    const session = await machine.run(store.openSession('s'));
    expect(await texts(machine, session)).toEqual(['one', 'two']);
  });

  it('a machine without locks reads and scans, and refuses to write with LOCK_UNAVAILABLE', async () => {
    const { machine } = await left();
    const locks: Locks = {
      ...machine.disk.locks('bare'),
      unavailable: () => 'fs-ext is not built; run npm rebuild fs-ext',
      tryLock: () => {
        throw new Error('there is no lock');
      },
      probe: () => 'unknown',
      owner: () => null,
    };
    const parts = { ...machine.parts('bare'), locks };
    const writing = machine.run(Store.openWith(parts, simRoot, { io: 'pool' }));
    await expect(writing).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
    await expect(writing).rejects.toThrow(/npm rebuild fs-ext/);
    const reader = await machine.run(Store.openWith(parts, simRoot, { mode: 'read' }));
    const session = await machine.run(reader.openSession('s'));
    expect(await texts(machine, session)).toEqual(['one', 'two']);
    const report = await machine.run(recoverWith(parts, simRoot));
    expect(report.writers).toMatchObject([{ state: 'unknown' }]);
  });
});

describe('recover beside living writers', () => {
  it('a writer that leaves in the middle of a scan does not leave a missing journal behind', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const [writer = ''] = (await machine.recover()).writers.map((one) => one.writer);
    let left = false;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'list' || path !== `${simRoot}/journals` || left) return;
      left = true;
      machine.disk.writeFile(`${simRoot}/writers`, encodeWriters([]));
      machine.disk.removePath(`${simRoot}/journals/${writer}`);
    };
    const report = await machine.recover();
    expect(left).toBe(true);
    expect(report).toMatchObject({ verdict: 'clean', writers: [], findings: [] });
  });

  it('a session that is deleted in the middle of a scan is not told as damaged', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    await machine.run((await machine.run(store.createSession({ id: 's' }))).close());
    const steps = [
      { kind: 'stat', end: '/s' },
      { kind: 'open', end: '/s/history' },
    ];
    for (const step of steps) {
      let gone = false;
      machine.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== step.kind || !path.endsWith(step.end) || gone) return;
        gone = true;
        machine.disk.removePath(`${simRoot}/sessions/s`);
      };
      const report = await machine.recover();
      expect(gone).toBe(true);
      expect(report).toMatchObject({ verdict: 'clean', sessions: [] });
      machine.disk.beforeOperation = null;
      await machine.run((await machine.run(store.createSession({ id: 's' }))).close());
    }
  });

  it('a writers file that is replaced by a longer one while it is opened is read as a whole', async () => {
    const machine = await SimMachine.start();
    await machine.run((await machine.open()).close());
    let replaced = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'open' || !path.endsWith('/writers') || replaced > 0) return;
      replaced += 1;
      machine.disk.writeFile(path, encodeWriters(['0'.repeat(32), '1'.repeat(32)]));
    };
    const report = await machine.recover();
    expect(replaced).toBe(1);
    expect(report.writers.map(({ writer }) => writer)).toEqual(['0'.repeat(32), '1'.repeat(32)]);
  });
});

describe('Store.sessions', () => {
  it('createdMs is the same in a listing, in the state of every handle, and in a snapshot', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ checkpoints: false });
    const writer = await machine.run(store.createSession({ id: 's' }));
    expect(writer.state.createdMs).not.toBeNull();
    await machine.pass(1000);
    await machine.run(writer.append(say('a second later')));
    const { id } = await machine.run(writer.snapshots.take({ action: 'here' }));
    const snapshot = await machine.run(writer.snapshots.load(id));
    const reader = await machine.run(store.openSession('s', { mode: 'read' }));
    const [summary] = await machine.run(collect(store.sessions()));
    const told = [summary?.createdMs, reader.state.createdMs, snapshot.state.createdMs];
    expect(new Set([...told, writer.state.createdMs]).size).toBe(1);
    expect(writer.state.updatedMs).toBeGreaterThan(Number(writer.state.createdMs));
  });

  it('sessions lists every session by id, with what its head tells', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    for (const id of ['b', 'a', 'c']) {
      const session = await machine.run(store.createSession({ id }));
      await machine.run(session.append(say(`hello from ${id}`)));
      await machine.run(session.record({ kind: 'status', status: 'done' }));
      if (id !== 'c') await machine.run(session.close());
    }
    const found = await machine.run(collect(store.sessions()));
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(found[0]).toMatchObject({
      title: 'hello from a',
      messages: 1,
      entries: 2,
      damaged: false,
      open: false,
    });
    expect(found[0]?.bytes).toBeGreaterThan(8192);
    expect(found[0]?.createdMs).toBe(machine.disk.clock.nowMs() - machine.disk.clock.monotonicMs());
    expect(found[2]?.open).toBe(true);
    // Open here and not yet settled: its head knows no title.
    expect(found[2]?.title).toBe('hello from c');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(machine.run(collect(store.sessions({ signal })))).rejects.toThrow('enough');
  });

  it('sessions takes five operations for a head, when its turn comes, and none behind the last', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    for (const id of ['a', 'b', 'c', 'd']) {
      await machine.run((await machine.run(store.createSession({ id }))).close());
    }
    const touched: string[] = [];
    machine.disk.beforeOperation = ({ path }) => {
      const [, id] = /sessions\/(\w+)/.exec(path) ?? [];
      if (id !== undefined) touched.push(id);
      return undefined;
    };
    const listing = (async () => {
      for await (const { id } of store.sessions()) {
        expect(touched.at(-1)).toBe(id);
        if (id === 'c') break;
      }
    })();
    await machine.run(listing);
    machine.disk.beforeOperation = null;
    expect(new Set(touched)).toEqual(new Set(['a', 'b', 'c']));
    expect(touched.length).toBeLessThanOrEqual(3 * 5);
  });

  it('sessions goes on past a session that is deleted while it lists', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    for (const id of ['a', 'b', 'c']) {
      await machine.run((await machine.run(store.createSession({ id }))).close());
    }
    const ids: string[] = [];
    const listing = (async () => {
      for await (const { id } of store.sessions()) {
        ids.push(id);
        if (id === 'a') await store.deleteSession('b');
      }
    })();
    await machine.run(listing);
    expect(ids).toEqual(['a', 'c']);
  });
});

describe('Store.deleteSession', () => {
  it('deleteSession removes the session for ever, and its id can be used again', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ lockWaitMs: 0 });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.appendAll([say('old 1'), say('old 2')]));
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({ code: 'LOCKED' });
    await machine.run(session.close());
    await machine.run(store.deleteSession('s'));
    await expect(machine.run(store.openSession('s'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(machine.disk.paths().filter((path) => path.includes('trash/'))).toEqual([]);
    const reborn = await machine.run(store.createSession({ id: 's' }));
    expect(await machine.run(reborn.append(say('new')))).toEqual({ seq: 1 });
    machine.kill();
    const next = await machine.open({}, 'next');
    expect(await texts(machine, await machine.run(next.openSession('s')))).toEqual(['new']);
  });

  it('a session deleted with SIGKILL at any step is there whole, or not at all', async () => {
    const outcomes = { whole: 0, gone: 0 };
    for (let step = 0; step < 60; step += 1) {
      const machine = await SimMachine.start(step + 1);
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id: 's' }));
      await machine.run(session.appendAll([say('one'), say('two')]));
      await machine.run(session.close());
      let left = step;
      machine.disk.beforeOperation = () => {
        if (left === 0) machine.kill();
        left -= 1;
      };
      let answered = false;
      const deleting = store.deleteSession('s').then(
        () => {
          answered = true;
        },
        () => undefined,
      );
      await machine.pass(200);
      machine.disk.beforeOperation = null;
      machine.kill();
      await deleting;
      const next = await machine.open({}, 'next');
      const found = await machine.run(next.openSession('s').catch(() => null));
      outcomes[found === null ? 'gone' : 'whole'] += 1;
      if (found === null) await machine.run(next.createSession({ id: 's' }));
      else {
        expect(answered, `step ${step}`).toBe(false);
        expect(await texts(machine, found), `step ${step}`).toEqual(['one', 'two']);
      }
      // A second crash does not change the answer.
      machine.kill('next');
      const last = await machine.open({}, 'last');
      const again = await machine.run(last.openSession('s'));
      expect(again.state.messages, `step ${step}`).toBe(found === null ? 0 : 2);
    }
    expect(outcomes.whole).toBeGreaterThan(2);
    expect(outcomes.gone).toBeGreaterThan(2);
  });

  it('a session whose deletion failed keeps what is appended to it afterwards', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    machine.disk.failNext('rename', 'EIO');
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({ code: 'IO' });
    const again = await machine.run(store.openSession('s'));
    await machine.run(again.append(say('two')));
    machine.kill();
    const next = await machine.open({}, 'next');
    expect(await texts(machine, await machine.run(next.openSession('s')))).toEqual(['one', 'two']);
  });

  it('deleteSession and a start elsewhere, which empties the trash, do not disturb each other', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    for (const id of ids)
      await machine.run((await machine.run(store.createSession({ id }))).close());
    const deleting = (async () => {
      for (const id of ids) await store.deleteSession(id);
    })();
    const starting = (async () => {
      for (let count = 0; count < 40; count += 1) {
        const parts = machine.parts(`p${count}`);
        const other = await Store.openWith(parts, simRoot, { io: 'pool' });
        await other.close();
      }
    })();
    await machine.run(Promise.all([deleting, starting]));
    expect(await machine.run(collect(store.sessions()))).toEqual([]);
  });
});

describe('Store.close', () => {
  it('close is idempotent, closes the sessions, and then answers CLOSED', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    const appending = session.append(say('one'), { durability: 'batched' });
    const closing = store.close();
    expect(store.close()).toBe(closing);
    await machine.run(closing);
    expect(await appending).toEqual({ seq: 1 });
    const closed = { code: 'CLOSED' };
    await expect(session.append(say('two'))).rejects.toMatchObject(closed);
    await expect(store.createSession()).rejects.toMatchObject(closed);
    await expect(store.openSession('s')).rejects.toMatchObject(closed);
    await expect(store.deleteSession('s')).rejects.toMatchObject(closed);
    expect(() => store.sessions()).toThrow(/closed/);
    expect(machine.disk.paths().filter((path) => path.includes('journals/'))).toEqual([]);
    expect(await machine.recover()).toMatchObject({ verdict: 'clean', writers: [] });
  });

  it('close closes every reader also when one of them fails, and throws the first error', async () => {
    const machine = await SimMachine.start();
    const owner = await machine.open({}, 'owner');
    const ids = ['a', 'b', 'c'];
    for (const id of ids) {
      const session = await machine.run(owner.createSession({ id }));
      await machine.run(session.append(say('in the journal')));
    }
    await machine.pass(100);
    for (const mode of ['read', 'write'] as const) {
      const store = await machine.open({ mode }, mode);
      const views = await Promise.all(
        ids.map((id) => machine.run(store.openSession(id, { mode: 'read' }))),
      );
      machine.disk.failNext('close', 'EIO');
      await expect(machine.run(store.close())).rejects.toMatchObject({ code: 'IO' });
      for (const view of views) expect(() => view.messages()).toThrow(/closed/);
      // Its own journal ended well: nothing is left to recover of it.
      expect((await machine.recover()).writers).toHaveLength(1);
    }
  });

  it('close waits for sessions that are being made, opened or deleted', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    await machine.run((await machine.run(store.createSession({ id: 'old' }))).close());
    const work = [
      store.createSession({ id: 'new', metadata: { model: 'm' } }),
      store.openSession('old'),
    ];
    const closing = store.close();
    await machine.run(Promise.all([...work, closing]));
    expect(await machine.recover({ mode: 'verify' })).toMatchObject({
      verdict: 'clean',
      writers: [],
    });
  });

  it('close when the gate is held elsewhere leaves a closed journal, which loses nothing', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ lockWaitMs: 100 });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    const gate = machine.disk.locks('other').tryLock(`${simRoot}/GATE`);
    await machine.run(store.close());
    gate?.release();
    expect(await machine.recover({ mode: 'run' })).toMatchObject({ verdict: 'healed' });
    const next = await machine.open({}, 'next');
    expect(await texts(machine, await machine.run(next.openSession('s')))).toEqual(['one']);
  });
});

describe('Store settling', () => {
  it('several thousand appends leave a bounded journal, and every one can be read meanwhile', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const ids = ['a', 'b', 'c', 'd'];
    const sessions = await machine.run(Promise.all(ids.map((id) => store.createSession({ id }))));
    let segmentsMost = 0;
    for (let round = 0; round < 100; round += 1) {
      const appends = sessions.flatMap((session, index) =>
        Array.from({ length: 10 }, (_, one) => {
          const durability = (round + index) % 2 === 0 ? 'batched' : 'durable';
          const text = `${session.id} ${round * 10 + one} ${'x'.repeat(one * 30)}`;
          return session.append(say(text), { durability });
        }),
      );
      await machine.run(Promise.all(appends));
      await machine.pass(20);
      segmentsMost = Math.max(segmentsMost, segmentsOf(machine).length);
      const read = sessions[round % 4];
      if (round % 7 === 0 && read !== undefined) {
        const found = await texts(machine, read);
        expect(found).toHaveLength((round + 1) * 10);
        found.forEach((text, index) => {
          expect(String(text).startsWith(`${read.id} ${index} `)).toBe(true);
        });
      }
    }
    expect(segmentsMade(machine)).toBeGreaterThanOrEqual(6);
    expect(segmentsMost).toBeLessThanOrEqual(3);
    await machine.pass(2000);
    expect(segmentsOf(machine).length).toBeLessThanOrEqual(2);
    for (const session of sessions) {
      expect((await machine.run(validate(session))).valid).toBe(true);
    }
    machine.kill();
    const next = await machine.open({}, 'next');
    for (const id of ids) {
      const found = await texts(machine, await machine.run(next.openSession(id)));
      expect(found.map((text) => Number(String(text).split(' ')[1]))).toEqual(
        Array.from({ length: 1000 }, (_, index) => index),
      );
    }
  });

  it('an idle session does not keep old segments alive', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const idle = await machine.run(store.createSession({ id: 'idle' }));
    await machine.run(idle.append(say('once')));
    const busy = await machine.run(store.createSession({ id: 'busy' }));
    for (let count = 0; count < 60; count += 1) {
      await machine.run(busy.append(say('x'.repeat(3000))));
    }
    await machine.pass(1000);
    expect(segmentsMade(machine)).toBeGreaterThan(3);
    expect(segmentsOf(machine).length).toBeLessThanOrEqual(2);
    expect(await texts(machine, idle)).toEqual(['once']);
  });

  it('settle that fails loses nothing and is tried again by itself', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'write' && path.includes('/history') ? { errno: 'ENOSPC' } : undefined;
    for (let count = 0; count < 60; count += 1) {
      await machine.run(session.append(say(`${count} ${'x'.repeat(3000)}`)));
    }
    await machine.pass(3000);
    expect(segmentsOf(machine).length).toBeGreaterThan(3);
    await expect(machine.run(store.settle())).rejects.toMatchObject({ code: 'FULL' });
    expect(await texts(machine, session)).toHaveLength(60);
    machine.disk.beforeOperation = null;
    await machine.pass(3000);
    expect(segmentsOf(machine).length).toBeLessThanOrEqual(2);
    await machine.run(store.close());
    expect((await machine.recover({ mode: 'verify' })).sessions[0]?.messages).toBe(60);
  });
});

describe('Store and the machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('a store on real files and a thread does the whole round', async () => {
    const root = join(directory, 'round');
    const messages = Array.from({ length: 500 }, (_, index) =>
      say(`${index} ${'x'.repeat(index)}`),
    );
    {
      const store = await Store.open(root, { segmentBytes: 16384 });
      const session = await store.createSession({ id: 's', metadata: { model: 'm' } });
      await Promise.all(messages.map((message) => session.append(message)));
      expect((await collect(session.messages())).map(({ message }) => message)).toEqual(messages);
      await store.close();
    }
    expect(readdirSync(join(root, 'journals'))).toEqual([]);
    const store = await Store.open(root);
    const session = await store.openSession('s');
    expect((await collect(session.messages())).map(({ message }) => message)).toEqual(messages);
    expect((await validate(session)).valid).toBe(true);
    await store.close();
    expect(await recover(root, { mode: 'verify' })).toMatchObject({ verdict: 'clean' });
  });

  it('a reader hammers while a writer with the smallest segments appends, settles and retires', async () => {
    const root = join(directory, 'hammer');
    const store = await Store.open(root, { segmentBytes: 16384 });
    const session = await store.createSession({ id: 's' });
    const reader = await Store.open(root, { mode: 'read' });
    let done = false;
    let reads = 0;
    let seen = 0;
    const reading = (async () => {
      while (!done) {
        const view = await reader.openSession('s');
        const found = await collect(view.messages());
        expect(found.map(({ seq }) => seq)).toEqual(found.map((_, index) => index + 1));
        expect(found.length).toBeGreaterThanOrEqual(seen);
        const report = await recover(root, { mode: 'scan' });
        expect(report).toMatchObject({ verdict: 'clean', changed: false });
        seen = found.length;
        reads += 1;
        await view.close();
      }
    })();
    for (let count = 0; count < 1500; count += 1) {
      const durability = count % 3 === 0 ? 'durable' : 'batched';
      await session.append(say(`${count} ${'x'.repeat(count % 900)}`), { durability });
    }
    done = true;
    await reading;
    expect(reads).toBeGreaterThan(3);
    await store.close();
    await reader.close();
  });

  it('recover scan on a store that writers enter and leave never calls it damaged', async () => {
    const root = join(directory, 'traffic');
    await (await Store.open(root)).close();
    let done = false;
    let scans = 0;
    const scanning = (async () => {
      while (!done) {
        const report = await recover(root, { mode: 'scan' });
        expect(report.verdict, JSON.stringify(report.findings)).toBe('clean');
        scans += 1;
      }
    })();
    for (let count = 0; count < 25; count += 1) {
      const store = await Store.open(root, { io: 'pool' });
      const session = await store.openSession('s', { create: true });
      await session.append(say(`message ${count}`));
      const other = await store.createSession({ id: `t${count}` });
      await other.append(say('x'));
      await other.close();
      await store.deleteSession(`t${count}`);
      await store.close();
    }
    done = true;
    await scanning;
    expect(scans).toBeGreaterThan(10);
  });

  it('appends beyond the bound on queued bytes wait for their turn, and flush waits for them', async () => {
    const store = await Store.open(join(directory, 'large'), { checkpoints: false });
    const session = await store.createSession({ id: 's' });
    const text = 'x'.repeat(30 * 1024 * 1024);
    const appends = Array.from({ length: 6 }, (_, at) => session.append(say(`${at}${text}`)));
    await session.flush();
    expect(session.durableUpTo).toBe(6);
    expect((await Promise.all(appends)).map(({ seq }) => seq)).toEqual(
      appends.map((_, at) => at + 1),
    );
    const last = session.append(say(text), { durability: 'batched' });
    const more = Array.from({ length: 5 }, () => session.append(say(text)));
    await session.close();
    expect(await last).toEqual({ seq: 7 });
    expect((await Promise.all(more)).at(-1)).toEqual({ seq: 12 });
    await store.close();
  });

  it('a store in a directory of something else is refused on real files as well', async () => {
    const root = join(directory, 'taken');
    const taken = mkdtempSync(root);
    writeFileSync(join(taken, 'file'), 'x');
    await expect(Store.open(taken)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('asyncDispose closes session and store', async () => {
    const root = join(directory, 'using');
    const store = await Store.open(root);
    const session = await store.createSession({ id: 's' });
    await session.append(say('one'), { durability: 'batched' });
    await session[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await expect(session.append(say('two'))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await recover(root)).toMatchObject({ verdict: 'clean', sessions: [{ lastSeq: 1 }] });
  });
});
