/** The pressure of a journal that cannot be settled, with everything around it simulated. */
import { describe, expect, it, vi } from 'vitest';
import type { FrameSource } from '../../src/journal/frame-source.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { simClock } from '../../src/platform/sim/sim-clock.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { Settler } from '../../src/store/settler.ts';

interface Session {
  readonly id: string;
  oldestSegment: number | null;
  /** What its settling fails with. */
  trouble: Error | null;
  settle(below?: number): Promise<void>;
}

function sessionOf(id: string, trouble: Error | null = null): Session & SessionWriter {
  const session: Session = {
    id,
    trouble,
    oldestSegment: 1,
    settle: () => {
      if (session.trouble !== null) return Promise.reject(session.trouble);
      session.oldestSegment = null;
      return Promise.resolve();
    },
  };
  return session as unknown as Session & SessionWriter;
}

function bench(...sessions: readonly (Session & SessionWriter)[]) {
  const clock = simClock();
  const retired: number[] = [];
  const journal = {
    poison: null as Error | null,
    retire: (below: number) => {
      retired.push(below);
      return Promise.resolve();
    },
  };
  const source = {
    release: () => Promise.resolve(),
    keep: () => Promise.resolve(),
    forget: () => undefined,
  } as unknown as FrameSource;
  const own = { journal: journal as unknown as Journal, source };
  const settler = new Settler(own, clock, new Set<SessionWriter>(sessions));
  return { clock, retired, journal, settler };
}

const noRoom = Object.assign(new Error('no room for the history'), { code: 'ENOSPC' });

describe('Settler', () => {
  it('isPressed at its bound, and relief ends with FULL when nothing can be settled', async () => {
    const session = sessionOf('s', noRoom);
    const { clock, settler } = bench(session);
    settler.placed(32);
    expect(settler.isPressed(session)).toBe(false);
    settler.placed(33);
    expect(settler.isPressed(session)).toBe(true);
    const relief = settler.relief(session).catch((error: unknown) => error);
    await clock.advanceThrough(29_000);
    const early = await Promise.race([relief, Promise.resolve('still waiting')]);
    expect(early).toBe('still waiting');
    await clock.advanceThrough(2_000);
    const error = await relief;
    expect(error).toMatchObject({ code: 'FULL' });
    expect(String(error)).toContain('no room for the history');
  });

  it('relief resolves by itself once there is room, and the segments go', async () => {
    const session = sessionOf('s', noRoom);
    const { clock, retired, settler } = bench(session);
    settler.placed(40);
    const relief = settler.relief(session);
    await clock.advanceThrough(5_000);
    session.trouble = null;
    await clock.advanceThrough(2_000);
    await relief;
    expect(settler.isPressed(session)).toBe(false);
    expect(retired).toEqual([40]);
  });

  it('pauses between sessions so that the program may end, and stop waits for no pause', async () => {
    const sessions = Array.from({ length: 40 }, (_, at) => sessionOf(`s${at}`));
    const { clock, settler } = bench(...sessions);
    // A sleep keeps a process alive, and idling does not; here it is made of sleeps.
    const sleeps = vi.spyOn(clock, 'sleep');
    const idles = vi.spyOn(clock, 'idle');
    await clock.advanceThrough(10_000);
    settler.placed(2);
    await clock.advanceThrough(200);
    const left = sessions.filter(({ oldestSegment }) => oldestSegment === 1).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(40);
    expect(sleeps.mock.calls.length).toBe(idles.mock.calls.length);
    expect(idles.mock.calls.length).toBeGreaterThan(1);
    await settler.stop();
    expect(sessions.filter(({ oldestSegment }) => oldestSegment === 1)).toHaveLength(left);
  });

  it('relief ends with FULL when settling stands still', async () => {
    const session = sessionOf('s');
    const { clock, settler } = bench(session);
    // It tries, and neither fails nor moves anything.
    session.settle = () => clock.sleep(1_000);
    settler.placed(40);
    const relief = settler.relief(session).catch((error: unknown) => error);
    await clock.advanceThrough(31_000);
    const ended = await Promise.race([relief, Promise.resolve('still waiting')]);
    expect(ended).toMatchObject({ code: 'FULL' });
    const stopped = settler.stop();
    await clock.advanceThrough(2_000);
    await stopped;
  });

  it('lets segments of one session go a few at a time, and relief waits while that gets on', async () => {
    const session = sessionOf('s');
    const { clock, retired, settler } = bench(session);
    // A disk on which four segments take 12 s; all of them would take longer than the patience.
    const portions: (number | undefined)[] = [];
    session.settle = async (below?: number) => {
      portions.push(below);
      await clock.sleep(12_000);
      session.oldestSegment = below ?? null;
      settler.gotOn();
    };
    settler.placed(40);
    for (let segment = 41; segment <= 70; segment += 1) settler.placed(segment);
    const relief = settler.relief(session);
    await clock.advanceThrough(250_000);
    await relief;
    expect(portions.slice(0, 3)).toEqual([5, 9, 13]);
    expect(retired.slice(0, 3)).toEqual([5, 9, 13]);
    await settler.stop();
  });

  it('a pinned segment stays until it is let go', async () => {
    const { clock, retired, settler } = bench(sessionOf('s'));
    settler.pin(3);
    settler.placed(9);
    await clock.advanceThrough(1_000);
    expect(retired).toEqual([3]);
    settler.unpin(3);
    expect(retired).toEqual([3, 9]);
    await settler.stop();
  });

  it('a kept segment stays for ever, and stops who appends only far behind the usual bound', async () => {
    const session = sessionOf('s');
    const { clock, retired, settler } = bench(session);
    expect(settler.hasKept).toBe(false);
    settler.keep(3);
    settler.keep(5);
    expect(settler.hasKept).toBe(true);
    settler.placed(100);
    await clock.advanceThrough(1_000);
    expect(retired).toEqual([3]);
    expect(settler.isPressed(session)).toBe(false);
    settler.placed(131);
    expect(settler.isPressed(session)).toBe(true);
    const relief = settler.relief(session).catch((error: unknown) => error);
    await clock.advanceThrough(31_000);
    const error = await relief;
    expect(error).toMatchObject({ code: 'FULL' });
    expect(String(error)).toMatch(/128 segments .*close the store and open it again/);
    await settler.stop();
  });

  it('settles all others while one session cannot be settled, and only that one waits', async () => {
    const broken = sessionOf('broken', new Error('EIO: input/output error, read'));
    const others = ['a', 'b', 'c'].map((id) => sessionOf(id));
    const { clock, retired, settler } = bench(broken, ...others);
    for (let segment = 2; segment <= 100; segment += 1) {
      settler.placed(segment);
      await clock.advanceThrough(500);
      for (const other of others) {
        expect(other.oldestSegment).toBe(null);
        expect(settler.isPressed(other)).toBe(false);
        other.oldestSegment = segment;
      }
    }
    expect(settler.isPressed(broken)).toBe(true);
    const relief = settler.relief(broken).catch((error: unknown) => error);
    await clock.advanceThrough(31_000);
    expect(await relief).toMatchObject({ code: 'IO' });
    expect(String(await relief)).toContain('"broken"');
    expect(retired).toEqual([]);
    // Once it can be settled, everything that it held goes at once.
    broken.trouble = null;
    await clock.advanceThrough(2_000);
    expect(retired).toEqual([100]);
    expect(settler.isPressed(broken)).toBe(false);
    await settler.stop();
  });

  it('lets no session pin more segments than the higher bound', async () => {
    const broken = sessionOf('broken', new Error('EIO: input/output error, read'));
    const other = sessionOf('other');
    const { clock, settler } = bench(broken, other);
    settler.placed(128);
    await clock.advanceThrough(1_000);
    expect(settler.isPressed(other)).toBe(false);
    settler.placed(129);
    expect(settler.isPressed(other)).toBe(true);
    const relief = settler.relief(other).catch((error: unknown) => error);
    await clock.advanceThrough(31_000);
    expect(await relief).toMatchObject({ code: 'FULL' });
    expect(String(await relief)).toContain('of "broken"');
    const stopped = settler.stop();
    await clock.advanceThrough(200);
    await stopped;
  });

  it('forgets a session that could not be settled once it is closed', async () => {
    const broken = sessionOf('broken', new Error('EIO: input/output error, read'));
    const sessions = new Set<SessionWriter>([broken]);
    const { clock, retired, journal } = bench();
    const source = {
      release: () => Promise.resolve(),
      keep: () => Promise.resolve(),
      forget: () => undefined,
    } as unknown as FrameSource;
    const own = { journal: journal as unknown as Journal, source };
    const settler = new Settler(own, clock, sessions);
    settler.placed(50);
    await clock.advanceThrough(100);
    sessions.delete(broken);
    settler.release();
    expect(retired).toEqual([50]);
    await clock.advanceThrough(200);
    await settler.stop();
  });

  it('settleAll settles what it can and then throws the first failure', async () => {
    const broken = sessionOf('broken', noRoom);
    const other = sessionOf('other');
    const { settler } = bench(broken, other);
    await expect(settler.settleAll()).rejects.toBe(noRoom);
    expect(other.oldestSegment).toBe(null);
  });

  it('relief throws the poison of its journal as soon as there is one', async () => {
    const session = sessionOf('s', noRoom);
    const { clock, journal, settler } = bench(session);
    settler.placed(40);
    const relief = settler.relief(session).catch((error: unknown) => error);
    await clock.advanceThrough(1_000);
    journal.poison = new Error('the journal has ended');
    await clock.advanceThrough(10);
    const early = await Promise.race([relief, Promise.resolve('still waiting')]);
    expect(early).toBe(journal.poison);
  });
});
