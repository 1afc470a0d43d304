/**
 * Reading past a rotten bit that opening did not see, because it lies in front of the base: all that
 * is sound comes out, from either end, up to the damage; and the damage is told by its sequence.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { xxh64 } from '../../src/format/checksum.ts';
import { encodeFrame } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import type { Message } from '../../src/session/message.ts';
import type { ReadOptions, Session } from '../../src/store/api.ts';
import { basesOf, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { SimMachine } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });
const seqs = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** A closed session with a base behind each of these groups of messages. */
async function made(...groups: readonly number[]): Promise<SimMachine> {
  const machine = await SimMachine.start();
  for (const [at, count] of groups.entries()) {
    const store = await machine.open({}, `maker ${at}`);
    const session = await machine.run(store.openSession('s', { create: true }));
    for (const seq of seqs(1, count)) await machine.run(session.append(say(`${seq} of ${at}`)));
    await machine.run(store.close());
  }
  expect(basesOf(machine.disk)).toHaveLength(groups.length);
  return machine;
}

/** The same disk with one bit flipped at each of these offsets, and a reader of the session there. */
async function readerOf(machine: SimMachine, ...offsets: readonly number[]): Promise<Session> {
  const bytes = machine.disk.readFile(historyOf('s'));
  for (const offset of offsets) bytes[offset] = (bytes[offset] ?? 0) ^ 4;
  const rotten = new SimMachine(machine.disk.clone());
  rotten.disk.writeFile(historyOf('s'), bytes);
  const store = await rotten.open({ mode: 'read' }, 'reader');
  return rotten.run(store.openSession('s'));
}

/** What comes out, and what it ends with. */
async function read(
  session: Session,
  options: ReadOptions = {},
  how: 'entries' | 'messages' = 'messages',
): Promise<{ readonly given: number[]; readonly error: HoldfastError | null }> {
  const given: number[] = [];
  try {
    for await (const { seq } of session[how](options)) given.push(seq);
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    return { given, error };
  }
  return { given, error: null };
}

const lost = (seq: number) => ({
  code: 'DAMAGED',
  message: expect.stringContaining(`damaged at entry ${seq},`) as string,
  details: { sessions: [{ id: 's', lost: [{ from: seq, to: seq }] }] },
});

describe('a rotten entry in front of the base', () => {
  it.each(['header', 'payload'] as const)(
    'with a damaged %s hides nothing but itself, wherever it stands',
    async (part) => {
      const count = 40;
      const machine = await made(count);
      for (const { type, streamSeq: seq, offset } of framesOf(machine.disk)) {
        if (type !== 32) continue;
        const session = await readerOf(machine, offset + (part === 'header' ? 30 : 66));
        expect(session.state.messages).toBe(count);
        for (const how of ['entries', 'messages'] as const) {
          const forward = await read(session, {}, how);
          expect(forward).toMatchObject({ given: seqs(1, seq - 1), error: lost(seq) });
          const backward = await read(session, { reverse: true }, how);
          const behind = seqs(seq + 1, count).toReversed();
          expect(backward).toMatchObject({ given: behind, error: lost(seq) });
        }
        for (const reverse of [false, true]) {
          const inFront = await read(session, { to: seq - 1, reverse });
          expect(inFront.given.toSorted((a, b) => a - b)).toEqual(seqs(1, seq - 1));
          const after = await read(session, { from: seq + 1, reverse });
          expect(after.given.toSorted((a, b) => a - b)).toEqual(seqs(seq + 1, count));
          expect([inFront.error, after.error]).toEqual([null, null]);
          const itself = await read(session, { from: seq, to: seq, reverse });
          expect(itself).toMatchObject({ given: [], error: lost(seq) });
        }
        // Whoever has had enough never meets it.
        const few = await read(session, { limit: seq - 1 });
        expect(few).toEqual({ given: seqs(1, seq - 1), error: null });
      }
    },
    30_000,
  );

  it('is told together with others, one after the other, as reading goes on behind each', async () => {
    const machine = await made(40);
    const frames = framesOf(machine.disk).filter(({ type }) => type === 32);
    const at = (seq: number): number => (frames[seq - 1]?.offset ?? 0) + 30;
    const session = await readerOf(machine, at(5), at(6), at(20));
    const first = await read(session);
    expect(first).toMatchObject({ given: seqs(1, 4) });
    expect(first.error?.details).toMatchObject({ sessions: [{ lost: [{ from: 5, to: 6 }] }] });
    expect(await read(session, { from: 7 })).toMatchObject({
      given: seqs(7, 19),
      error: lost(20),
    });
    expect(await read(session, { from: 21 })).toEqual({ given: seqs(21, 40), error: null });
  });

  it('is told when it is the first of a history whose oldest base is lost as well', async () => {
    const machine = await made(40, 40);
    const [first] = framesOf(machine.disk);
    const [base] = basesOf(machine.disk);
    const session = await readerOf(machine, (first?.offset ?? 0) + 30, (base?.offset ?? 0) + 70);
    expect(await read(session)).toMatchObject({ given: [], error: lost(1) });
    const backward = await read(session, { reverse: true });
    expect(backward).toMatchObject({ given: seqs(2, 80).toReversed(), error: lost(1) });
    expect(await read(session, { from: 2 })).toEqual({ given: seqs(2, 80), error: null });
  });
});

describe('an entry in front of the base whose payload is no event', () => {
  it('is UNDECODABLE behind all that is in front of it, and hides nothing else', async () => {
    const machine = await made(40);
    const { salt } = headOf(machine.disk);
    const frame = framesOf(machine.disk).find(({ streamSeq }) => streamSeq === 11) as Frame;
    const nonsense = new Uint8Array(frame.payload.length).fill(0xc1);
    const bytes = machine.disk.readFile(historyOf('s'));
    const fields = { ...frame, payloadHash: xxh64(nonsense) };
    encodeFrame(bytes, frame.offset, { salt, offset: frame.offset }, fields, nonsense);
    machine.disk.writeFile(historyOf('s'), bytes);
    const session = await readerOf(machine);
    const error = { code: 'UNDECODABLE', message: expect.stringContaining('entry 11') as string };
    expect(await read(session)).toMatchObject({ given: seqs(1, 10), error });
    expect(await read(session, { reverse: true })).toMatchObject({
      given: seqs(12, 40).toReversed(),
      error,
    });
  });
});
