/** The journal writer on a disk whose syncs are slow or fail: each answer waits for its own. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { entry, entrySeqs, HeldSyncs, JournalLab, turn } from '../helpers/journal-lab.ts';
import { isOf, large, ended } from './journal-writer-steps.ts';

describe('JournalWriter', () => {
  beforeAll(initChecksum);

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
});
