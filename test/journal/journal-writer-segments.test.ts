/** When the journal writer lets segments go: never before a synced frame called them unneeded. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { entry, JournalLab, turn } from '../helpers/journal-lab.ts';
import { present } from '../../src/base/assert.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { segment, large, ended } from './journal-writer-steps.ts';

describe('JournalWriter', () => {
  beforeAll(initChecksum);

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
});
