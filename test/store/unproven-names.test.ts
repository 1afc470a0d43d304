/**
 * A sync of a directory that fails, wherever it is, and callers who try again: the second sync says
 * that it succeeded, and has written nothing. Whatever is acknowledged then must survive power loss.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** Somebody who opens a store, makes sessions and appends to them, and does not take no for an answer. */
class Stubborn {
  readonly machine: SimMachine;
  readonly #process: string;
  #store: Store | null = null;
  /** Acknowledged as durable, by session. */
  readonly answered = new Map<string, string[]>();
  readonly failures: unknown[] = [];

  constructor(machine: SimMachine, process: string) {
    this.machine = machine;
    this.#process = process;
  }

  /** One session after the other; each is tried `tries` times, with a new store in between. */
  async live(tries: number): Promise<void> {
    for (const id of ['s', 't']) {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        if (await this.#append(id, `${id}${attempt}`)) break;
        // The second time with the same store, after that with a new one.
        if (attempt > 0) await this.#close();
      }
    }
    await this.#close();
  }

  async #append(id: string, text: string): Promise<boolean> {
    const { machine } = this;
    let session: Session | null = null;
    try {
      this.#store ??= await machine.open({}, this.#process);
      session = await machine.run(this.#store.openSession(id, { create: true }));
      await machine.run(session.append(say(text)));
      this.answered.set(id, [...(this.answered.get(id) ?? []), text]);
      await machine.run(session.close());
      return true;
    } catch (error) {
      this.failures.push(error);
      if (session !== null) await machine.run(session.close()).catch(() => undefined);
      return false;
    }
  }

  async #close(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    if (store === null) return;
    await this.machine.run(store.close()).catch((error: unknown) => this.failures.push(error));
  }
}

/** The next sync of a directory whose path ends like this fails. */
function failNextSyncOf(machine: SimMachine, end: string): void {
  machine.disk.beforeOperation = ({ kind, path }) => {
    if (kind !== 'sync-directory' || !path.endsWith(end)) return undefined;
    machine.disk.beforeOperation = null;
    return { errno: 'EIO' };
  };
}

/** What was acknowledged and is not there after power loss that takes all that was not synced. */
async function missing(machine: SimMachine, lives: readonly Stubborn[]): Promise<string[]> {
  const after = new SimMachine(machine.disk.crash({ keep: 'none' }));
  const faults: string[] = [];
  let store: Store;
  try {
    store = await after.open({}, 'after');
  } catch (error) {
    return [String(error)];
  }
  const due = lives.flatMap((life) => [...life.answered]);
  for (const [id, texts] of due) {
    try {
      const session = await after.run(store.openSession(id, { mode: 'read' }));
      const found = (await after.run(collect(session.messages()))).map(({ message }) => message);
      const said = found.map(({ content }) => content);
      for (const text of texts) if (!said.includes(text)) faults.push(`${id}: ${text} is gone`);
    } catch (error) {
      faults.push(`${id}: ${String(error)}`);
    }
  }
  await after.run(store.close());
  return faults;
}

/** Runs `life` with the sync of a directory failing at every position it has. */
async function atEverySync(life: (machine: SimMachine) => Promise<string[]>): Promise<number> {
  const faults: string[] = [];
  for (let position = 0; ; position += 1) {
    const machine = await SimMachine.start();
    let count = 0;
    let path: string | null = null;
    machine.disk.beforeOperation = (operation) => {
      if (operation.kind !== 'sync-directory') return undefined;
      count += 1;
      if (count - 1 !== position) return undefined;
      path = operation.path;
      return { errno: 'EIO' };
    };
    const found = await life(machine);
    if (path === null) {
      expect(faults).toEqual([]);
      return position;
    }
    faults.push(...found.map((fault) => `sync ${position} of ${String(path)}: ${fault}`));
  }
}

describe('append', () => {
  it('is believed by nobody who tries again after the sync of a directory failed', async () => {
    const positions = await atEverySync(async (machine) => {
      const life = new Stubborn(machine, 'main');
      await life.live(4);
      for (const error of life.failures) expect(HoldfastError.is(error), String(error)).toBe(true);
      // The disk is sound but for one sync: in the end everybody gets through.
      expect([...life.answered.keys()]).toEqual(['s', 't']);
      return missing(machine, [life]);
    });
    expect(positions).toBeGreaterThan(10);
  });

  it('is believed by no other process after the sync of a directory failed in the first', async () => {
    await atEverySync(async (machine) => {
      const first = new Stubborn(machine, 'first');
      await first.live(1);
      const second = new Stubborn(machine, 'second');
      await second.live(3);
      return missing(machine, [first, second]);
    });
  });

  it('stays refused in a store whose sync of names failed, but where the name was proven', async () => {
    const machine = await SimMachine.start();
    const before = await machine.open({}, 'before');
    for (const id of ['s', 't']) await machine.run(before.createSession({ id }));
    await machine.run(before.close());
    const store = await machine.open();
    const [s, t] = [
      await machine.run(store.openSession('s')),
      await machine.run(store.openSession('t')),
    ];
    await machine.run(s.append(say('before')));
    failNextSyncOf(machine, '/sessions');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = machine.run(t.append(say('never')));
      await expect(refused).rejects.toMatchObject({ code: 'IO', details: { errno: 'EIO' } });
    }
    await expect(machine.run(store.createSession())).rejects.toMatchObject({ code: 'IO' });
    await machine.run(s.append(say('after')));
    await machine.run(store.close());
    const again = await machine.open({}, 'again');
    const session = await machine.run(again.openSession('t'));
    await machine.run(session.append(say('first')));
    expect(session.state.messages).toBe(1);
  });

  it('finds no session whose making failed at the sync of a directory, and no garbage', async () => {
    for (const skip of [0, 1]) {
      const machine = await SimMachine.start();
      const store = await machine.open();
      machine.disk.failNext('sync-directory', 'EIO', 1, skip);
      const making = machine.run(store.createSession({ id: 's' }));
      await expect(making).rejects.toMatchObject({ code: 'IO' });
      const opening = machine.run(store.openSession('s'));
      await expect(opening).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const left = machine.disk.paths('directory').filter((path) => path.includes('/sessions/'));
      expect(left).toEqual([]);
      await machine.run(store.close());
    }
  });
});

describe('createSession', () => {
  it('hears of a sync of the names that failed in a deletion', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.close());
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'sync-directory' || !path.endsWith('/sessions')) return undefined;
      if (machine.disk.paths('directory').includes(`${path}/s`)) return undefined;
      machine.disk.beforeOperation = null;
      return { errno: 'EIO' };
    };
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({ code: 'IO' });
    // Its own sync would succeed, and might have written nothing.
    const making = machine.run(store.createSession({ id: 't' }));
    await expect(making).rejects.toMatchObject({ code: 'IO', details: { errno: 'EIO' } });
    await machine.run(store.close());
  });

  it('leaves no name when two syncs in a row fail', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    machine.disk.failNext('sync-directory', 'EIO', 2, 1);
    const making = machine.run(store.createSession({ id: 's' }));
    await expect(making).rejects.toMatchObject({ code: 'IO' });
    expect(machine.disk.paths('directory').filter((path) => path.endsWith('/s'))).toEqual([]);
    await machine.run(store.close());
    const again = await machine.open({}, 'again');
    const opening = machine.run(again.openSession('s'));
    await expect(opening).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a session whose name was taken away in its place', () => {
  it('is gone or empty when the power fails while the next process clears it away', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      for (let changes = 1, isOff = true; isOff; changes += 1) {
        const machine = await SimMachine.start(seed);
        const store = await machine.open({}, 'one');
        machine.disk.failNext('sync-directory', 'EIO', 2, 1);
        await machine.run(store.createSession({ id: 's' })).catch(() => undefined);
        machine.kill('one');
        machine.disk.crashAfter(changes);
        await machine.open({}, 'two').catch(() => undefined);
        isOff = machine.disk.isOff;
        const { verdict, sessions } = await machine.crash(seed * 100 + changes).recover();
        const told = `seed ${seed}, ${changes} changes: ${JSON.stringify(sessions)}`;
        expect(['clean', 'healable'], told).toContain(verdict);
      }
    }
  });
});

describe('a session whose making failed at the sync of its name', () => {
  // Found by a random life (seed 1984): the content was removed at once, and power loss kept that and the
  // name, but not that the name had been taken back: "its history is gone".
  it.each(['the store goes on', 'another process comes', 'it is closed'] as const)(
    'is gone or empty after any power loss, and never damaged: %s',
    async (then) => {
      const found = new Set<string>();
      for (let seed = 1; seed <= 200; seed += 1) {
        const machine = await SimMachine.start(seed);
        const store = await machine.open({}, 'one');
        const other = await machine.run(store.createSession({ id: 'other' }));
        await machine.run(other.append(say('kept')));
        let failing = true;
        machine.disk.beforeOperation = ({ kind, path }) => {
          if (!failing || kind !== 'sync-directory' || !path.endsWith('/sessions'))
            return undefined;
          failing = false;
          return { errno: 'EIO' };
        };
        const made = machine.run(store.createSession({ id: 's' }));
        await expect(made).rejects.toMatchObject({ code: 'IO' });
        if (then === 'it is closed') await machine.run(store.close());
        if (then === 'another process comes') {
          machine.kill('one');
          await machine.open({}, 'two');
        }
        const after = machine.crash(seed);
        const opened = await after.open({}, 'after');
        const session = await after
          .run(opened.openSession('s'))
          .catch((error: unknown) => (HoldfastError.is(error) ? error.code : String(error)));
        found.add(typeof session === 'string' ? session : `${session.state.entries} entries`);
      }
      expect([...found].filter((one) => one !== 'NOT_FOUND' && one !== '0 entries')).toEqual([]);
    },
  );
});

describe('a history that was built anew', () => {
  it('is durable under its name before the process that built it lets its journal go', async () => {
    const machine = await SimMachine.start(1);
    const store = await machine.open({}, 'one');
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('first')));
    await machine.run(store.settle());
    await machine.run(session.append(say('kept')));
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'sync' || !path.endsWith('/s/history')) return undefined;
      machine.disk.beforeOperation = null;
      return { errno: 'EIO' };
    };
    await expect(machine.run(store.settle())).rejects.toMatchObject({ code: 'IO' });
    await machine.run(store.settle());
    // The journal goes, and the file is all that holds them.
    await machine.run(store.close());
    const stubborn = new Stubborn(machine, 'one');
    stubborn.answered.set('s', ['first', 'kept']);
    expect(await missing(machine, [stubborn])).toEqual([]);
  });
});

describe('a history that was built anew by a process that died before its name was durable', () => {
  it('is durable under its name before the next process acknowledges anything', async () => {
    // Found by a random life (seed 2384): power loss brought the old file back, whose head did not name the
    // journal that held what was acknowledged, and recovery dropped it with that journal.
    const machine = await SimMachine.start(1);
    const first = await machine.open({}, 'first');
    const made = await machine.run(first.createSession({ id: 's' }));
    await machine.run(made.append(say('settled')));
    await machine.run(first.close());
    const parts = machine.parts('dying');
    const held = new HeldOperation(parts.fileSystem);
    const dying = await machine.openWith({ ...parts, fileSystem: held.fileSystem });
    const session = await machine.run(dying.openSession('s'));
    // The head cannot be written: the next append builds the file anew.
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.endsWith('/s/history') ? { errno: 'EIO' } : undefined;
    await expect(machine.run(session.append(say('fails')))).rejects.toMatchObject({ code: 'IO' });
    machine.disk.beforeOperation = null;
    held.hold((verb, path) => verb === 'syncDirectory' && path.endsWith('/s'), 0);
    session.append(say('never answered')).catch(() => undefined);
    await machine.pass(100);
    expect(held.isHolding).toBe(true);
    machine.kill('dying');
    const next = new Stubborn(machine, 'next');
    await next.live(1);
    expect(next.answered.get('s')).toEqual(['s0']);
    expect(await missing(machine, [next])).toEqual([]);
  });
});

describe('a history whose sync failed, and then that of its new name', () => {
  /** A store whose process met both failures; s holds one settled entry and one in the journal. */
  async function failedTwice(): Promise<{ machine: SimMachine; first: Store }> {
    const machine = await SimMachine.start(5);
    const first = await machine.open({}, 'first');
    const session = await machine.run(first.createSession({ id: 's' }));
    await machine.run(session.append(say('settled')));
    await machine.run(first.settle());
    await machine.run(session.append(say('in the journal')));
    const failing = new Set(['sync of a history', 'sync-directory of a session']);
    machine.disk.beforeOperation = ({ kind, path }) => {
      const isFile = path.endsWith('/s/history') || path.includes('/s/history.new');
      const what = isFile ? 'history' : path.endsWith('/s') ? 'session' : 'store';
      return failing.delete(`${kind} of a ${what}`) ? { errno: 'EIO' } : undefined;
    };
    await expect(machine.run(first.settle())).rejects.toMatchObject({ code: 'IO' });
    await expect(machine.run(first.settle())).rejects.toMatchObject({ code: 'IO' });
    expect([...failing]).toEqual([]);
    return { machine, first };
  }

  it.each(['is closed', 'dies'] as const)(
    'is built anew once more by the next process when the first one %s',
    async (end) => {
      const { machine, first } = await failedTwice();
      if (end === 'is closed') await machine.run(first.close()).catch(() => undefined);
      else machine.kill('first');
      const next = new Stubborn(machine, 'next');
      await next.live(1);
      expect(next.answered.get('s')).toEqual(['s0']);
      next.answered.set('s', ['settled', 'in the journal', 's0']);
      expect(await missing(machine, [next])).toEqual([]);
    },
  );

  // Found by a random life (seed 235): the copy was held against what the head vouches for, so that rot
  // in one old session kept the whole store from opening.
  it('keeps nobody from the other sessions when it has rotted meanwhile', async () => {
    const { machine } = await failedTwice();
    machine.kill('first');
    const [path = ''] = machine.disk.paths().filter((one) => one.endsWith('/s/history'));
    const bytes = Buffer.from(machine.disk.readFile(path));
    const rotten = bytes.indexOf('settled', fileHeaderBytes);
    expect(rotten).toBeGreaterThan(0);
    bytes[rotten] = (bytes[rotten] ?? 0) ^ 1;
    machine.disk.writeFile(path, bytes);
    const store = await machine.open({}, 'next');
    const refused = machine.run(store.openSession('s'));
    await expect(refused).rejects.toMatchObject({ code: 'DAMAGED' });
    const other = await machine.run(store.createSession({ id: 't' }));
    await machine.run(other.append(say('goes on')));
    await machine.run(store.close());
    // What had rotted is still there for salvage, bit by bit.
    expect(
      Buffer.from(machine.disk.readFile(path)).includes(bytes.subarray(rotten, rotten + 7)),
    ).toBe(true);
  });
});
