/**
 * Names that somebody gave and that may not be durable: their maker was killed before the sync of the
 * directory, or the sync failed. Whoever sees such a name later must not remove anything because of it,
 * and must not believe a second sync, which succeeds without having written anything.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { SimCrash } from '../../src/platform/sim/faults.ts';
import type { Fault, Operation } from '../../src/platform/sim/faults.ts';
import type { Message } from '../../src/session/message.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const texts = ['a', 'b', 'c'];

/** A machine whose process died with three entries of session `s` in its journal. */
async function crashed(): Promise<SimMachine> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  for (const text of texts) await machine.run(session.append(say(text)));
  machine.kill();
  return machine;
}

/** What `s` says on each of the disks that power loss may leave now; errors by their message. */
async function afterPowerLoss(machine: SimMachine, seeds: number): Promise<Set<string>> {
  const disks = [machine.disk.crash({ keep: 'none' }), machine.disk.crash({ keep: 'all' })];
  for (let seed = 0; seed < seeds; seed += 1) disks.push(machine.disk.crash({ seed }));
  const found = new Set<string>();
  for (const disk of disks) {
    const after = new SimMachine(disk);
    try {
      const store = await after.open({}, 'after');
      const session = await after.run(store.openSession('s'));
      const messages = await after.run(collect(session.messages()));
      found.add(JSON.stringify(messages.map(({ message }) => message.content)));
    } catch (error) {
      found.add(HoldfastError.is(error) ? `${error.code}: ${error.message}` : String(error));
    }
  }
  return found;
}

/** Ends a directory's first sync that comes after a name in it was changed. */
function atSyncBehind(
  rename: (operation: Operation) => boolean,
  directory: string,
  end: () => Fault,
): (operation: Operation) => Fault | undefined {
  let state: 'before' | 'renamed' | 'ended' = 'before';
  return (operation) => {
    if (state === 'before' && rename(operation)) state = 'renamed';
    if (state !== 'renamed' || operation.kind !== 'sync-directory') return undefined;
    if (operation.path !== directory) return undefined;
    state = 'ended';
    return end();
  };
}

const ends = {
  'was killed before the sync': (): Fault => {
    throw new SimCrash('SIGKILL');
  },
  'was told that the sync failed': (): Fault => ({ errno: 'EIO' }),
} as const;

describe('recover', () => {
  it.each(Object.entries(ends))(
    'removes no journal because of a writers file whose writer %s',
    async (_name, end) => {
      const machine = await crashed();
      machine.disk.beforeOperation = atSyncBehind(
        ({ kind, path }) => kind === 'rename' && path === `${simRoot}/writers.new`,
        simRoot,
        end,
      );
      await expect(machine.recover({ mode: 'run' })).rejects.toThrow();
      machine.disk.beforeOperation = null;
      machine.kill('recover');
      // The next one finds a journal that is not listed, and removes it.
      await machine.recover({ mode: 'run' });
      expect(machine.disk.paths().filter((path) => path.endsWith('.segment'))).toEqual([]);
      expect(await afterPowerLoss(machine, 40)).toEqual(new Set([JSON.stringify(texts)]));
    },
  );

  it.each(Object.entries(ends))(
    'empties no trash because of a move whose mover %s',
    async (_name, end) => {
      const machine = await crashed();
      const store = await machine.open({}, 'deleter');
      machine.disk.beforeOperation = atSyncBehind(
        ({ kind, path }) => kind === 'rename' && path === `${simRoot}/sessions/s`,
        `${simRoot}/sessions`,
        end,
      );
      await expect(machine.run(store.deleteSession('s'))).rejects.toThrow();
      machine.disk.beforeOperation = null;
      machine.kill('deleter');
      await machine.recover({ mode: 'run' });
      // Nobody was told that it is gone, so both are right; half of it is not.
      for (const found of await afterPowerLoss(machine, 40)) {
        expect([JSON.stringify(texts), 'NOT_FOUND'], found).toContain(found.split(':')[0]);
      }
    },
  );
});
