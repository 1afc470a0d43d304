/** The journal writer on a disk whose writes fail: what goes on, where, and without stale bytes. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import type { Operation } from '../../src/platform/sim/faults.ts';
import { entry, entrySeqs, HeldSyncs, JournalLab, turn } from '../helpers/journal-lab.ts';
import { text } from '../helpers/segment-image.ts';
import { segment, isOf, large, ended } from './journal-writer-steps.ts';

/** Fails every write into one segment, from now on. */
function failWritesInto(lab: JournalLab, number: number, errno: string): void {
  lab.disk.beforeOperation = ({ kind, path }: Operation) =>
    kind === 'write' && isOf(path, number) ? { errno } : undefined;
}

describe('JournalWriter', () => {
  beforeAll(initChecksum);

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
});
