/**
 * Reading a long session from one end to the other: about a megabyte at a time, and with damage
 * somewhere in such a run told as if every block were read by itself.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { indexBlockBytes, readChunkBytes } from '../../src/base/quantities.ts';
import type { ReadOptions } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';
import { framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { CountedReads } from '../helpers/counted-reads.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';

const length = 9000;
let machine: SimMachine;

/** Of about three megabytes: some runs, and bases between them. */
beforeAll(async () => {
  machine = await SimMachine.start();
  const store = await machine.open({ checkpoints: false }, 'maker');
  const session = await machine.run(store.createSession({ id: 's' }));
  for (let at = 0; at < length; at += 1000) {
    const group = Array.from({ length: 1000 }, (_, index) => {
      return { role: 'user', content: `${at + index} `.padEnd(220, 'talk ') } as const;
    });
    await machine.run(session.appendAll(group));
    await machine.run(store.settle());
  }
  await machine.run(store.close());
});

const seqs = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Seqs that come out, what they end with, and how often the file was read. */
async function read(on: SimMachine, options: ReadOptions = {}) {
  const parts = on.parts('counted');
  const counted = new CountedReads(parts.fileSystem);
  const how = { mode: 'read', io: 'pool' } as const;
  const opening = Store.openWith({ ...parts, fileSystem: counted.fileSystem }, simRoot, how);
  const store = await on.run(opening);
  const session = await on.run(store.openSession('s'));
  const before = counted.reads;
  const given: number[] = [];
  let error: unknown = null;
  const all = async (): Promise<void> => {
    for await (const { seq } of session.messages(options)) given.push(seq);
  };
  await on.run(
    all().catch((thrown: unknown) => {
      error = thrown;
    }),
  );
  const reads = counted.reads - before;
  await on.run(store.close());
  return { given, error, reads };
}

describe('messages', () => {
  it('messages reads a long session in runs of blocks', async () => {
    const { given, error, reads } = await read(machine);
    expect(error).toBeNull();
    expect(given).toEqual(seqs(1, length));
    const size = headOf(machine.disk).vouched.endOffset;
    expect(size).toBeGreaterThan(2.5 * readChunkBytes);
    // A block at a time would be this many, without those of the bases.
    expect(reads).toBeLessThan(size / indexBlockBytes / 2);
    const part = await read(machine, { from: 1000, to: 8000 });
    expect(part.given).toEqual(seqs(1000, 8000));
  });

  it('messages gives all in front of damage in a run, and all behind it to whoever begins there', async () => {
    const frames = framesOf(machine.disk).filter(({ type }) => type === 32);
    for (const seq of [300, 4321, 8000]) {
      const bytes = machine.disk.readFile(historyOf('s'));
      const at = (frames[seq - 1]?.offset ?? 0) + 66;
      bytes[at] = (bytes[at] ?? 0) ^ 4;
      const rotten = new SimMachine(machine.disk.clone());
      rotten.disk.writeFile(historyOf('s'), bytes);
      const { given, error } = await read(rotten);
      expect(given).toEqual(seqs(1, seq - 1));
      expect(HoldfastError.is(error, 'DAMAGED')).toBe(true);
      expect(error).toMatchObject({
        details: { sessions: [{ id: 's', lost: [{ from: seq, to: seq }] }] },
      });
      const behind = await read(rotten, { from: seq + 1 });
      expect(behind).toMatchObject({ given: seqs(seq + 1, length), error: null });
    }
  });
});
