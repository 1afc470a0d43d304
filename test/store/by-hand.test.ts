/**
 * What people do by hand to the files of a store that is open: lock files removed, files moved away and
 * copied back. Whoever's file it no longer is must acknowledge nothing, and take nothing from others.
 */
import { describe, expect, it } from 'vitest';
import { readUpTo, writeAll } from '../../src/platform/file-system.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const layout = layoutOf(simRoot);
const paths = sessionPaths(layout, 's');
const stale = { code: 'IO', details: { errno: 'ESTALE' } };

async function say(machine: SimMachine, session: Session, text: string): Promise<void> {
  await machine.run(session.append({ role: 'user', content: text }));
}

/** A process that has the session open, after it has closed it once: the head names nobody. */
async function idle(machine: SimMachine): Promise<Session> {
  const store = await machine.open({}, 'idle');
  const session = await machine.run(store.createSession({ id: 's' }));
  await say(machine, session, 'one');
  await machine.run(session.close());
  return machine.run(store.openSession('s'));
}

/** What a new process finds. */
async function found(machine: SimMachine): Promise<readonly unknown[]> {
  const store = await machine.open({}, 'after');
  const session = await machine.run(store.openSession('s'));
  return (await machine.run(collect(session.messages()))).map(({ message }) => message.content);
}

/** Moves the file away, and leaves a copy of it in its place. */
async function copyInPlace(machine: SimMachine, path: string): Promise<void> {
  const files = machine.disk.fileSystem('hand');
  await machine.run(files.rename(path, `${simRoot}/moved`));
  const [moved, copy] = [await files.open(`${simRoot}/moved`, 'read'), await files.create(path)];
  const { size } = await moved.stat();
  await machine.run(writeAll(copy, await readUpTo(moved, 0, size), 0));
  await machine.run(copy.sync());
  for (const file of [moved, copy]) await file.close();
}

async function locks(machine: SimMachine): Promise<readonly string[]> {
  return Promise.resolve(machine.disk.paths().filter((path) => path.endsWith('/LOCK')));
}

describe('a session whose files somebody has touched', () => {
  it.each(['its LOCK', 'every LOCK'])(
    'takes nothing from who has it after %s was removed',
    async (what) => {
      const machine = await SimMachine.start();
      const first = await idle(machine);
      const hand = machine.disk.fileSystem('hand');
      for (const path of what === 'its LOCK' ? [paths.lock] : await locks(machine)) {
        await machine.run(hand.remove(path));
      }
      const other: Store = await machine.open({}, 'other');
      const second = await machine.run(other.openSession('s'));
      await say(machine, second, 'two');
      await expect(say(machine, first, 'not mine')).rejects.toMatchObject(stale);
      await say(machine, second, 'three');
      for (const name of ['idle', 'other']) machine.kill(name);
      expect(await found(machine)).toEqual(['one', 'two', 'three']);
    },
  );

  it('writes no head over that of another process', async () => {
    const machine = await SimMachine.start();
    const first = await idle(machine);
    await machine.run(machine.disk.fileSystem('hand').remove(paths.lock));
    const other = await machine.open({}, 'other');
    const second = await machine.run(other.openSession('s'));
    await say(machine, second, 'two');
    // As if somebody had also put the lock file back.
    machine.disk.locks('hand').tryLock(paths.lock)?.release();
    await expect(say(machine, first, 'not mine')).rejects.toMatchObject(stale);
    await machine.run(second.close());
    for (const name of ['idle', 'other']) machine.kill(name);
    expect(await found(machine)).toEqual(['one', 'two']);
  });

  it('settles into no history that was moved away, and keeps its journal', async () => {
    const machine = await SimMachine.start();
    const session = await idle(machine);
    await say(machine, session, 'two');
    await copyInPlace(machine, paths.history);
    await say(machine, session, 'three');
    await expect(machine.run(session.close())).rejects.toMatchObject(stale);
    machine.kill('idle');
    expect(await found(machine)).toEqual(['one', 'two', 'three']);
  });

  it('answers nothing behind a segment that was moved away', async () => {
    const machine = await SimMachine.start();
    const session = await idle(machine);
    await say(machine, session, 'two');
    await machine.pass(500);
    const segment = machine.disk.paths().find((path) => path.endsWith('.segment')) ?? '';
    await copyInPlace(machine, segment);
    await expect(say(machine, session, 'lost')).rejects.toMatchObject({ code: 'POISONED' });
    machine.kill('idle');
    expect(await found(machine)).toEqual(['one', 'two']);
  });

  it('is nothing that the handle which made the session takes for it: its directory got its name later', async () => {
    for (let skip = 0; skip < 8; skip += 1) {
      const machine = await SimMachine.start(3);
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id: 's' }));
      await say(machine, session, 'one');
      let left = skip;
      machine.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== 'sync' || path !== paths.history) return undefined;
        left -= 1;
        return left === -1 ? { errno: 'EIO' } : undefined;
      };
      const closed = await machine.run(session.close()).then(
        () => true,
        () => false,
      );
      machine.disk.beforeOperation = null;
      if (closed) continue;
      await say(machine, session, 'two');
      await machine.run(session.close());
      expect(await found(machine), `at sync ${skip}`).toEqual(['one', 'two']);
    }
  });
});
