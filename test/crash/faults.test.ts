/**
 * Errors of the disk at every position of a small life of a store, on a simulated machine: whoever was
 * told "durable" is right, also after power loss; whoever was not is told so. Names of faults are those
 * of the project's fault list.
 */
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/index.ts';
import type { Fault, Operation, OperationKind } from '../../src/platform/sim/faults.ts';
import { Store } from '../../src/store/store.ts';
import { HangingSyncs } from '../helpers/hanging-syncs.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';
import { Life } from './life.ts';

/** Runs one life in which the operations that `fault` picks fail. */
async function lifeWith(
  fault: (operation: Operation) => Fault | undefined,
  prepare: (machine: SimMachine) => void = () => undefined,
): Promise<{ readonly machine: SimMachine; readonly life: Life }> {
  const machine = await SimMachine.start();
  prepare(machine);
  machine.disk.beforeOperation = fault;
  const life = new Life(machine);
  await life.live();
  machine.disk.beforeOperation = null;
  return { machine, life };
}

/** Fails the operation of this kind with this number, counted from 0; says whether it was met. */
function failAt(
  kind: OperationKind,
  position: number,
  fault: Fault,
): { readonly fault: (operation: Operation) => Fault | undefined; met: () => Operation | null } {
  let count = 0;
  let met: Operation | null = null;
  return {
    fault: (operation) => {
      if (operation.kind !== kind) return undefined;
      count += 1;
      if (count - 1 !== position) return undefined;
      met = operation;
      return fault;
    },
    met: () => met,
  };
}

interface Sweep {
  readonly prepare?: (machine: SimMachine) => void;
  /** Every position by default. */
  readonly stride?: number;
}

/** All positions of a kind of operation until a life has no more of them. */
async function atEveryPosition(
  kind: OperationKind,
  fault: Fault,
  judge: (life: Life, machine: SimMachine, where: string) => Promise<void>,
  { prepare = () => undefined, stride = 1 }: Sweep = {},
): Promise<number> {
  for (let position = 0; ; position += stride) {
    const plan = failAt(kind, position, fault);
    const { machine, life } = await lifeWith(plan.fault, prepare);
    const operation = plan.met();
    if (operation === null) return position;
    const where = `${kind} ${position} of ${operation.path}`;
    await judge(life, machine, where);
  }
}

/** A crash with power loss leaves one of many disks; some of them are looked at. */
async function judgeAfterPowerLoss(life: Life, machine: SimMachine, where: string): Promise<void> {
  machine.kill();
  for (let seed = 1; seed <= 2; seed += 1) {
    expect(await life.judge(machine.crash(seed), 'power'), `${where}, crash ${seed}`).toEqual([]);
  }
  const none = new SimMachine(machine.disk.crash({ keep: 'none' }));
  expect(await life.judge(none, 'power'), `${where}, nothing unsynced kept`).toEqual([]);
}

/** Once somebody was told POISONED, everybody is, and nothing succeeds any more. */
function expectPoisoned(life: Life, where: string): void {
  const first = life.failures.findIndex(({ error }) => HoldfastError.is(error, 'POISONED'));
  for (const { error } of life.failures.slice(0, Math.max(0, first))) {
    expect(error, where).toMatchObject({ code: 'IO' });
  }
  if (first === -1) return;
  for (const { call, error } of life.failures.slice(first)) {
    expect(error, `${where}, ${call}`).toMatchObject({ code: 'POISONED' });
  }
  expect(life.successesAfterFailure, where).toBe(0);
}

describe('a sync that fails', () => {
  test.each(['clean', 'revert'] as const)(
    'F22, F23, F24, F26: append is never acknowledged again, and nothing is lost, with failed pages %s',
    async (syncFailure) => {
      const positions = await atEveryPosition(
        'sync',
        { errno: 'EIO' },
        async (life, machine, where) => {
          expectPoisoned(life, where);
          await judgeAfterPowerLoss(life, machine, where);
        },
        {
          prepare: (machine) => {
            machine.disk.syncFailure = syncFailure;
          },
        },
      );
      expect(positions).toBeGreaterThan(30);
    },
  );

  test('F25: append survives that the sync of any directory fails', async () => {
    const positions = await atEveryPosition(
      'sync-directory',
      { errno: 'EIO' },
      async (life, machine, where) => {
        expectPoisoned(life, where);
        await judgeAfterPowerLoss(life, machine, where);
      },
    );
    expect(positions).toBeGreaterThan(10);
  });

  test('F33: append is not answered while its sync hangs', async () => {
    const machine = await SimMachine.start();
    const gate = new HangingSyncs(machine.parts('main').fileSystem);
    const parts = { ...machine.parts('main'), fileSystem: gate.fileSystem };
    const store = await machine.run(Store.openWith(parts, simRoot, { io: 'pool' }));
    const session = await machine.run(store.createSession({ id: 'ada' }));
    await machine.run(session.append({ role: 'user', content: 'before' }));
    gate.hang();
    let answered = 0;
    const count = (): void => {
      answered += 1;
    };
    const appends = [1, 2, 3].map((at) => session.append({ role: 'user', content: `${at}` }));
    const flush = session.flush();
    for (const one of [...appends, flush]) one.then(count, count);
    await machine.pass(30_000);
    expect(answered).toBe(0);
    expect(session.durableUpTo).toBe(1);
    // A batched append is with the operating system meanwhile, and is answered.
    const batched = session.append({ role: 'user', content: '4' }, { durability: 'batched' });
    gate.release();
    await machine.run(Promise.all([...appends, flush, batched]));
    expect(session.state.messages).toBe(5);
    await machine.run(store.close());
  });
});

describe('a write that fails', () => {
  test.each([
    { errno: 'ENOSPC', code: 'FULL', stride: 1 },
    { errno: 'EDQUOT', code: 'FULL', stride: 7 },
    { errno: 'EFBIG', code: 'FULL', stride: 7 },
    { errno: 'EIO', code: 'IO', stride: 3 },
  ])(
    'F29: append goes on by itself after $errno at any write, and nothing is lost',
    async ({ errno, code, stride }) => {
      const judge = async (life: Life, machine: SimMachine, where: string): Promise<void> => {
        for (const { error } of life.failures) expect(error, where).toMatchObject({ code });
        machine.kill();
        expect(await life.judge(new SimMachine(machine.disk.clone()), 'none'), where).toEqual([]);
        await judgeAfterPowerLoss(life, machine, where);
      };
      const positions = await atEveryPosition('write', { errno }, judge, { stride });
      expect(positions).toBeGreaterThan(40);
    },
  );

  test('F28: append does not notice that every write is short', async () => {
    const { machine, life } = await lifeWith((operation) => {
      return operation.kind === 'write' ? { shortWrite: 1000 } : undefined;
    });
    expect(life.failures).toEqual([]);
    machine.kill();
    expect(await life.judge(machine, 'none')).toEqual([]);
  });

  test('F28: append is told FULL when a short write is followed by ENOSPC, and goes on', async () => {
    for (let position = 0; ; position += 1) {
      let count = 0;
      const { machine, life } = await lifeWith((operation) => {
        if (operation.kind !== 'write') return undefined;
        count += 1;
        if (count - 1 === position) return { shortWrite: 100 };
        return count - 2 === position ? { errno: 'ENOSPC' } : undefined;
      });
      if (count <= position) break;
      const where = `write ${position}`;
      for (const { error } of life.failures) expect(error, where).toMatchObject({ code: 'FULL' });
      machine.kill();
      expect(await life.judge(new SimMachine(machine.disk.clone()), 'none'), where).toEqual([]);
      await judgeAfterPowerLoss(life, machine, where);
    }
  });

  test.each(['create', 'rename', 'remove'] as const)(
    'F29: append goes on when a %s fails, and nothing is lost',
    async (kind) => {
      await atEveryPosition(kind, { errno: 'ENOSPC' }, async (life, machine, where) => {
        for (const { error } of life.failures) expect(error, where).toMatchObject({ code: 'FULL' });
        machine.kill();
        expect(await life.judge(new SimMachine(machine.disk.clone()), 'none'), where).toEqual([]);
        await judgeAfterPowerLoss(life, machine, where);
      });
    },
  );
});
