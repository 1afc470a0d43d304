/** What `crashTest` and the machine make of what a test hands them: copies, plain functions, paths. */
import { describe, expect, it } from 'vitest';
import { crashTest } from '../../src/simulation/crash-test.ts';
import { SimMachine } from '../../src/simulation/sim-machine.ts';

const refused = (path: string, words: string) => ({
  code: 'INVALID',
  details: { path },
  message: expect.stringContaining(words) as string,
});

describe('crashTest', () => {
  it.each([
    ['an object', () => ({ told: ['one'], seen: new Map([['a', new Set([1])]]) })],
    ['a list', () => [{ told: ['one'] }]],
  ])('crashTest gives each check its own copy of what is known: %s', async (_, begin) => {
    const texts = new Set<string>();
    const work = (machine: SimMachine) => machine.writeFile('/a', Uint8Array.of(1));
    const check = (_left: SimMachine, known: object) => {
      texts.add(JSON.stringify(known));
      for (const name of Object.keys(known)) Reflect.deleteProperty(known, name);
    };
    const { states } = await crashTest<object>({ begin, work, check, cuts: 5 });
    expect(states).toBeGreaterThan(5);
    expect([...texts]).toEqual([JSON.stringify(begin())]);
  });

  it('crashTest shares what has methods, and what is no plain data', async () => {
    class Ledger {
      looks = 0;
      look(): number {
        this.looks += 1;
        return this.looks;
      }
    }
    const looks: number[] = [];
    const begin = () => ({ ledger: new Ledger() });
    await crashTest({
      begin,
      work: () => undefined,
      check: (_left, { ledger }) => looks.push(ledger.look()),
      cuts: 0,
    });
    expect(looks).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('crashTest takes functions that give no promise, and a begin that gives one', async () => {
    const known: unknown[] = [];
    const summary = await crashTest({
      begin: () => Promise.resolve(['begun']),
      work: (machine, told) => {
        machine.writeFile('/a', Uint8Array.of(1));
        told.push('done');
      },
      check: (_left, told) => {
        known.push(told.join());
      },
      cuts: 0,
    });
    expect(summary.states).toBe(known.length);
    expect(new Set(known)).toEqual(new Set(['begun,done']));
    const thrown = crashTest({
      begin: () => null,
      work: () => null,
      check: () => {
        throw new Error('not so');
      },
    });
    await expect(thrown).rejects.toThrow('not so');
  });
});

describe('SimMachine', () => {
  it('SimMachine.run says that it wants a function, and takes one that gives no promise', async () => {
    const machine = await SimMachine.create();
    expect(await machine.run(() => 7)).toBe(7);
    const given = machine.run(Promise.resolve(7) as unknown as () => Promise<number>);
    await expect(given).rejects.toMatchObject(refused('work', 'as in run(() => store.close())'));
  });

  it.each(['agent', './agent', '', 7])('SimMachine refuses the path %j', async (wrong) => {
    const machine = await SimMachine.create();
    const path = wrong as string;
    await machine.openStore('/agent');
    const calls: readonly (() => unknown)[] = [
      () => machine.openStore(path),
      () => machine.openWal(path),
      () => machine.recover(path),
      () => machine.salvage(path, { to: '/new' }),
      () => machine.acceptLoss(path, { session: 's' }),
      () => machine.readFile(path),
      () => machine.writeFile(path, new Uint8Array(1)),
      () => machine.flipBit(path, 0),
      () => machine.remove(path),
    ];
    const before = machine.files();
    for (const call of calls) {
      const answer = (async () => call())();
      await expect(answer).rejects.toMatchObject({
        code: 'INVALID',
        message: expect.stringContaining('absolute path') as string,
      });
    }
    if (wrong !== 7) {
      const salvaged = machine.salvage('/agent', { to: path });
      await expect(salvaged).rejects.toMatchObject(refused('to', 'absolute path'));
    }
    expect(machine.files()).toEqual(before);
  });

  it('SimMachine.fail and onOperation refuse a name that no error of the machine has', async () => {
    const machine = await SimMachine.create();
    const plan = () => machine.fail({ operation: 'sync', error: 'EWRONG' });
    expect(plan).toThrow(/must be a name of the machine, such as EIO, not "EWRONG"/);
    for (const error of ['EIO', 'ENOSPC', 'EDQUOT', 'EMFILE']) {
      machine.fail({ operation: 'sync', error });
    }
    machine.clearFaults();
    machine.onOperation(() => ({ errno: 'EWRONG' }));
    await expect(machine.openStore('/agent')).rejects.toMatchObject(
      refused('hook', 'another error of the machine'),
    );
  });

  it('SimMachine.unsyncedParts names what keepPart decides, and only that', async () => {
    const machine = await SimMachine.create();
    const store = await machine.openStore('/agent');
    const session = await machine.run(() => store.openSession('s', { create: true }));
    const message = { role: 'user', content: 'x'.repeat(2000) } as const;
    await machine.run(() => session.append(message, { durability: 'batched' }));
    const parts = machine.unsyncedParts();
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part).toMatch(/^(?:name|size|sector \d+) \d+$/);
    expect(machine.unsyncedParts('.segment').length).toBeGreaterThan(2);
    expect(machine.unsyncedParts('no such file').filter((one) => !one.startsWith('name'))).toEqual(
      [],
    );
    const asked = new Set<string>();
    const left = machine.cutPower({
      keepPart: (part) => {
        asked.add(part);
        return true;
      },
    });
    expect(parts.filter((part) => !asked.has(part))).toEqual([]);
    expect(left.unsyncedParts()).toEqual([]);
  });
});
