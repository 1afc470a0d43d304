/** An `import` that is stopped in the middle: it goes on, or what it made is removed. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/cli/engine.ts';
import { Stopped } from '../../src/cli/io.ts';
import type { Session } from '../../src/store/api.ts';
import { runIn } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { place, eachInItsPlace, written, exported } from './import-lab.ts';

eachInItsPlace();

/** Runs words, and stops them as Ctrl-C would once so many groups are appended. */
async function stoppedBehindGroup(groups: number, words: readonly string[]): Promise<Told> {
  const stop = new AbortController();
  const world = place.lab.world({ signal: stop.signal });
  let left = groups;
  const openStore: Engine['openStore'] = async (root, options) => {
    const store = await world.engine.openStore(root, options);
    return watched(store, 'openSession', (session: Session) =>
      watched(session, 'appendAll', (done: unknown) => {
        left -= 1;
        if (left === 0) stop.abort(new Stopped('SIGINT'));
        return done;
      }),
    );
  };
  const told = runIn({ ...world, engine: { ...world.engine, openStore } }, ...words);
  return place.lab.machine.run(told);
}

/** The same object; what this method resolves to goes through `look` first. */
function watched<T extends object, Name extends keyof T, R>(
  target: T,
  name: Name,
  look: (result: R) => R,
): T {
  return new Proxy(target, {
    get: (_, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      const call = member.bind(target) as (...values: readonly unknown[]) => unknown;
      if (key !== name) return call;
      return async (...values: readonly unknown[]) => look((await call(...values)) as R);
    },
  });
}

describe('import', () => {
  test('that is stopped says what is there; it goes on, or is removed, as one asks', async () => {
    const many = Array.from({ length: 2500 }, (_, index) => {
      return { role: index % 2 === 0 ? 'user' : 'assistant', content: `message ${index}` };
    });
    const path = written('list.jsonl', ...many);
    const words = ['import', path, '--session', 's1'];
    const stopped = await stoppedBehindGroup(1, words);
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('s1 has 1,024 of 2,500 messages; the same command goes on');
    const again = await stoppedBehindGroup(1, words);
    expect(again.stderr).toContain('s1 has 2,048 of 2,500 messages');
    const removed = await place.lab.run(...words, '--remove-part');
    expect([removed.code, removed.stderr]).toEqual([0, 's1 is removed: 2,048 messages\n']);
    expect((await place.lab.run('export', 's1')).code).toBe(66);
    await stoppedBehindGroup(2, words);
    const end = await place.lab.run(...words);
    expect(end.stderr).toContain('2,048 are there already, 452 appended');
    const texts = (await exported('s1')).map(({ content }) => content);
    expect(texts).toEqual(many.map(({ content }) => [{ type: 'text', text: content }]));
  });

  test('is refused, and removes nothing, when somebody has added to a part', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => ({
      role: 'user',
      content: `${index}`,
    }));
    const path = written('list.jsonl', ...many);
    const words = ['import', path, '--session', 's1'];
    await stoppedBehindGroup(1, words);
    await place.lab.conversation('s1', 'mine');
    for (const more of [[], ['--remove-part']]) {
      const { code, stderr } = await place.lab.run(...words, ...more);
      expect(code).toBe(64);
      expect(stderr).toContain('holds a part of another import, or more than that');
    }
    expect(await exported('s1')).toHaveLength(1025);
  });
});
