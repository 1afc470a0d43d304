/**
 * Small scope, exhaustively: small histories with a crash behind every operation, and settling beside
 * other work in every order. Within narrow bounds here; `npm run exhaustive` goes further.
 */
import { describe, expect, it } from 'vitest';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { digestOf, disksAfterPowerLoss } from './crash-points.ts';
import { histories } from './histories.ts';
import { race, raceNames } from './races.ts';
import { Orders } from './schedule.ts';
import { rotAtTheEnd, walk } from './walk.ts';

describe('a crash behind every operation', () => {
  it.each(Object.entries(histories))('loses nothing that was answered: %s', async (name, one) => {
    const counts = await walk(name, one, { disksMax: 12, cutEvery: 40, cutDisksMax: 2 });
    console.log(`${name}: ${JSON.stringify(counts)}`);
    expect(counts.distinct).toBeGreaterThan(10);
    expect(await rotAtTheEnd(name, one, 20)).toBe(20);
  });
});

describe('settling beside other work, in every order', () => {
  it.each(raceNames)('loses and doubles nothing: %s', async (name) => {
    const counts = await race(name, { switchesMax: 1, ordersMax: 60, crashEvery: 6 });
    console.log(`settling beside ${name}: ${JSON.stringify(counts)}`);
    expect(counts.operationsMax).toBeGreaterThan(5);
  });
});

describe('disksAfterPowerLoss', () => {
  it('gives every subset of what was not synced, each once, when there is room for it', async () => {
    const disk = SimDisk.create(1);
    disk.writeFile('/d/f', new Uint8Array(2048));
    const fileSystem = disk.fileSystem();
    const file = await fileSystem.open('/d/f', 'write');
    await file.write(new Uint8Array(1024).fill(1), 512);
    await fileSystem.create('/d/g');
    const { parts, isSampled, disks } = disksAfterPowerLoss(disk, 8, 1);
    expect([parts, isSampled]).toEqual([3, false]);
    expect(new Set(disks.map(digestOf)).size).toBe(8);
    expect(disksAfterPowerLoss(disk, 4, 1)).toMatchObject({ isSampled: true, parts: 3 });
  });
});

describe('Orders', () => {
  it('walks every order of two pieces of work, and only those within the bound', () => {
    /** Two operations each; as many orders as there are ways to merge them. */
    const merged = (switchesMax: number): string[] => {
      const orders = new Orders(switchesMax);
      const found: string[] = [];
      do {
        const left = { a: 2, b: 2 };
        let last = null as 'a' | 'b' | null;
        let order = '';
        while (left.a + left.b > 0) {
          const ready = (['a', 'b'] as const).filter((one) => left[one] > 0);
          const goesOn: boolean = last !== null && left[last] > 0;
          const options: readonly ('a' | 'b')[] = goesOn
            ? ready.toSorted((one) => (one === last ? -1 : 1))
            : ready;
          const at: number =
            options.length > 1 ? orders.choose(options.length, goesOn ? 'goes on' : 'waits') : 0;
          last = options[at] ?? null;
          if (last !== null) left[last] -= 1;
          order += last;
        }
        found.push(order);
      } while (orders.next());
      return found.sort();
    };
    expect(merged(0)).toEqual(['aabb', 'bbaa']);
    expect(merged(9)).toEqual(['aabb', 'abab', 'abba', 'baab', 'baba', 'bbaa']);
  });
});
