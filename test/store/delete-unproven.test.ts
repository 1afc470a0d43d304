/**
 * A deletion whose move to the trash is done, but not synced: power loss may bring the session back.
 * So its tombstone stays in the journal, however long that gets, until a recovery has applied it.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { say, texts } from '../helpers/said.ts';
import { segmentsOf, SimMachine } from '../helpers/sim-store.ts';

/** The next sync of this directory that comes behind the move of `s` fails. */
function failBehindMove(machine: SimMachine, name: string, errno: string): void {
  let isMoved = false;
  machine.disk.beforeOperation = ({ kind, path }) => {
    isMoved ||= kind === 'rename' && path.endsWith('/sessions/s');
    if (!isMoved || kind !== 'sync-directory' || !path.endsWith(`/${name}`)) return undefined;
    machine.disk.beforeOperation = null;
    return { errno };
  };
}

/** A store that failed to delete `s` at a sync of this directory; `o` is there and goes on. */
async function unproven(name: string, errno = 'EIO') {
  const machine = await SimMachine.start(7);
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  await machine.run(session.appendAll([say('one'), say('two')]));
  await machine.run(session.close());
  const other = await machine.run(store.createSession({ id: 'o' }));
  await machine.run(other.append(say('of o')));
  failBehindMove(machine, name, errno);
  const error: unknown = await machine.run(store.deleteSession('s').catch((one: unknown) => one));
  expect(HoldfastError.is(error), String(error)).toBe(true);
  return { machine, store, other, error };
}

/** What a session holds, or the code of the error that opening it gives. */
async function found(machine: SimMachine, store: Store, id: string): Promise<unknown> {
  try {
    const session = await machine.run(store.openSession(id));
    const all = await texts(machine, session);
    await machine.run(session.close());
    return all;
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    return error.code;
  }
}

/** The machine as it comes back from power loss that takes all that was not synced. */
const afterPowerCut = ({ disk }: SimMachine): SimMachine =>
  new SimMachine(disk.crash({ keep: 'none' }));

describe.each(['sessions', 'trash'])('a deletion that fails at the sync of %s', (name) => {
  it('stays out of sight when the power fails after the journal went on for many segments', async () => {
    const { machine, store, other } = await unproven(name);
    expect(await found(machine, store, 's')).toBe('NOT_FOUND');
    for (let i = 0; i < 60; i += 1) await machine.run(other.append(say('y'.repeat(1500))));
    await machine.run(store.settle());
    await machine.pass(2000);
    expect(segmentsOf(machine).length).toBeGreaterThan(4);
    const after = afterPowerCut(machine);
    const next = await after.open({}, 'next');
    expect(await found(after, next, 's')).toBe('NOT_FOUND');
    expect(await found(after, next, 'o')).toHaveLength(61);
  });

  it.each(['close', 'kill', 'neither'] as const)(
    'stays out of sight behind a %s, whenever the power fails while the next process clears up',
    async (end) => {
      for (let changes = 0, isOff = true; isOff; changes += 1) {
        const { machine, store } = await unproven(name);
        if (end === 'close') await machine.run(store.close());
        if (end === 'kill') machine.kill();
        if (changes > 0) machine.disk.crashAfter(changes);
        if (changes > 0) await machine.open({}, 'next').catch(() => undefined);
        isOff = machine.disk.isOff || changes === 0;
        const after = afterPowerCut(machine);
        const last = await after.open({}, 'last');
        expect(await found(after, last, 's'), `${changes} changes`).toBe('NOT_FOUND');
        expect(await found(after, last, 'o'), `${changes} changes`).toEqual(['of o']);
      }
    },
  );

  it('takes nothing from a session of the same id that is made afterwards', async () => {
    for (const cut of ['power cut', 'kill', 'close'] as const) {
      const { machine, store } = await unproven(name);
      const second = await machine.open({}, 'second');
      const reborn = await machine.run(second.createSession({ id: 's' }));
      await machine.run(reborn.append(say('new')));
      await machine.run(second.close());
      if (cut === 'kill') machine.kill();
      if (cut === 'close') await machine.run(store.close());
      const after = cut === 'power cut' ? afterPowerCut(machine) : machine;
      const next = await after.open({}, 'next');
      expect(await found(after, next, 's'), cut).toEqual(['new']);
      await after.run(next.close());
      const { verdict, findings } = await after.recover({ mode: 'verify' });
      expect({ verdict, findings }, cut).toEqual({ verdict: 'clean', findings: [] });
    }
  });
});

describe('what deleteSession tells', () => {
  it.each([
    ['sessions', 'EIO', 'IO'],
    ['sessions', 'ENOSPC', 'FULL'],
    ['trash', 'EIO', 'IO'],
    ['trash', 'EMFILE', 'IO'],
  ] as const)(
    'is that it is decided, where the sync of %s answers %s',
    async (name, errno, code) => {
      const { error } = await unproven(name, errno);
      expect(error).toMatchObject({ code, details: { errno }, cause: { code: errno } });
      const words =
        `Cannot make the deletion of session "s" durable (${errno}): ` +
        'it is decided, and whoever opens the store next completes it';
      expect(error).toHaveProperty('message', words);
    },
  );

  it.each([
    ['ENOSPC', 'FULL', 'no room (ENOSPC); free some space and try again'],
    ['EFBIG', 'FULL', 'may not grow any more (EFBIG); raise the limit on the size of files'],
    ['EIO', 'IO', 'the machine answered EIO'],
  ] as const)(
    'is that nothing was deleted, where writing the tombstone answers %s',
    async (errno, code, why) => {
      for (const end of ['kill', 'close', 'goes on'] as const) {
        const machine = await SimMachine.start(7);
        const store = await machine.open();
        const session = await machine.run(store.createSession({ id: 's' }));
        await machine.run(session.append(say('one')));
        await machine.run(session.close());
        machine.disk.beforeOperation = ({ kind, path }) =>
          kind === 'write' && path.includes('/journals/') ? { errno } : undefined;
        const told = await machine.run(store.deleteSession('s').catch((one: unknown) => one));
        expect(told).toMatchObject({ code, details: { errno }, cause: { code: errno } });
        expect(String(told)).toContain('"s", and nothing of it was deleted: cannot ');
        expect(String(told)).toContain(why);
        expect(String(told)).not.toContain('decided');
        machine.disk.beforeOperation = null;
        if (end === 'close') await machine.run(store.close());
        if (end === 'kill') machine.kill();
        const next = end === 'goes on' ? store : await machine.open({}, 'next');
        expect(await found(machine, next, 's'), end).toEqual(['one']);
        await machine.run(next.deleteSession('s'));
        expect(await found(machine, next, 's'), end).toBe('NOT_FOUND');
      }
    },
  );
});
