/**
 * A deletion that fails leaves the session as it was, whatever comes next: no recovery carries out
 * what its caller was told to have failed. And one whose trash is on another device is carried out.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { FileSystem } from '../../src/platform/file-system.ts';
import { systemError } from '../../src/platform/system-error.ts';
import { recoverWith } from '../../src/recovery/recover.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import type { Message } from '../../src/session/message.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });

/** A store with two closed sessions of one message each. */
async function twoSessions(open: (machine: SimMachine) => Promise<Store> = (one) => one.open()) {
  const machine = await SimMachine.start(7);
  const store = await open(machine);
  for (const id of ['s', 'o']) {
    const session = await machine.run(store.createSession({ id }));
    await machine.run(session.append(say(`of ${id}`)));
    await machine.run(session.close());
  }
  return { machine, store };
}

/** What a session holds, or the code of the error that opening it gives. */
async function found(machine: SimMachine, store: Store, id: string): Promise<unknown> {
  try {
    const session = await machine.run(store.openSession(id));
    const all = await machine.run(collect(session.messages()));
    await machine.run(session.close());
    return all.map(({ message }) => message.content);
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    return error.code;
  }
}

describe('a deletion that fails', () => {
  it.each([
    ['rename', 'ENOSPC', 'FULL'],
    ['rename', 'EACCES', 'IO'],
    ['create-directory', 'ENOSPC', 'FULL'],
    ['create-directory', 'EROFS', 'IO'],
  ] as const)(
    'by a %s that answers %s leaves the session, behind any end',
    async (kind, errno, code) => {
      for (const end of ['kill', 'power cut', 'close', 'append'] as const) {
        const { machine, store } = await twoSessions();
        machine.disk.failNext(kind, errno);
        await expect(machine.run(store.deleteSession('s')), end).rejects.toMatchObject({ code });
        const after = end === 'power cut' ? machine.crash(3) : machine;
        if (end === 'close') await machine.run(store.close());
        const texts = ['of s'];
        if (end === 'append') {
          const session = await machine.run(store.openSession('s'));
          await machine.run(session.append(say('more')));
          texts.push('more');
        }
        machine.kill();
        const next = await after.open({}, 'next');
        expect(await found(after, next, 's'), end).toEqual(texts);
        expect(await found(after, next, 'o'), end).toEqual(['of o']);
        // And it can be deleted.
        await after.run(next.deleteSession('s'));
        after.kill('next');
        const last = await after.open({}, 'last');
        expect(await found(after, last, 's'), end).toBe('NOT_FOUND');
      }
    },
  );

  it('says that it is in doubt when the journal cannot be synced any more to take it back', async () => {
    const { machine, store } = await twoSessions();
    let isDying = false;
    machine.disk.beforeOperation = ({ kind, path }) => {
      isDying ||= kind === 'rename' && path.endsWith('/sessions/s');
      const isJournal = kind === 'sync' && path.includes('/journals/');
      return isDying && (kind === 'rename' || isJournal) ? { errno: 'EIO' } : undefined;
    };
    await expect(machine.run(store.deleteSession('s'))).rejects.toThrow(/may complete it/);
    machine.disk.beforeOperation = null;
    machine.kill();
    const cut = new SimMachine(machine.disk.crash({ keep: 'none' }));
    expect(await found(cut, await cut.open({}, 'next'), 's')).toBe('NOT_FOUND');
    expect(await found(machine, await machine.open({}, 'next'), 's')).toEqual(['of s']);
  });

  it.each(['kill', 'close'] as const)(
    'and that cannot be taken back says that it is decided, and then it is: %s',
    async (end) => {
      const { machine, store } = await twoSessions();
      machine.disk.beforeOperation = ({ kind, path }) => {
        if (kind === 'rename' && path.endsWith('/sessions/s')) {
          // From here on the journal takes nothing more.
          machine.disk.beforeOperation = ({ path: at }) =>
            at.endsWith('.segment') || at.includes('/.new-') ? { errno: 'EIO' } : undefined;
          return { errno: 'EIO' };
        }
        return undefined;
      };
      const told = machine.run(store.deleteSession('s'));
      await expect(told).rejects.toMatchObject({ code: 'IO' });
      await expect(told).rejects.toThrow(
        /it is decided, and whoever opens the store next completes/,
      );
      machine.disk.beforeOperation = null;
      if (end === 'kill') machine.kill();
      else await machine.run(store.close());
      const next = await machine.open({}, 'next');
      expect(await found(machine, next, 's')).toBe('NOT_FOUND');
      expect(await found(machine, next, 'o')).toEqual(['of o']);
    },
  );
});

/** As if the trash were on another device. */
function acrossDevices(parts: Parts): Parts {
  const fileSystem = new Proxy<FileSystem>(parts.fileSystem, {
    get(target, name) {
      if (name === 'rename') {
        return async (from: string, to: string): Promise<void> => {
          const [isFrom, isTo] = [from, to].map((path) => path.startsWith(`${simRoot}/trash/`));
          if (isFrom !== isTo) throw systemError('EXDEV', 'rename', from);
          await target.rename(from, to);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...parts, fileSystem };
}

describe('a trash on another device', () => {
  const open = (machine: SimMachine, name = 'main'): Promise<Store> =>
    machine.openWith(acrossDevices(machine.parts(name)));

  it('keeps no deletion from being carried out, and no store from being opened', async () => {
    const { machine, store } = await twoSessions(open);
    await machine.run(store.deleteSession('s'));
    machine.kill();
    const next = await open(machine, 'next');
    expect(await found(machine, next, 's')).toBe('NOT_FOUND');
    expect(await found(machine, next, 'o')).toEqual(['of o']);
    await machine.run(next.close());
    const report = await machine.recover({ mode: 'verify' });
    expect(report).toMatchObject({ verdict: 'clean', sessions: [{ id: 'o' }], findings: [] });
    expect(machine.disk.paths().filter((path) => path.includes('.new-'))).toEqual([]);
  });

  it('or a link in its place is passed over: nothing goes through it', async () => {
    const { machine, store } = await twoSessions();
    machine.disk.makeDirectory('/elsewhere');
    machine.disk.writeFile('/elsewhere/mine', new Uint8Array(3));
    machine.disk.makeLink(`${simRoot}/trash`, '/elsewhere');
    await machine.run(store.deleteSession('s'));
    machine.kill();
    const next = await machine.open({}, 'next');
    expect(await found(machine, next, 's')).toBe('NOT_FOUND');
    expect(await found(machine, next, 'o')).toEqual(['of o']);
    expect(machine.disk.readFile('/elsewhere/mine')).toHaveLength(3);
  });

  it('is no trouble for a recovery that ends a deletion, wherever that is cut off', async () => {
    for (let step = 0; step < 40; step += 1) {
      const { machine, store } = await twoSessions(open);
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
      const when = `step ${step}`;
      const after = step % 2 === 0 ? machine.crash(step + 1) : machine;
      const report = await after.run(
        recoverWith(acrossDevices(after.parts('recover')), simRoot, { mode: 'run' }),
      );
      expect(report.verdict, when).toMatch(/^(healed|clean)$/);
      const next = await open(after, 'next');
      const texts = await found(after, next, 's');
      if (answered) expect(texts, when).toBe('NOT_FOUND');
      else expect([['of s'], 'NOT_FOUND'], when).toContainEqual(texts);
      expect(await found(after, next, 'o'), when).toEqual(['of o']);
    }
  });
});

describe('a session whose history fails to close', () => {
  it('close says nothing of it, because all was synced, and the session can be opened again', async () => {
    const machine = await SimMachine.start(5);
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'close' && path.endsWith('/history') ? { errno: 'EIO' } : undefined;
    await machine.run(session.close());
    machine.disk.beforeOperation = null;
    expect(await found(machine, store, 's')).toEqual(['one']);
    await machine.run(store.close());
    expect((await machine.recover({ mode: 'verify' })).verdict).toBe('clean');
  });
});

describe('a session that could not be made', () => {
  it('createSession whose last open fails leaves no session', async () => {
    for (const end of ['goes on', 'kill', 'power cut'] as const) {
      const machine = await SimMachine.start(5);
      const store = await machine.open();
      const target = `${simRoot}/sessions/s/history`;
      machine.disk.beforeOperation = ({ kind, path }) =>
        kind === 'open' && path === target ? { errno: 'EIO' } : undefined;
      await expect(machine.run(store.createSession({ id: 's' }))).rejects.toMatchObject({
        code: 'IO',
      });
      machine.disk.beforeOperation = null;
      const after = end === 'power cut' ? machine.crash(2) : machine;
      if (end !== 'goes on') machine.kill();
      const next = end === 'goes on' ? store : await after.open({}, 'next');
      if (end !== 'power cut') expect(await found(after, next, 's'), end).toBe('NOT_FOUND');
      const session = await after.run(next.openSession('s', { create: true }));
      expect(session.state.messages, end).toBe(0);
    }
  });
});
