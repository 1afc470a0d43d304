/** `crashTest` finds what breaks a promise, and leaves alone what keeps it. */
import { describe, expect, it } from 'vitest';
import { crashTest } from '../../src/simulation/crash-test.ts';
import type { Crash, CrashTest, Cut } from '../../src/simulation/crash-test.ts';
import type { AppendOptions } from '../../src/store/api.ts';

/** A program that appends three messages, and says that it is done with each. */
function threeMessages(options: AppendOptions, seen: Crash[] = []): CrashTest<string[]> {
  return {
    begin: () => [],
    work: async (machine, told) => {
      const store = await machine.openStore('/agent');
      const session = await store.openSession('s', { create: true });
      for (const content of ['one', 'two', 'three']) {
        await session.append({ role: 'user', content }, options);
        told.push(content);
      }
      await store.close();
    },
    check: async (machine, told, crash) => {
      seen.push(crash);
      const store = await machine.openStore('/agent');
      const session = await store.openSession('s', { create: true });
      const found: unknown[] = [];
      for await (const { message } of session.messages()) found.push(message.content);
      const lost = told.filter((content, index) => found[index] !== content);
      if (lost.length > 0) throw new Error(`acknowledged and lost: ${lost.join()}`);
      await store.close();
    },
  };
}

describe('crashTest', () => {
  it.each(['begin', 'work', 'check'])('crashTest refuses to begin without "%s"', async (path) => {
    const wrong = { ...threeMessages({}), [path]: undefined } as unknown as CrashTest<string[]>;
    await expect(crashTest(wrong)).rejects.toMatchObject({ code: 'INVALID', details: { path } });
  });

  it('crashTest cuts after every change, and finds nothing lost that was durable', async () => {
    const seen: Crash[] = [];
    const summary = await crashTest({ ...threeMessages({}, seen), cuts: 0 });
    expect(summary.states).toBe(seen.length);
    expect(summary.states).toBe(summary.runs * 3);
    expect(summary.runs).toBeGreaterThan(summary.changes);
    expect(summary.changes).toBeGreaterThan(30);
    expect(seen.filter(({ ended }) => ended).length).toBe(3);
    expect(new Set(seen.map(({ changes }) => changes)).size).toBe(summary.runs);
  });

  it('crashTest finds a program that says too early that it is done, and repeats it', async () => {
    const broken = { ...threeMessages({ durability: 'batched' }), cuts: 0 };
    const failure: unknown = await crashTest(broken).catch((error: unknown) => error);
    expect(String(failure)).toContain('acknowledged and lost: one');
    const [, told] = /only: { changes: (\d+), cut: "none" }/.exec(String(failure)) ?? [];
    const changes = Number(told);
    const at = (cut: Cut) => crashTest({ ...broken, only: { changes, cut } });
    await expect(at('none')).rejects.toThrow('acknowledged and lost: one');
    // Where only the process dies, or everything was written back, its promise holds.
    expect(await at('kill')).toMatchObject({ runs: 1, states: 1 });
    expect(await at('all')).toMatchObject({ runs: 1, states: 1 });
    const byChance = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => at(seed).catch(String)),
    );
    expect(new Set(byChance.map((one) => typeof one)).size).toBe(2);
  });

  it('crashTest passes on what the work throws while the power is on', async () => {
    const work = (): Promise<never> => Promise.reject(new Error('a bug of the program'));
    await expect(crashTest({ ...threeMessages({}), work })).rejects.toThrow('a bug of the program');
  });

  it.each([
    [{ every: 0 }, 'every'],
    [{ cuts: 1001 }, 'cuts'],
    [{ seed: 1.5 }, 'seed'],
    [{ evry: 2 }, 'evry'],
  ])('crashTest refuses %j', async (settings, path) => {
    const refused = crashTest({ ...threeMessages({}), ...settings });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID', details: { path } });
  });

  it('crashTest with every tries fewer points', async () => {
    const all = await crashTest({ ...threeMessages({}), cuts: 0, every: 10 });
    expect(all.runs).toBeLessThan(12);
    expect(all.states).toBe(all.runs * 3);
  });
});
