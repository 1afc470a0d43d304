/** Sequences as runs, against a plain set. */
import { describe, expect, it } from 'vitest';
import { SeqSet } from '../../src/base/seq-set.ts';
import { Prng } from '../../src/platform/sim/prng.ts';

describe('SeqSet', () => {
  it('SeqSet holds what a plain set holds, in whatever order it was added', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const prng = Prng.fromSeed(seed);
      const plain = new Set<number>();
      const seqs = new SeqSet();
      for (let step = 0; step < 60; step += 1) {
        const from = prng.below(100);
        const to = from + (prng.chance(0.3) ? prng.below(8) : 0);
        seqs.addRun(from, to);
        for (let seq = from; seq <= to; seq += 1) plain.add(seq);
        if (!prng.chance(0.2)) continue;
        const what = `seed ${seed}, step ${step}`;
        expect(seqs.size, what).toBe(plain.size);
        expect(seqs.highest, what).toBe(Math.max(...plain));
      }
      const wrong = Array.from({ length: 120 }, (_, seq) => seq).filter(
        (seq) => seqs.has(seq) !== plain.has(seq),
      );
      expect(wrong, `seed ${seed}`).toEqual([]);
      const runs = [...seqs.runs()];
      const joining = runs.filter(({ from }, at) => from <= (runs[at - 1]?.to ?? -2) + 1);
      expect(joining, `seed ${seed}`).toEqual([]);
    }
  });

  it('SeqSet counts a run that no plain set could hold', () => {
    const seqs = new SeqSet();
    seqs.addRun(5, 2 ** 53 - 2);
    seqs.add(3);
    expect([...seqs.runs()]).toEqual([
      { from: 3, to: 3 },
      { from: 5, to: 2 ** 53 - 2 },
    ]);
    expect([seqs.has(4), seqs.has(2 ** 40), new SeqSet().highest]).toEqual([false, true, 0]);
  });
});
