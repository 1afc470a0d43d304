/** Locks that are touched by hand, and journals of the dead: nothing acknowledged is lost. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recover } from '../../src/recovery/recover.ts';
import { collect } from '../helpers/sim-store.ts';
import { place, eachInItsPlace, other, here, textsOf } from './owner-lab.ts';

eachInItsPlace();

/** The directory of the only journal. */
function journalDirectory(): string {
  const [name = ''] = fs.readdirSync(join(place.root, 'journals'));
  return join(place.root, 'journals', name);
}

describe('a lock that is touched by hand', () => {
  it.each([
    ['removed', (lock: string) => fs.rmSync(lock)],
    [
      'replaced',
      (lock: string) => {
        fs.rmSync(lock);
        fs.writeFileSync(lock, '');
      },
    ],
    ['gone with its journal', () => fs.rmSync(journalDirectory(), { recursive: true })],
  ])('F45 F46: an owner whose LOCK was %s acknowledges nothing any more', async (_how, touch) => {
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one']);
    touch(join(journalDirectory(), 'LOCK'));
    await expect(owner.append('s', ['two'])).rejects.toMatchObject({ code: 'POISONED' });
    await expect(owner.append('s', ['three'])).rejects.toMatchObject({ code: 'POISONED' });
    await expect(owner.call('session', { id: 't' })).rejects.toMatchObject({ code: 'POISONED' });
  });

  it('F45: an owner that is stopped in a flood and taken over from loses nothing and goes no further', async () => {
    const owner = await other();
    await owner.session('s');
    const flooding = owner.call('flood', {
      id: 's',
      count: 100_000,
      bytes: 300,
      durability: 'durable',
    });
    const ended = expect(flooding).rejects.toMatchObject({ code: 'POISONED' });
    while (owner.acknowledged.length < 50) await new Promise((go) => setImmediate(go));
    owner.signal('SIGSTOP');
    // By hand, because a lock is never taken from a process that lives.
    for (const lock of [
      join(journalDirectory(), 'LOCK'),
      join(place.root, 'sessions', 's', 'LOCK'),
    ]) {
      fs.rmSync(lock);
      fs.writeFileSync(lock, '');
    }
    const store = await here();
    const session = await store.openSession('s');
    const { seq } = await session.append({ role: 'user', content: 'taken over' });
    owner.signal('SIGCONT');
    await ended;
    // What it said after it was resumed had been synced before the takeover, and was found then.
    expect(owner.acknowledged.length).toBeGreaterThanOrEqual(50);
    expect(owner.acknowledged.at(-1)).toBeLessThan(seq);
    const found = await collect(session.messages());
    expect(found.map((one) => one.seq)).toEqual(Array.from({ length: seq }, (_, at) => at + 1));
    expect(found.at(-1)?.message.content).toBe('taken over');
  });

  it('F46: whoever takes over from such an owner has all that it acknowledged', async () => {
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one', 'two']);
    fs.rmSync(join(journalDirectory(), 'LOCK'));
    fs.rmSync(join(place.root, 'sessions', 's', 'LOCK'));
    const store = await here();
    const session = await store.openSession('s');
    await session.append({ role: 'user', content: 'three' });
    await expect(owner.append('s', ['lost?'])).rejects.toMatchObject({ code: 'POISONED' });
    expect((await collect(session.messages())).map(({ message }) => message.content)).toEqual([
      'one',
      'two',
      'three',
    ]);
  });
});

describe('the journal of a dead process', () => {
  it('a session whose newest entries lie there opens with everything', async () => {
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one']);
    await owner.append('s', ['two'], 'batched');
    await owner.end();
    const store = await here();
    expect(store.recovery).toMatchObject({
      verdict: 'healed',
      changed: true,
      sessions: [{ id: 's', verdict: 'healed', lastSeq: 2, kept: [{ from: 1, to: 2 }] }],
    });
    expect(await textsOf(store, 's')).toEqual(['one', 'two']);
  });

  it('it opens with everything in a store that was open before the other process died', async () => {
    const store = await here();
    const mine = await store.createSession({ id: 'mine' });
    const owner = await other();
    await owner.session('s');
    await owner.append('s', ['one', 'two']);
    await owner.end();
    expect(await textsOf(store, 's')).toEqual(['one', 'two']);
    expect(await mine.append({ role: 'user', content: 'x' })).toEqual({ seq: 1 });
    await store.close();
    expect(await recover(place.root, { mode: 'verify' })).toMatchObject({ verdict: 'clean' });
  });

  it('two processes that find it at once both go on, and nothing is there twice', async () => {
    for (let round = 0; round < 5; round += 1) {
      const dead = await other();
      await dead.session(`a${round}`);
      await dead.session(`b${round}`);
      await dead.append(`a${round}`, ['a']);
      await dead.append(`b${round}`, ['b']);
      await dead.end();
      const [one, two] = await Promise.all([other(), other()]);
      await Promise.all([one?.session(`a${round}`), two?.session(`b${round}`)]);
      expect(await one?.call('read', { id: `a${round}` })).toEqual(['a']);
      expect(await two?.call('read', { id: `b${round}` })).toEqual(['b']);
      await Promise.all([one?.end(), two?.end()]);
    }
    expect(await recover(place.root, { mode: 'run' })).toMatchObject({ verdict: 'healed' });
  });
});
