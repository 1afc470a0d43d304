/** The group-commit machine, point by point of its contract, with a clock that the script moves. */
import { describe, expect, it } from 'vitest';
import { batchBytesTarget, batchFramesMax, unsyncedBytesMax } from '../../src/base/quantities.ts';
import { GroupCommit } from '../../src/journal/group-commit.ts';
import type { NextStep } from '../../src/journal/group-commit.ts';
import type { Submission, SubmittedFrame } from '../../src/journal/submission.ts';
import { Prng } from '../../src/platform/sim/prng.ts';

const frame: SubmittedFrame = { type: 32, payload: new Uint8Array(0), timeMs: 0 };

function submission(ticket: number, told: Partial<Submission> = {}): Submission {
  const entries = told.entries ?? 1;
  const frames = Array.from({ length: entries }, () => frame);
  return { ticket, stream: 1, frames, entries, bytes: 100, durability: 'durable', ...told };
}

const batched = (ticket: number, told: Partial<Submission> = {}): Submission =>
  submission(ticket, { durability: 'batched', ...told });

const tickets = (list: readonly Submission[]): number[] => list.map((one) => one.ticket);

function machine(told = {}): GroupCommit {
  return new GroupCommit({ syncDelayMsMax: 100, syncEntriesMax: 10, ...told });
}

/** The step as text, so that a script reads as one line per step. */
function told(step: NextStep): string {
  if (step.kind === 'write') return `write ${tickets(step.batch).join(' ')}`;
  return step.kind === 'wait' ? `wait ${step.untilMs ?? 'for ever'}` : 'sync';
}

describe('GroupCommit', () => {
  it('GroupCommit runs one write and one sync at a time', () => {
    const commit = machine();
    commit.submit(submission(1));
    expect(told(commit.next(0))).toBe('write 1');
    commit.submit(submission(2));
    expect(told(commit.next(0))).toBe('wait for ever');
    expect(commit.wrote(0)).toEqual([]);
    // The sync waits until all that is there is written, so that it covers more.
    expect(told(commit.next(0))).toBe('write 2');
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('sync');
    expect(told(commit.next(0))).toBe('wait for ever');
    expect(tickets(commit.synced())).toEqual([1, 2]);
    expect(commit.idle).toBe(true);
  });

  it('GroupCommit lets a sync answer only what was written before it began', () => {
    const commit = machine();
    commit.submit(submission(1));
    commit.next(0);
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('sync');
    commit.submit(submission(2));
    commit.submit(batched(3));
    expect(told(commit.next(0))).toBe('write 2 3');
    expect(tickets(commit.wrote(0))).toEqual([3]);
    expect(tickets(commit.synced())).toEqual([1]);
    expect(told(commit.next(0))).toBe('sync');
    expect(tickets(commit.synced())).toEqual([2, 3]);
  });

  it('GroupCommit gathers durable entries during a sync into one batch without a bound of ten', () => {
    const commit = machine();
    commit.submit(submission(1));
    commit.next(0);
    commit.wrote(0);
    commit.next(0);
    for (let ticket = 2; ticket <= 60; ticket += 1) commit.submit(submission(ticket));
    expect(told(commit.next(0))).toBe('wait for ever');
    commit.synced();
    const step = commit.next(0);
    expect(step.kind === 'write' && step.batch.length).toBe(59);
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('sync');
  });

  it('GroupCommit answers batched entries after their write, up to the ceiling of their stream', () => {
    const commit = machine({ syncEntriesMax: 3 });
    for (let ticket = 1; ticket <= 5; ticket += 1) commit.submit(batched(ticket));
    commit.submit(batched(6, { stream: 2 }));
    expect(told(commit.next(0))).toBe('write 1 2 3 4 5 6');
    expect(tickets(commit.wrote(0))).toEqual([1, 2, 3, 6]);
    expect(told(commit.next(0))).toBe('sync');
    expect(tickets(commit.synced())).toEqual([1, 2, 3, 4, 5, 6]);
    // The ceiling is free again.
    commit.submit(batched(7));
    commit.next(0);
    expect(tickets(commit.wrote(0))).toEqual([7]);
  });

  it('GroupCommit counts all entries of one submission, and lets one above the ceiling wait', () => {
    const commit = machine({ syncEntriesMax: 3 });
    commit.submit(batched(1, { entries: 4 }));
    commit.next(0);
    expect(commit.wrote(0)).toEqual([]);
    expect(told(commit.next(0))).toBe('sync');
    expect(tickets(commit.synced())).toEqual([1]);
  });

  it('GroupCommit begins a sync with the last entry of the ceiling, or after the delay', () => {
    const byCount = machine({ syncEntriesMax: 2 });
    byCount.submit(batched(1));
    byCount.next(0);
    byCount.wrote(0);
    expect(told(byCount.next(1))).toBe('wait 90');
    byCount.submit(batched(2));
    byCount.next(1);
    byCount.wrote(1);
    expect(told(byCount.next(1))).toBe('sync');

    const byTime = machine();
    byTime.submit(batched(1));
    byTime.next(40);
    byTime.wrote(50);
    byTime.submit(batched(2));
    byTime.next(60);
    byTime.wrote(70);
    expect(told(byTime.next(139))).toBe('wait 140');
    expect(told(byTime.next(140))).toBe('sync');
  });

  it('GroupCommit does not put off a sync that is due for those who go on writing', () => {
    const commit = machine({ syncEntriesMax: 2 });
    commit.submit(batched(1));
    commit.submit(batched(2, { stream: 2 }));
    commit.next(0);
    commit.wrote(0);
    commit.submit(batched(3, { stream: 3 }));
    expect(told(commit.next(0))).toBe('sync');
    expect(told(commit.next(0))).toBe('write 3');
  });

  it('GroupCommit gives entries that were written during a sync their own delay', () => {
    const commit = machine();
    commit.submit(batched(1));
    commit.next(0);
    commit.wrote(0);
    expect(told(commit.next(100))).toBe('sync');
    commit.submit(batched(2));
    expect(told(commit.next(105))).toBe('write 2');
    commit.wrote(110);
    expect(tickets(commit.synced())).toEqual([1]);
    // Not at once: that would sync back to back for as long as every sync sees a write.
    expect(told(commit.next(120))).toBe('wait 190');
    expect(told(commit.next(190))).toBe('sync');
  });

  it('GroupCommit keeps what is written and unsynced below its bound', () => {
    const commit = machine({ syncEntriesMax: 1000 });
    const bytes = unsyncedBytesMax / 4;
    for (let ticket = 1; ticket <= 6; ticket += 1) commit.submit(batched(ticket, { bytes }));
    expect(told(commit.next(0))).toBe('write 1 2');
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('write 3 4');
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('sync');
    expect(told(commit.next(0))).toBe('wait for ever');
    expect(tickets(commit.synced())).toEqual([1, 2, 3, 4]);
    expect(told(commit.next(0))).toBe('write 5 6');
  });

  it('GroupCommit takes what just fits, in bytes unsynced and of a batch, and in frames', () => {
    for (const [bytes, expected] of [
      [100, 'write 2'],
      [101, 'sync'],
    ] as const) {
      const commit = machine();
      commit.submit(batched(1, { bytes: unsyncedBytesMax - 100 }));
      commit.next(0);
      commit.wrote(0);
      commit.submit(batched(2, { bytes }));
      expect(told(commit.next(0)), `${bytes} more`).toBe(expected);
    }
    for (const [bytes, expected] of [
      [batchBytesTarget - 100, 'write 1 2'],
      [batchBytesTarget - 99, 'write 1'],
    ] as const) {
      const commit = machine();
      commit.submit(submission(1));
      commit.submit(submission(2, { bytes }));
      expect(told(commit.next(0)), `${bytes} bytes`).toBe(expected);
    }
    const half = batchFramesMax / 2;
    for (const [entries, expected] of [
      [half - 1, 'write 1 2'],
      [half, 'write 1'],
    ] as const) {
      const commit = machine();
      // Each of them may need an introduction in front of it.
      commit.submit(submission(1, { entries: half - 1 }));
      commit.submit(submission(2, { entries }));
      expect(told(commit.next(0)), `${entries} frames`).toBe(expected);
    }
  });

  it('GroupCommit exposes as many entries of a stream as its ceiling, and not one more', () => {
    const commit = machine();
    commit.submit(batched(1, { entries: 4 }));
    commit.submit(batched(2, { entries: 6 }));
    commit.submit(batched(3, { stream: 2, entries: 10 }));
    commit.submit(batched(4, { stream: 3, entries: 11 }));
    commit.submit(batched(5, { stream: 3, entries: 0 }));
    commit.next(0);
    expect(tickets(commit.wrote(0))).toEqual([1, 2, 3, 5]);
    commit.next(0);
    expect(tickets(commit.synced())).toEqual([1, 2, 3, 4, 5]);
    // All of it may be exposed again.
    commit.submit(batched(6, { entries: 10 }));
    commit.next(0);
    expect(tickets(commit.wrote(0))).toEqual([6]);
  });

  it('GroupCommit writes a submission above every bound alone', () => {
    const commit = machine();
    commit.submit(batched(1));
    commit.submit(submission(2, { bytes: unsyncedBytesMax * 2 }));
    commit.submit(submission(3));
    expect(told(commit.next(0))).toBe('write 1');
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('sync');
    commit.synced();
    expect(told(commit.next(0))).toBe('write 2');
    commit.wrote(0);
    expect(told(commit.next(0))).toBe('sync');
    commit.synced();
    expect(told(commit.next(0))).toBe('write 3');
  });

  it('GroupCommit closes a batch at its target of bytes and at its bound of frames', () => {
    const byBytes = machine();
    byBytes.submit(submission(1, { bytes: batchBytesTarget - 100 }));
    byBytes.submit(submission(2));
    byBytes.submit(submission(3));
    expect(told(byBytes.next(0))).toBe('write 1 2');
    const byFrames = machine();
    // Each submission may need the introduction of its stream in front of it.
    byFrames.submit(submission(1, { entries: batchFramesMax - 1 }));
    byFrames.submit(submission(2));
    expect(told(byFrames.next(0))).toBe('write 1');
  });

  it('GroupCommit fails a bad write with all that is queued behind it in its streams', () => {
    const commit = machine();
    commit.submit(submission(1));
    commit.next(0);
    for (const [ticket, stream] of [
      [2, 1],
      [3, 2],
      [4, 1],
    ] as const) {
      commit.submit(submission(ticket, { stream }));
    }
    expect(tickets(commit.writeFailed())).toEqual([1, 2, 4]);
    expect(told(commit.next(0))).toBe('write 3');
    commit.wrote(0);
    commit.next(0);
    expect(tickets(commit.synced())).toEqual([3]);
    expect(commit.idle).toBe(true);
  });

  it('GroupCommit fails everybody who was not told yet when a sync fails', () => {
    const commit = machine();
    commit.submit(batched(1));
    commit.submit(submission(2));
    commit.next(0);
    commit.wrote(0);
    commit.next(0);
    commit.submit(batched(3));
    commit.next(0);
    commit.submit(submission(4));
    expect(tickets(commit.poisoned())).toEqual([2, 3, 4]);
    expect(told(commit.next(1000))).toBe('wait for ever');
  });

  it('GroupCommit lets a submission be withdrawn until its write begins', () => {
    const commit = machine();
    commit.submit(submission(1));
    commit.submit(submission(2));
    expect(commit.withdraw(1)).toBe(true);
    expect(told(commit.next(0))).toBe('write 2');
    expect(commit.withdraw(2)).toBe(false);
    expect(commit.withdraw(9)).toBe(false);
  });

  it('GroupCommit answers a barrier with all that came before it', () => {
    const commit = machine();
    commit.submit(batched(1));
    commit.next(0);
    commit.wrote(0);
    commit.submit(submission(2, { stream: 0, entries: 0, bytes: 0 }));
    expect(told(commit.next(1))).toBe('write 2');
    commit.wrote(1);
    expect(told(commit.next(1))).toBe('sync');
    expect(tickets(commit.synced())).toEqual([1, 2]);
  });

  it('GroupCommit takes a sync from outside for all that is written', () => {
    const commit = machine();
    commit.submit(batched(1));
    commit.next(0);
    commit.wrote(0);
    expect(tickets(commit.syncedAll())).toEqual([1]);
    expect(told(commit.next(1000))).toBe('wait for ever');
  });

  it('GroupCommit syncs at once when nothing more comes', () => {
    const commit = machine();
    commit.submit(batched(1));
    commit.next(0);
    commit.wrote(0);
    expect(told(commit.next(1))).toBe('wait 90');
    commit.finish();
    expect(told(commit.next(1))).toBe('sync');
  });

  it('GroupCommit keeps its contract in random runs', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      try {
        randomRun(seed);
      } catch (error) {
        throw new Error(`seed ${seed} fails; repeat with randomRun(${seed})`, { cause: error });
      }
    }
  });
});

/** Drives the machine at random, as its writer may, and checks every answer against a plain model. */
function randomRun(seed: number): void {
  const prng = Prng.fromSeed(seed);
  const settings = { syncDelayMsMax: 50, syncEntriesMax: 1 + prng.below(5) };
  const commit = new GroupCommit(settings);
  const all = new Map<number, Submission>();
  let [nowMs, ticket] = [0, 0];
  let writing: readonly Submission[] | null = null;
  let written: Submission[] = [];
  let covered: number | null = null;
  const answered = new Set<number>();
  const durable: number[] = [];
  const order: number[] = [];
  const unsyncedOf = (stream: number): number =>
    written
      .filter((one) => one.durability === 'batched' && answered.has(one.ticket))
      .filter((one) => one.stream === stream)
      .reduce((sum, one) => sum + one.entries, 0);
  for (let step = 0; step < 200; step += 1) {
    nowMs += prng.below(20);
    const choice = prng.below(4);
    if (choice === 0) {
      ticket += 1;
      const one = submission(ticket, {
        stream: 1 + prng.below(2),
        entries: 1 + prng.below(3),
        bytes: prng.pick([100, batchBytesTarget / 2, unsyncedBytesMax]),
        durability: prng.pick(['durable', 'batched']),
      });
      all.set(ticket, one);
      commit.submit(one);
    } else if (choice === 1 && writing !== null) {
      written.push(...writing);
      for (const one of commit.wrote(nowMs)) {
        expect(one.durability).toBe('batched');
        answered.add(one.ticket);
      }
      writing = null;
      for (const stream of [1, 2]) {
        expect(unsyncedOf(stream)).toBeLessThanOrEqual(settings.syncEntriesMax);
      }
    } else if (choice === 2 && covered !== null) {
      const done = tickets(commit.synced());
      expect(done).toEqual(tickets(written.slice(0, covered)));
      durable.push(...done);
      written = written.slice(covered);
      covered = null;
    }
    const next = commit.next(nowMs);
    if (next.kind === 'write') {
      expect(writing).toBe(null);
      order.push(...tickets(next.batch));
      writing = next.batch;
      const bytes = [...written, ...writing].reduce((sum, one) => sum + one.bytes, 0);
      const isAlone = written.length === 0 && writing.length === 1;
      expect(isAlone || bytes <= unsyncedBytesMax).toBe(true);
    } else if (next.kind === 'sync') {
      expect(covered).toBe(null);
      covered = written.length;
    } else if (covered === null && writing === null) {
      // Nothing runs: nobody who is owed a sync is left waiting without a time.
      expect(written.some((one) => one.durability === 'durable')).toBe(false);
      if (written.length > 0) expect(next.untilMs).toBeGreaterThan(nowMs);
    }
  }
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  expect(durable).toEqual(order.slice(0, durable.length));
}
