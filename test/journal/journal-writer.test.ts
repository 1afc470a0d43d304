/**
 * The writer over a simulated disk: who is told what, and when. What counts is always what a reader
 * finds on the disk that a power cut leaves.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import {
  directory,
  entry,
  entrySeqs,
  HeldSyncs,
  JournalLab,
  turn,
} from '../helpers/journal-lab.ts';
import { text } from '../helpers/segment-image.ts';
import { segment, large, ended } from './journal-writer-steps.ts';

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

  it('JournalWriter takes a message that is larger than a segment', async () => {
    const lab = await JournalLab.open();
    expect(await lab.append('small')).toBe(1);
    expect(await lab.append(new Uint8Array(200_000).fill(1))).toBe(2);
    expect(await lab.append('small')).toBe(3);
    expect(entrySeqs(await lab.afterCrash())).toEqual([1, 2, 3]);
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
