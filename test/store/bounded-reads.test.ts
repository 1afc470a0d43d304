/**
 * What is read of a long session when it is opened, and when a part of it is looked at: counted at the
 * file interface. `HOLDFAST_LONG=1` adds a session of 100,000 messages.
 */
import { describe, expect, it } from 'vitest';
import { baseSpanBytes, indexBlockBytes, openBytesMax } from '../../src/base/quantities.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';
import { basesOf, headOf } from '../helpers/base-lab.ts';
import { CountedReads } from '../helpers/counted-reads.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const lengths = [10, 1000, 20_000, ...(process.env['HOLDFAST_LONG'] === '1' ? [100_000] : [])];
const groupMax = 1000;

function message(at: number): Message {
  return { role: at % 2 === 0 ? 'user' : 'assistant', content: `${at} `.padEnd(200, 'talk ') };
}

/** A closed session of so many messages; settled on the way, it has a base at every distance. */
async function made(
  length: number,
  settling: 'at the end' | 'on the way' = 'at the end',
): Promise<SimMachine> {
  const machine = await SimMachine.start();
  const store = await machine.open({ segmentBytes: 4 * 1024 * 1024, checkpoints: false }, 'maker');
  const session = await machine.run(store.createSession({ id: 's' }));
  for (let at = 0; at < length; at += groupMax) {
    const count = Math.min(groupMax, length - at);
    const group = Array.from({ length: count }, (_, index) => message(at + index));
    // The key makes each base larger than most are.
    await machine.run(session.appendAll(group, { idempotencyKey: `group ${at}` }));
    if (settling === 'on the way') await machine.run(store.settle());
  }
  await machine.run(store.close());
  return machine;
}

/** What is read while this is done with the session. */
async function readBy(
  machine: SimMachine,
  mode: 'write' | 'read',
  work: (session: Session) => Promise<unknown>,
): Promise<{ readonly opening: number; readonly working: number }> {
  const name = `counted ${mode}`;
  const parts = machine.parts(name);
  const counted = new CountedReads(parts.fileSystem);
  const options = { mode, io: 'pool', checkpoints: false } as const;
  const opening = Store.openWith({ ...parts, fileSystem: counted.fileSystem }, simRoot, options);
  const store = await machine.run(opening);
  const before = counted.total;
  const session = await machine.run(store.openSession('s'));
  const opened = counted.total;
  await machine.run(work(session));
  const worked = counted.total;
  await machine.run(store.close());
  return { opening: opened - before, working: worked - opened };
}

describe('a session of any length', () => {
  it.each(lengths)(
    'of %d messages is opened, and looked into, by reading little of it',
    async (length) => {
      const machine = await made(length);
      const size = headOf(machine.disk).vouched.endOffset;
      const last = `${length - 1} `.padEnd(200, 'talk ');
      for (const mode of ['read', 'write'] as const) {
        const newest = await readBy(machine, mode, async (session) => {
          expect(session.state).toMatchObject({ messages: length, lastSeq: length });
          const found = await collect(session.messages({ reverse: true, limit: 10 }));
          expect(found.map(({ seq }) => seq)).toEqual(
            Array.from({ length: 10 }, (_, index) => length - index),
          );
          expect(found[0]?.message.content).toBe(last);
        });
        expect(newest.opening).toBeLessThanOrEqual(openBytesMax);
        // Closed behind its last entry, it is opened from a base there: next to nothing.
        if (length >= 1000) expect(newest.opening).toBeLessThan(256 * 1024);
        expect(newest.working).toBeLessThanOrEqual(4 * indexBlockBytes);
        for (const part of [0.001, 0.3, 0.7]) {
          const seq = Math.ceil(length * part);
          const { working } = await readBy(machine, mode, async (session) => {
            const [found] = await collect(session.entries({ from: seq, to: seq }));
            expect(found?.event).toEqual({ kind: 'message', message: message(seq - 1) });
          });
          // A block, and the bases on the way to it.
          expect(working).toBeLessThanOrEqual(4 * indexBlockBytes + 16 * 32 * 1024);
          if (length >= 20_000) expect(working).toBeLessThan(size / 4);
        }
      }
      if (length >= 20_000) expect(basesOf(machine.disk).length).toBeGreaterThan(1);
    },
    120_000,
  );
});

describe('rewind', () => {
  it.each(lengths.filter((length) => length >= 20_000))(
    'of %d messages reads from the nearest base, and not from the beginning',
    async (length) => {
      const machine = await made(length, 'on the way');
      const size = headOf(machine.disk).vouched.endOffset;
      for (const mode of ['read', 'write'] as const) {
        const { working } = await readBy(machine, mode, async (session) => {
          const to = { messages: length - 10 };
          const plan = await session.rewind({ to, dryRun: true });
          expect(plan).toMatchObject({ to: length - 10, messagesAfter: length - 10 });
        });
        // A base stands behind 1 MiB, or 2048 entries of 300 bytes; and blocks are read whole.
        expect(working, `${mode}, of ${size} bytes`).toBeLessThan(baseSpanBytes * 1.5);
      }
    },
    60_000,
  );
});
