/** What `crashTest` and the machine make of what a test hands them: copies, plain functions, paths. */
import { describe, expect, it } from 'vitest';
import { crashTest } from '../../src/simulation/crash-test.ts';
import { SimMachine } from '../../src/simulation/sim-machine.ts';

const refused = (path: string, words: string) => ({
  code: 'INVALID',
  details: { path },
  message: expect.stringContaining(words) as string,
});

function given(): unknown {
  return arguments;
}

function transferred(): unknown {
  const bytes = new Uint8Array(4);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

function throwing(): unknown {
  return Object.defineProperty({}, 'a', {
    enumerable: true,
    get: () => {
      throw new Error('never');
    },
  });
}

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

  it.each([
    ['a Buffer', () => Buffer.from('bytes')],
    ['words of 32 bits', () => Uint32Array.of(1, 2)],
    ['a DataView', () => new DataView(new ArrayBuffer(8), 4)],
    ['an ArrayBuffer', () => new ArrayBuffer(4)],
    ['a list with holes', () => Object.assign(Array.from({ length: 2 }), { length: 9 })],
    ['a member __proto__', () => JSON.parse('{"__proto__":{"a":1}}') as object],
    ['no prototype', () => Object.assign(Object.create(null) as object, { a: 1 })],
    ['times', () => new Date(7)],
  ])('crashTest copies what is known beside %s, and that as well', async (_, make) => {
    const seen: { told: string[]; one: unknown }[] = [];
    const begin = () => ({ told: ['one'], one: make() as unknown });
    const check = (_left: SimMachine, known: (typeof seen)[number]) => {
      expect(known).toStrictEqual(begin());
      known.told.length = 0;
      const { one } = known;
      if (ArrayBuffer.isView(one)) new Uint8Array(one.buffer, one.byteOffset).fill(9);
      seen.push(known);
    };
    const { states } = await crashTest({ begin, work: () => undefined, check, cuts: 2 });
    expect(new Set(seen.map(({ one }) => one)).size).toBe(states);
  });

  it('crashTest keeps what stands at two places, or in itself, one and the same', async () => {
    const begin = () => {
      const bytes = new Uint8Array(8);
      const known = { bytes, part: bytes.subarray(2, 4), list: [bytes], self: {} };
      known.self = known;
      return known;
    };
    const check = (_left: SimMachine, { bytes, part, list, self }: ReturnType<typeof begin>) => {
      bytes[2] = 7;
      expect([part[0], list[0] === bytes]).toEqual([7, true]);
      expect(Reflect.get(self, 'bytes')).toBe(bytes);
    };
    await crashTest({ begin, work: () => undefined, check, cuts: 0 });
  });

  it('crashTest copies what is nested deeper than the stack, and long lists', async () => {
    const begin = () => {
      let deep: unknown[] = [];
      for (let depth = 0; depth < 30_000; depth += 1) deep = [deep];
      return { deep, long: Array.from({ length: 150_000 }, (_, at) => at) };
    };
    const check = (_left: SimMachine, known: ReturnType<typeof begin>) => {
      expect([known.long.length, known.deep.length]).toEqual([150_000, 1]);
      known.long.length = 0;
      known.deep.length = 0;
    };
    await crashTest({ begin, work: () => undefined, check, cuts: 0 });
  });

  it.each([
    ['an arguments object', /arguments object; keep a list/, given],
    ['bytes without a buffer', /transferred away; keep a copy/, transferred],
    ['a getter that throws', /throws when it is read/, throwing],
  ])('crashTest says why there is no copy of %s', async (_, words, make) => {
    const begin = () => ({ given: make() });
    const test = crashTest({ begin, work: () => undefined, check: () => undefined });
    const details = { path: 'known.given' };
    await expect(test).rejects.toMatchObject({ code: 'INVALID', details });
    await expect(test).rejects.toThrow(words);
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

  it('SimMachine refuses options that are none, and bytes that are a text', async () => {
    const machine = await SimMachine.create();
    const none = null as unknown as object;
    await expect(machine.openStore('/a', none)).rejects.toMatchObject(refused('options', 'null'));
    await expect(machine.openWal('/a', none)).rejects.toMatchObject(refused('options', 'null'));
    const named = machine.openStore('/a', { process: 7 as unknown as string });
    await expect(named).rejects.toMatchObject(refused('process', 'not 7'));
    const text = 'text' as unknown as Uint8Array;
    const write = () => machine.writeFile('/a', text);
    expect(write).toThrow(expect.objectContaining(refused('bytes', 'new TextEncoder()')));
    const late = () => machine.jumpClock(Number.NaN);
    expect(late).toThrow(expect.objectContaining(refused('ms', 'NaN')));
    await expect(machine.pass(-1)).rejects.toMatchObject(refused('ms', 'not -1'));
    expect(machine.files()).toEqual([]);
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
