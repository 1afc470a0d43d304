/** The pressure of a journal that cannot be settled, with everything around it simulated. */
import { describe, expect, it } from 'vitest';
import type { FrameSource } from '../../src/journal/frame-source.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { simClock } from '../../src/platform/sim/sim-clock.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { Settler } from '../../src/store/settler.ts';

function bench() {
  const clock = simClock();
  const retired: number[] = [];
  const journal = {
    poison: null,
    retire: (below: number) => {
      retired.push(below);
      return Promise.resolve();
    },
  } as unknown as Journal;
  const source = { release: () => Promise.resolve() } as unknown as FrameSource;
  const disk = { isFull: true };
  const session = {
    oldestSegment: 1 as number | null,
    settle: () => {
      if (disk.isFull) return Promise.reject(new Error('no room for the history'));
      session.oldestSegment = null;
      return Promise.resolve();
    },
  };
  const sessions = new Set([session as unknown as SessionWriter]);
  return { clock, retired, disk, settler: new Settler({ journal, source }, clock, sessions) };
}

describe('Settler', () => {
  it('isPressed at its bound, and relief ends with FULL when nothing can be settled', async () => {
    const { clock, settler } = bench();
    settler.placed(32);
    expect(settler.isPressed).toBe(false);
    settler.placed(33);
    expect(settler.isPressed).toBe(true);
    const relief = settler.relief().catch((error: unknown) => error);
    await clock.advanceThrough(29_000);
    const early = await Promise.race([relief, Promise.resolve('still waiting')]);
    expect(early).toBe('still waiting');
    await clock.advanceThrough(2_000);
    const error = await relief;
    expect(error).toMatchObject({ code: 'FULL' });
    expect(String(error)).toContain('no room for the history');
  });

  it('relief resolves by itself once there is room, and the segments go', async () => {
    const { clock, retired, disk, settler } = bench();
    settler.placed(40);
    const relief = settler.relief();
    await clock.advanceThrough(5_000);
    disk.isFull = false;
    await clock.advanceThrough(2_000);
    await relief;
    expect(settler.isPressed).toBe(false);
    expect(retired).toEqual([40]);
  });

  it('a pinned segment stays until it is let go', async () => {
    const { clock, retired, disk, settler } = bench();
    disk.isFull = false;
    settler.pin(3);
    settler.placed(9);
    await clock.advanceThrough(1_000);
    expect(retired).toEqual([3]);
    settler.unpin(3);
    expect(retired).toEqual([3, 9]);
    await settler.stop();
  });
});
