/** Calls on a simulated machine that is off, or in a process that was killed. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { SimCrash } from '../../src/platform/sim/faults.ts';
import { SimMachine } from '../../src/simulation/sim-machine.ts';

const say = (content: string) => ({ role: 'user', content }) as const;

async function working() {
  const machine = await SimMachine.create();
  const store = await machine.openStore('/agent');
  const session = await machine.run(() => store.openSession('s', { create: true }));
  await machine.run(() => session.append(say('one')));
  await machine.run(() => session.append(say('two'), { durability: 'batched' }));
  const wal = await machine.openWal('/log');
  await machine.run(() => wal.append(Uint8Array.of(1)));
  const calls: readonly (() => Promise<unknown>)[] = [
    () => session.append(say('three')),
    () => session.append(say('four'), { durability: 'batched' }),
    () => session.flush(),
    () => session.intend({ id: 'c', name: 'bash' }),
    () => store.openSession('t', { create: true }),
    () => store.settle(),
    () => session.close(),
    () => wal.append(Uint8Array.of(2)),
    () => wal.flush(),
  ];
  return { machine, calls };
}

describe('SimCrash', () => {
  it.each([
    ['the machine is off', (machine: SimMachine) => machine.cutPowerAfter(0), 'machine is off'],
    ['the power goes meanwhile', (machine: SimMachine) => machine.cutPowerAfter(1), 'is off'],
    ['the process was killed', (machine: SimMachine) => machine.kill(), 'main was killed'],
  ])('SimCrash, and no failed sync, is told once %s', async (_, end, words) => {
    const { machine, calls } = await working();
    end(machine);
    for (const call of calls) {
      const error = await machine.run(call).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, String(call)).toBeInstanceOf(SimCrash);
      expect((error as Error).message).toContain(words);
    }
  });

  it('SimCrash is not told where a sync really failed', async () => {
    const { machine, calls } = await working();
    machine.fail({ operation: 'sync', error: 'EIO', times: Infinity });
    for (const call of calls) {
      const error: unknown = await machine.run(call).catch((reason: unknown) => reason);
      expect(HoldfastError.is(error, 'POISONED'), String(call)).toBe(true);
    }
  });
});
