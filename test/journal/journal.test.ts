/**
 * The owner's side of a journal against what its writer tells: every promise, every command, and when
 * the process is held alive. The port is written down here, so that each message can be looked at.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { batchFramesMax, queuedBytesMax } from '../../src/base/quantities.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { JournalPort } from '../../src/journal/journal-port.ts';
import { noMeasures } from '../../src/journal/journal-protocol.ts';
import type {
  JournalCommand,
  JournalEvent,
  Placement,
} from '../../src/journal/journal-protocol.ts';
import { entry, turn } from '../helpers/journal-lab.ts';

const counters = {
  commits: 1,
  syncs: 2,
  bytes: 3,
  rotations: 5,
  segments: 4,
  segmentBytes: 6,
};
/** What every event tells beside its own. */
const told = { counters, measures: noMeasures } as const;
const refused = { message: 'EIO: write', code: 'EIO', syscall: 'write', path: '/j/1' };

/** Keeps what is posted, and tells what a writer would tell. */
class Written implements JournalPort {
  readonly posted: JournalCommand[] = [];
  readonly kept: string[] = [];
  isQuick = false;
  ended = 0;
  #listener: (event: JournalEvent) => void = () => undefined;

  post(command: JournalCommand): void {
    this.posted.push(command);
  }

  onEvent(listener: (event: JournalEvent) => void): void {
    this.#listener = listener;
  }

  keepAlive(reason: 'unsynced' | 'idle'): void {
    this.kept.push(reason);
  }

  end(): Promise<void> {
    this.ended += 1;
    return Promise.resolve();
  }

  tell(event: JournalEvent): void {
    this.#listener(event);
  }

  progress(written: readonly Placement[], durable: readonly number[]): void {
    this.tell({ kind: 'progress', written, durable, ...told });
  }
}

const at = (ticket: number): Placement => {
  return { ticket, segment: 1, offset: 8192, firstSeq: 7, journalSeq: 9 };
};

let port: Written;
let journal: Journal;

beforeEach(() => {
  port = new Written();
  journal = new Journal(port);
});

const open = Symbol('open');

/** What a promise has come to by now: its value, its error, or `open`. */
async function now(promise: Promise<unknown>): Promise<unknown> {
  const ended = promise.catch((error: unknown) => error);
  await turn();
  return Promise.race([ended, turn().then(() => open)]);
}

describe('submissions', () => {
  it('of one turn go over in one message, with their sizes, and streams are numbered', async () => {
    const durable: number[] = [];
    const opening = {
      key: new Uint8Array(16),
      lastSeq: 0,
      chain: 0n,
      introduction: new Uint8Array(1),
    };
    const stream = journal.openStream(opening, { durable: (ticket) => durable.push(ticket) });
    expect([stream, journal.openStream(opening, { durable: () => undefined })]).toEqual([1, 2]);
    const first = journal.submit(stream, [entry('abc'), { ...entry('d'), type: 16 }], 'batched');
    const second = journal.submit(stream, [entry('e')], 'durable');
    expect([first.ticket, second.ticket]).toEqual([1, 2]);
    await turn();
    expect(port.posted.slice(0, 2)).toEqual(
      [1, 2].map((number) => ({ kind: 'open-stream', opening: { ...opening, stream: number } })),
    );
    expect(port.posted.slice(2)).toMatchObject([
      {
        kind: 'submit',
        submissions: [
          { ticket: 1, stream, entries: 1, bytes: 2 * frameBytes(1), durability: 'batched' },
          { ticket: 2, stream, entries: 1, bytes: frameBytes(1), durability: 'durable' },
        ],
      },
    ]);
    expect(port.kept).toEqual(['idle', 'unsynced']);
    port.progress([at(1)], []);
    expect(await now(first.answered)).toEqual(at(1));
    expect(await now(second.answered)).toBe(open);
    expect(durable).toEqual([]);
    expect(port.kept).toEqual(['idle', 'unsynced']);
    port.progress([at(2)], [1, 2]);
    expect(await now(second.answered)).toEqual(at(2));
    expect(durable).toEqual([1, 2]);
    expect(journal.counters).toEqual(counters);
    expect(port.kept).toEqual(['idle', 'unsynced', 'idle']);
  });

  it('that were never written, and are durable, stand nowhere', async () => {
    const flushed = journal.submit(0, [], 'durable');
    port.progress([], [1]);
    const nowhere = { ticket: 1, segment: 0, offset: 0, firstSeq: 0, journalSeq: 0 };
    expect(await now(flushed.answered)).toEqual(nowhere);
    // Nobody minds what is told twice, or of tickets that nobody has.
    port.progress([at(1), at(9)], [1, 9]);
  });

  it('that fail are told why, and leave the others alone', async () => {
    const [one, two] = [1, 2].map(() => journal.submit(1, [entry('a')], 'durable').answered);
    port.tell({ kind: 'failed', tickets: [1, 7], error: refused });
    expect(await now(one as Promise<unknown>)).toMatchObject({
      code: 'IO',
      message: 'Cannot write to the journal: the machine answered EIO for "/j/1"',
      details: { errno: 'EIO', syscall: 'write', path: '/j/1' },
    });
    expect(await now(two as Promise<unknown>)).toBe(open);
  });

  it('hold at most what is allowed, and one alone may be larger', async () => {
    expect(journal.hasRoom(queuedBytesMax + 1)).toBe(true);
    const { answered } = journal.submit(1, [entry('a')], 'durable');
    const left = queuedBytesMax - frameBytes(1);
    expect(journal.hasRoom(left)).toBe(true);
    expect(journal.hasRoom(left + 1)).toBe(false);
    const room = journal.room(left + 1);
    expect(await now(room)).toBe(open);
    await journal.room(left);
    port.progress([at(1)], []);
    expect(await now(room)).toBe(open);
    port.progress([], [1]);
    expect(await now(room)).toBeUndefined();
    await answered;
  });

  it('have fewer frames than a batch holds', () => {
    const frames = Array.from({ length: batchFramesMax }, () => entry(''));
    expect(() => journal.submit(1, frames, 'durable')).toThrow(AssertionError);
    expect(journal.submit(1, frames.slice(1), 'batched').ticket).toBe(1);
  });

  it('are withdrawn only while they wait, behind what was posted before', async () => {
    const { ticket, answered } = journal.submit(1, [entry('a')], 'durable');
    const written = journal.submit(1, [entry('b')], 'batched');
    journal.withdraw(ticket, new Error('no longer'));
    expect(port.posted.map(({ kind }) => kind)).toEqual(['submit', 'withdraw']);
    port.tell({ kind: 'withdrawn', ticket });
    expect(await now(answered)).toMatchObject({ message: 'no longer' });
    port.progress([at(written.ticket)], []);
    journal.withdraw(written.ticket, new Error('too late'));
    journal.withdraw(99, new Error('nobody'));
    expect(port.posted).toHaveLength(2);
    expect(() => port.tell({ kind: 'withdrawn', ticket: 5 })).toThrow(AssertionError);
  });
});

describe('flush', () => {
  it('flush is done at once when nothing is pending, and waits for what is', async () => {
    expect(await now(journal.flush())).toBeUndefined();
    expect(port.posted).toEqual([]);
    const first = journal.submit(1, [entry('a')], 'batched');
    const flushed = journal.flush();
    expect(await now(flushed)).toBe(open);
    port.progress([at(first.ticket)], [first.ticket]);
    expect(await now(flushed)).toBe(open);
    port.progress([], [2]);
    expect(await now(flushed)).toBeUndefined();
  });
});

describe('many submissions in one turn', () => {
  const large = (): ReturnType<typeof entry> => entry('x'.repeat(20_000));
  const sizes = (): number[] =>
    port.posted.map((command) => (command.kind === 'submit' ? command.submissions.length : 0));

  it('go over in one message to a writer that is not quick', async () => {
    for (let count = 0; count < 5; count += 1) journal.submit(1, [large()], 'durable');
    await turn();
    expect(sizes()).toEqual([5]);
  });

  it('go over in two parts to one that is, the first of them at once', async () => {
    port.isQuick = true;
    for (let count = 0; count < 5; count += 1) journal.submit(1, [large()], 'durable');
    expect(sizes()).toEqual([2]);
    await turn();
    expect(sizes()).toEqual([2, 3]);
    // It has something to do now.
    for (let count = 0; count < 3; count += 1) journal.submit(1, [large()], 'durable');
    await turn();
    expect(sizes()).toEqual([2, 3, 3]);
  });
});

describe('retire', () => {
  it('retire is done when segments are gone, holds the process meanwhile, and tells of each', async () => {
    const gone: number[] = [];
    journal.onRetired((below) => gone.push(below));
    const [two, four] = [journal.retire(2), journal.retire(4)];
    expect(port.posted).toEqual([2, 4].map((below) => ({ kind: 'retire', below })));
    expect(port.kept).toEqual(['idle', 'unsynced', 'unsynced']);
    port.tell({ kind: 'retired', below: 3, error: null, ...told });
    expect([await now(two), await now(four)]).toEqual([undefined, open]);
    expect(port.kept).toHaveLength(3);
    port.tell({ kind: 'retired', below: 4, error: null, ...told });
    expect(await now(four)).toBeUndefined();
    expect(gone).toEqual([3, 4]);
    expect(port.kept.slice(3)).toEqual(['idle']);
  });

  it('retire fails with what keeps the segments, and with the end of the journal', async () => {
    const failed = journal.retire(4);
    port.tell({ kind: 'retired', below: 2, error: refused, ...told });
    expect(await now(failed)).toMatchObject({ code: 'IO', details: { errno: 'EIO' } });
    const waiting = journal.retire(4);
    port.tell({ kind: 'closed', error: null, ...told });
    const closed = {
      code: 'CLOSED',
      message: 'Cannot let segments go: the journal is closed; open it again',
      details: { what: 'journal' },
    };
    expect(await now(waiting)).toMatchObject(closed);
    await journal.close();
    expect(await now(journal.retire(5))).toMatchObject(closed);
  });
});

describe('the end', () => {
  it('close posts what waits, then the command, and is done when the writer is', async () => {
    const { answered } = journal.submit(1, [entry('a')], 'durable');
    const closing = journal.close();
    expect(journal.close()).toBe(closing);
    expect(port.posted.map(({ kind }) => kind)).toEqual(['submit', 'close']);
    expect(() => journal.submit(1, [], 'durable')).toThrow(AssertionError);
    port.progress([at(1)], [1]);
    await answered;
    expect(await now(closing)).toBe(open);
    expect(port.ended).toBe(0);
    port.tell({ kind: 'closed', error: null, ...told });
    expect(await now(closing)).toBeUndefined();
    expect(port.ended).toBe(1);
    // The process is held until the writer has ended.
    expect(port.kept.at(-1)).toBe('unsynced');
  });

  it('close fails as the writer ended, and does not ask one that has ended already', async () => {
    port.tell({ kind: 'closed', error: refused, ...told });
    expect(await now(journal.close())).toMatchObject({ code: 'IO', details: { errno: 'EIO' } });
    expect(port.posted).toEqual([]);
    expect(port.ended).toBe(1);
  });

  it('poison ends everything with one error, which says what is durable', async () => {
    const { answered } = journal.submit(1, [entry('a')], 'durable');
    const retired = journal.retire(2);
    const room = journal.room(queuedBytesMax);
    const error = { ...refused, code: 'EIO', syscall: 'fdatasync' };
    port.tell({ kind: 'poisoned', tickets: [], error, durableSeq: 5, writtenSeq: 8 });
    const { poison } = journal;
    expect(poison).toMatchObject({
      code: 'POISONED',
      message:
        'Cannot go on: a sync of the journal failed (EIO); ' +
        'close the store and open it again, recovery then keeps what is proven',
      details: { durableUpTo: 5, inDoubt: { from: 6, to: 8 }, syscall: 'fdatasync', errno: 'EIO' },
      cause: { message: 'EIO: write', code: 'EIO' },
    });
    const failed = [answered, retired, journal.flush(), journal.retire(3)].map((one) => now(one));
    expect(await Promise.all(failed)).toEqual([poison, poison, poison, poison]);
    // Nothing is queued any more; whoever submits then is told.
    expect(await now(room)).toBeUndefined();
    expect(await now(journal.submit(1, [], 'durable').answered)).toBe(poison);
    port.tell({ kind: 'poisoned', tickets: [], error, durableSeq: 9, writtenSeq: 9 });
    expect(journal.poison).toBe(poison);
    port.tell({ kind: 'closed', error: refused, ...told });
    expect(await now(journal.close())).toBe(poison);
  });

  it('poison without a code is told by its message, and nothing may be in doubt', () => {
    const error = { message: 'the thread died', code: null, syscall: null, path: null };
    port.tell({ kind: 'poisoned', tickets: [], error, durableSeq: 8, writtenSeq: 8 });
    expect(journal.poison).toMatchObject({
      message: expect.stringContaining('failed (the thread died); '),
      details: { inDoubt: null, errno: null, syscall: null },
    });
  });
});
