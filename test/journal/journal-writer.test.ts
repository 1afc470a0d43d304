/**
 * The writer over a simulated disk: who is told what, and when, whatever the disk does. What counts is
 * always what a reader finds on the disk that a power cut leaves.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import type { Operation } from '../../src/platform/sim/faults.ts';
import {
  directory,
  entry,
  entrySeqs,
  HeldSyncs,
  JournalLab,
  turn,
} from '../helpers/journal-lab.ts';
import { present } from '../../src/base/assert.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { text } from '../helpers/segment-image.ts';

const segment = (number: number): string => `${directory}/${segmentName(number)}`;
/** An open file keeps the path under which it was made, which ends in a salt. */
const isOf = (path: string, number: number): boolean => path.includes(segmentName(number));
const large = new Uint8Array(3000).fill(6);

/** How a promise ended, as one word or the error's code. */
async function ended(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (HoldfastError.is(error) ? error.code : String(error)),
  );
}

/** Fails every write into one segment, from now on. */
function failWritesInto(lab: JournalLab, number: number, errno: string): void {
  lab.disk.beforeOperation = ({ kind, path }: Operation) =>
    kind === 'write' && isOf(path, number) ? { errno } : undefined;
}

describe('JournalWriter', () => {
  beforeAll(initChecksum);

  it('JournalWriter makes durable what it answers as durable, in every crash', async () => {
    const lab = await JournalLab.open();
    for (let seq = 1; seq <= 40; seq += 1) {
      expect(await lab.append(large)).toBe(seq);
      expect(entrySeqs(await lab.afterCrash()).at(-1)).toBe(seq);
    }
    expect(lab.journal.counters.segments).toBeGreaterThan(2);
    expect((await lab.afterCrash()).firstProblem).toBe(null);
    await lab.journal.close();
    const facts = await lab.afterCrash();
    expect(facts).toMatchObject({ closed: true, firstProblem: null });
    expect(entrySeqs(facts)).toHaveLength(40);
  });

  it('JournalWriter answers batched entries before their sync, which begins in time', async () => {
    const lab = await JournalLab.open();
    expect(await lab.append('a', 'batched')).toBe(1);
    expect(entrySeqs(await lab.afterCrash())).toEqual([]);
    expect(entrySeqs(await lab.afterCrash('all'))).toEqual([1]);
    await lab.disk.clock.advanceThrough(89);
    expect(entrySeqs(await lab.afterCrash())).toEqual([]);
    await lab.disk.clock.advanceThrough(1);
    expect(entrySeqs(await lab.afterCrash())).toEqual([1]);
    for (let count = 0; count < 10; count += 1) await lab.append('b', 'batched');
    await turn();
    expect(entrySeqs(await lab.afterCrash())).toHaveLength(11);
    await lab.append('c', 'batched');
    await lab.journal.flush();
    expect(entrySeqs(await lab.afterCrash())).toHaveLength(12);
  });

  it('JournalWriter puts what comes in one turn into one batch and one sync', async () => {
    const lab = await JournalLab.open();
    const { syncs } = lab.journal.counters;
    const seqs = await Promise.all(Array.from({ length: 64 }, () => lab.append('x')));
    expect(seqs).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
    expect(lab.journal.counters.syncs - syncs).toBe(1);
  });

  it('JournalWriter goes on writing after short writes', async () => {
    const lab = await JournalLab.open();
    lab.disk.beforeOperation = ({ kind, length = 0 }) =>
      kind === 'write' && length > 100 ? { shortWrite: 100 } : undefined;
    expect(await lab.append(large)).toBe(1);
    expect(await lab.append(large)).toBe(2);
    expect(entrySeqs(await lab.afterCrash())).toEqual([1, 2]);
  });

  it('JournalWriter abandons a segment at a failed write and goes on in the next', async () => {
    for (const errno of ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']) {
      const lab = await JournalLab.open();
      await lab.append('one');
      let writes = 0;
      lab.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== 'write' || !isOf(path, 1)) return undefined;
        writes += 1;
        return writes === 1 ? { shortWrite: 90 } : { errno };
      };
      const failed = await ended(lab.append('never'));
      expect(failed).toBe(errno === 'EIO' ? 'IO' : 'FULL');
      // The rest of the half-written batch is a torn tail until the next segment disowns it.
      expect((await lab.afterCrash('all')).firstProblem).toMatchObject({ kind: 'tail' });
      expect(await lab.append('two')).toBe(2);
      const facts = await lab.afterCrash('all');
      expect(entrySeqs(facts)).toEqual([1, 2]);
      expect(facts.firstProblem).toBe(null);
      expect(facts.deadBytes).toBeGreaterThan(0);
      expect(lab.journal.poison).toBe(null);
    }
  });

  it('JournalWriter leaves no stale bytes behind a shorter batch after one failed write', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    let writes = 0;
    // The write takes two frames whole and half of the third, and fails once: then the disk is well.
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'write' || !isOf(path, 1)) return undefined;
      writes += 1;
      if (writes === 1) return { shortWrite: 1200 };
      return writes === 2 ? { errno: 'ENOSPC' } : undefined;
    };
    const frames = [text('x'.repeat(184)), text('y'.repeat(500)), text('z'.repeat(700))];
    const { answered } = lab.journal.submit(lab.stream, frames.map(entry), 'durable');
    expect(await ended(answered)).toBe('FULL');
    // Entry and commit end where the second of the stale frames begins.
    expect(await lab.append('two')).toBe(2);
    expect(await lab.append('three')).toBe(3);
    for (const keep of ['none', 'all'] as const) {
      const facts = await lab.afterCrash(keep);
      expect(facts.firstProblem).toBe(null);
      expect(entrySeqs(facts)).toEqual([1, 2, 3]);
    }
    expect((await lab.afterCrash('all')).deadBytes).toBe(1200);
  });

  it('JournalWriter goes on in the next segment behind half a mark', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    let writes = 0;
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'write' || !isOf(path, 1)) return undefined;
      writes += 1;
      if (writes === 1) return { shortWrite: 50 };
      return writes === 2 ? { errno: 'EIO' } : undefined;
    };
    await lab.disk.clock.advanceThrough(100);
    expect(writes).toBe(2);
    expect(await lab.append('two')).toBe(2);
    const facts = await lab.afterCrash('all');
    expect(facts.firstProblem).toBe(null);
    expect(entrySeqs(facts)).toEqual([1, 2]);
    expect(facts.deadBytes).toBe(50);
  });

  it('JournalWriter survives segments whose very first write fails', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    const named = new Set([segment(1)]);
    lab.disk.beforeOperation = ({ kind, path }) => {
      // Making a segment works; the first write into one that has its name does not.
      const number = [1, 2, 3].find((one) => isOf(path, one));
      if (number === undefined) return undefined;
      if (kind === 'rename') named.add(segment(number));
      return kind === 'write' && named.has(segment(number)) ? { errno: 'ENOSPC' } : undefined;
    };
    for (let count = 0; count < 3; count += 1) {
      expect(await ended(lab.append('never'))).toBe('FULL');
      expect((await lab.afterCrash('all')).firstProblem).toBe(null);
    }
    expect(await lab.append('two')).toBe(2);
    const facts = await lab.afterCrash();
    expect(facts.firstProblem).toBe(null);
    expect(entrySeqs(facts)).toEqual([1, 2]);
  });

  it('JournalWriter tells a full disk while it lasts and resumes by itself', async () => {
    const lab = await JournalLab.open();
    lab.disk.limitBytes(20_000);
    const kept: number[] = [];
    let full = 0;
    for (let count = 0; count < 10; count += 1) {
      const { answered } = lab.journal.submit(lab.stream, [entry(large)], 'durable');
      await answered.then(
        ({ firstSeq }) => kept.push(firstSeq),
        () => {
          full += 1;
        },
      );
    }
    expect(full).toBeGreaterThan(0);
    lab.disk.limitBytes(10_000_000);
    kept.push(await lab.append(large));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => index + 1));
    expect(entrySeqs(await lab.afterCrash())).toEqual(kept);
  });

  it('JournalWriter fails what is queued behind a failed write only in the same stream', async () => {
    const held = new HeldSyncs();
    const lab = await JournalLab.open({}, held.wrap);
    const key = new Uint8Array(16).fill(8);
    const other = lab.openStream(key);
    held.holding = true;
    const first = ended(lab.append('first'));
    await turn();
    failWritesInto(lab, 1, 'ENOSPC');
    // While the sync runs, durable entries gather; then one batch holds both streams.
    const mine = [ended(lab.append('a')), ended(lab.append('b'))];
    const theirs = ended(lab.append('c', 'durable', other));
    held.holding = false;
    held.held[0]?.release();
    expect(await first).toBe('done');
    expect(await Promise.all([...mine, theirs])).toEqual(['FULL', 'FULL', 'FULL']);
    expect(await lab.append('d')).toBe(2);
    expect(await lab.append('e', 'durable', other)).toBe(1);
  });

  it('JournalWriter ends with the first failed sync, for everybody and for ever', async () => {
    for (const errno of ['EIO', 'ENOSPC', 'EDQUOT']) {
      const lab = await JournalLab.open();
      await lab.append('one');
      expect(await lab.append('two', 'batched')).toBe(2);
      lab.disk.failNext('sync', errno);
      const waiting = [lab.append('three'), lab.append('four'), lab.journal.flush()];
      expect(await Promise.all(waiting.map(ended))).toEqual(['POISONED', 'POISONED', 'POISONED']);
      // The machine would say yes now. It would be a lie.
      expect(await ended(lab.append('five', 'batched'))).toBe('POISONED');
      expect(await ended(lab.journal.flush())).toBe('POISONED');
      expect(await ended(lab.journal.retire(1))).toBe('POISONED');
      const { poison } = lab.journal;
      expect(poison?.details).toMatchObject({ errno, syscall: 'fdatasync' });
      expect(poison?.details.durableUpTo).toBe(2);
      expect(poison?.details.inDoubt?.from).toBe(3);
      expect(await ended(lab.journal.close())).toBe('POISONED');
      expect(entrySeqs(await lab.afterCrash())).toEqual([1]);
    }
  });

  it('JournalWriter never syncs a file again whose sync failed', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    lab.disk.failNext('sync', 'EIO');
    await ended(lab.append('two'));
    const before = lab.disk.changes;
    await ended(lab.append('three'));
    await ended(lab.journal.close());
    await lab.disk.clock.advanceThrough(1000);
    expect(lab.disk.changes).toBe(before);
  });

  it('JournalWriter ends when a directory cannot be synced', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    lab.disk.failNext('sync-directory', 'EIO');
    const answers = [];
    for (let count = 0; count < 8; count += 1) answers.push(await ended(lab.append(large)));
    expect(answers).toContain('POISONED');
    expect(answers.at(-1)).toBe('POISONED');
    const kept = answers.filter((answer) => answer === 'done').length;
    expect(entrySeqs(await lab.afterCrash())).toHaveLength(kept + 1);
  });

  it('JournalWriter does not let a running sync answer what was written during it', async () => {
    const held = new HeldSyncs();
    const lab = await JournalLab.open({}, held.wrap);
    held.holding = true;
    const durable = lab.append('one');
    await turn();
    expect(held.held).toHaveLength(1);
    // The sync still runs; batched entries go on, and a durable one rides along.
    const second = lab.journal.submit(lab.stream, [entry('two')], 'durable');
    let told = false;
    const later = second.answered.then(() => {
      told = true;
    });
    expect(await lab.append('three', 'batched')).toBe(3);
    expect(lab.journal.counters.commits).toBeGreaterThan(1);
    held.held[0]?.release();
    expect(await durable).toBe(1);
    await turn();
    expect(told).toBe(false);
    expect(lab.durable).toEqual([1]);
    expect(held.held).toHaveLength(2);
    expect(entrySeqs(await lab.afterCrash())).toEqual([1, 2, 3]);
    held.held[1]?.release();
    await later;
    await turn();
    expect(lab.durable).toEqual([1, 2, 3]);
  });

  it('JournalWriter lets a sync that fails during writes take the writes with it', async () => {
    const held = new HeldSyncs();
    const lab = await JournalLab.open({}, held.wrap);
    held.holding = true;
    const durable = ended(lab.append('one'));
    await turn();
    expect(await lab.append('two', 'batched')).toBe(2);
    const late = ended(lab.append('three'));
    held.held[0]?.fail('EIO');
    expect(await durable).toBe('POISONED');
    expect(await late).toBe('POISONED');
    expect(await ended(lab.append('four', 'batched'))).toBe('POISONED');
  });

  it('JournalWriter makes batched appends wait at the ceiling while a sync is slow', async () => {
    const held = new HeldSyncs();
    const lab = await JournalLab.open({ syncEntriesMax: 3 }, held.wrap);
    held.holding = true;
    const answers: number[] = [];
    const appends = Array.from({ length: 6 }, async () => {
      answers.push(await lab.append('x', 'batched'));
    });
    await turn();
    await turn();
    expect(answers).toEqual([1, 2, 3]);
    held.holding = false;
    held.held[0]?.release();
    await Promise.all(appends);
    expect(answers).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('JournalWriter syncs a segment before it answers anything from the next', async () => {
    const held = new HeldSyncs();
    const lab = await JournalLab.open({ syncEntriesMax: 100 }, held.wrap);
    for (let count = 0; count < 2; count += 1) await lab.append(large, 'batched');
    held.holding = true;
    const answers: number[] = [];
    const appends = [3, 4].map(async () => answers.push(await lab.append(large, 'batched')));
    const before = held.held.length;
    await turn();
    // Entries of the next segment wait until the old one is synced, and sealed with a second sync.
    while (answers.length < 2) {
      const one = held.held.splice(before)[0];
      if (one === undefined) break;
      if (answers.length > 0) expect(isOf(one.path, 1)).toBe(false);
      one.release();
      await turn();
    }
    held.holding = false;
    for (const one of held.held) one.release();
    await Promise.all(appends);
    const facts = await lab.afterCrash('all');
    expect(facts.segments.length).toBeGreaterThan(1);
    expect(entrySeqs(facts)).toEqual([1, 2, 3, 4]);
    // Whatever the next segment holds after a crash, the old one is whole.
    expect((await lab.afterCrash()).firstProblem).toBe(null);
  });

  it('JournalWriter is poisoned when the sync of a rotation fails', async () => {
    const lab = await JournalLab.open();
    for (let count = 0; count < 2; count += 1) await lab.append(large, 'batched');
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && isOf(path, 1) ? { errno: 'EIO' } : undefined;
    expect(await ended(lab.append(large, 'batched'))).toBe('POISONED');
    expect(await ended(lab.append('x', 'batched'))).toBe('POISONED');
  });

  it('JournalWriter goes on when the old file cannot be closed after a rotation', async () => {
    const lab = await JournalLab.open();
    lab.disk.beforeOperation = ({ kind, path }) =>
      kind === 'close' && isOf(path, 1) ? { errno: 'EIO' } : undefined;
    for (let seq = 1; seq <= 6; seq += 1) expect(await lab.append(large)).toBe(seq);
    const facts = await lab.afterCrash();
    expect(facts.firstProblem).toBe(null);
    expect(entrySeqs(facts)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('JournalWriter takes a message that is larger than a segment', async () => {
    const lab = await JournalLab.open();
    expect(await lab.append('small')).toBe(1);
    expect(await lab.append(new Uint8Array(200_000).fill(1))).toBe(2);
    expect(await lab.append('small')).toBe(3);
    expect(entrySeqs(await lab.afterCrash())).toEqual([1, 2, 3]);
  });

  it('JournalWriter removes segments only after a synced frame called them unneeded', async () => {
    const lab = await JournalLab.open();
    for (let count = 0; count < 8; count += 1) await lab.append(large);
    const active = lab.journal.counters.segments;
    expect(active).toBeGreaterThan(1);
    const removals: string[] = [];
    lab.disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'remove') removals.push(path);
      return undefined;
    };
    const retiring = lab.journal.retire(active);
    await turn();
    expect(removals).toEqual([]);
    await lab.disk.clock.advanceThrough(50);
    await retiring;
    expect(removals).toContain(segment(1));
    expect(lab.retired).toEqual([active]);
    const facts = await lab.afterCrash();
    expect(facts.firstProblem).toBe(null);
    expect(facts.segments[0]?.number).toBe(active);
    // Unlinks that came back are garbage, not a finding.
    const all = await lab.afterCrash('all');
    expect(all.firstProblem).toBe(null);
  });

  it('JournalWriter removes no segment for a frame that was written before it could say so', async () => {
    let held: HeldOperation | null = null;
    const lab = await JournalLab.open({}, (fileSystem) => {
      held = new HeldOperation(fileSystem);
      return held.fileSystem;
    });
    const gate = present<HeldOperation>(held, 'the file system is wrapped');
    while (lab.journal.counters.segments < 2) await lab.append('x'.repeat(3000));
    gate.hold((verb, path) => verb === 'write' && path.includes('segment'), 0);
    const appending = lab.append('encoded before');
    await turn();
    expect(gate.isHolding).toBe(true);
    const retiring = lab.journal.retire(2);
    await turn();
    gate.release();
    await appending;
    await turn();
    // A power cut right behind the answer: whatever is gone, a frame on the disk let it go.
    expect((await lab.afterCrash('none')).firstProblem).toBeNull();
    await lab.disk.clock.advanceThrough(100);
    await retiring;
    expect((await lab.afterCrash('none')).firstProblem).toBeNull();
  });

  it('JournalWriter lets segments go right after a rotation, and when its own is full', async () => {
    for (const fill of [0, 1, 2, 3, 4]) {
      const lab = await JournalLab.open();
      const first = await lab.journal.submit(lab.stream, [entry(large)], 'durable').answered;
      let placed = first;
      while (placed.segment === 1) {
        placed = await lab.journal.submit(lab.stream, [entry(large)], 'durable').answered;
      }
      for (let count = 0; count < fill; count += 1) {
        placed = await lab.journal.submit(lab.stream, [entry(new Uint8Array(5800))], 'durable')
          .answered;
      }
      const retiring = lab.journal.retire(placed.segment);
      await lab.disk.clock.advanceThrough(100);
      await retiring;
      const facts = await lab.afterCrash();
      expect(facts.firstProblem).toBe(null);
      expect(facts.segments[0]?.number).toBe(placed.segment);
    }
  });

  it('JournalWriter tells when segments cannot be removed, and removes them the next time', async () => {
    const lab = await JournalLab.open();
    for (let count = 0; count < 8; count += 1) await lab.append(large);
    lab.disk.failNext('remove', 'EACCES');
    const refused = ended(lab.journal.retire(2));
    await lab.disk.clock.advanceThrough(50);
    expect(await refused).toBe('IO');
    expect(await lab.append('goes on')).toBe(9);
    const retiring = lab.journal.retire(2);
    await lab.disk.clock.advanceThrough(50);
    await retiring;
    expect(lab.disk.paths()).not.toContain(segment(1));
  });

  it('JournalWriter answers nothing once its lock file was removed or replaced', async () => {
    for (const replace of ['removed', 'replaced'] as const) {
      const path = `${directory}/LOCK`;
      const lab = await JournalLab.open();
      expect(await lab.append('mine')).toBe(1);
      lab.disk.removePath(path);
      if (replace === 'replaced') lab.disk.writeFile(path, text('{}'));
      expect(await ended(lab.append('whose?'))).toBe('POISONED');
    }
  });

  it('JournalWriter answers nothing once its segment was removed', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    lab.disk.removePath(segment(1));
    expect(await ended(lab.append('two'))).toBe('POISONED');
  });

  it('JournalWriter gives back what is withdrawn before it is written', async () => {
    const held = new HeldSyncs();
    const lab = await JournalLab.open({}, held.wrap);
    held.holding = true;
    const first = lab.append('one');
    await turn();
    const second = lab.journal.submit(lab.stream, [entry('two')], 'durable');
    const third = lab.journal.submit(lab.stream, [entry('three')], 'durable');
    const reason = new Error('no longer wanted');
    lab.journal.withdraw(second.ticket, reason);
    await expect(second.answered).rejects.toBe(reason);
    held.holding = false;
    for (const one of held.held) one.release();
    expect(await first).toBe(1);
    expect((await third.answered).firstSeq).toBe(2);
    lab.journal.withdraw(third.ticket, reason);
    expect(await lab.append('four')).toBe(3);
  });

  it('JournalWriter closes at once, whatever delay batched entries may wait for', async () => {
    const lab = await JournalLab.open({ syncDelayMsMax: 60_000 });
    await lab.append('one', 'batched');
    const late = lab.journal.submit(lab.stream, [entry('two')], 'batched');
    await lab.journal.close();
    expect((await late.answered).firstSeq).toBe(2);
    const facts = await lab.afterCrash();
    expect(entrySeqs(facts)).toEqual([1, 2]);
    expect(facts.closed).toBe(true);
    await expect(lab.journal.close()).resolves.toBeUndefined();
  });

  it('JournalWriter marks what is durable when it falls idle, and then rests', async () => {
    const lab = await JournalLab.open();
    await lab.append('one');
    expect((await lab.afterCrash('all')).durableMark).toBe(0);
    await lab.disk.clock.advanceThrough(100);
    expect((await lab.afterCrash('all')).durableMark).toBe(2);
    await lab.disk.clock.advanceThrough(1000);
    expect(lab.disk.clock.timers).toBe(0);
  });

  it('JournalWriter marks soon after it falls idle, whatever a batched entry would have waited', async () => {
    const lab = await JournalLab.open({ syncDelayMsMax: 10_000 });
    await lab.append('one', 'batched');
    await lab.append('two');
    expect((await lab.afterCrash('all')).durableMark).toBeLessThan(3);
    await lab.disk.clock.advanceThrough(100);
    expect((await lab.afterCrash('all')).durableMark).toBe(3);
  });
});
