/** A store whose journal is damaged, gone or unreadable: what opens, and what is refused. */
import { describe, expect, it } from 'vitest';
import type { Locks } from '../../src/platform/locks.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot, segmentsOf } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

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
