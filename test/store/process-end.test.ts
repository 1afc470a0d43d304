/** How processes end, by themselves, killed or thrown out: what they acknowledged stays. */
import { describe, expect, it } from 'vitest';
import { recover } from '../../src/recovery/recover.ts';
import { place, eachInItsPlace, other, here, textsOf, program } from './owner-lab.ts';

eachInItsPlace();

describe('the end of a process', () => {
  it('F43: a natural exit with batched entries that are not synced loses nothing', async () => {
    for (const io of ['worker', 'pool']) {
      const id = `natural-${io}`;
      const ended = await program(`
        const store = await Store.open(root, { io: '${io}' });
        const session = await store.createSession({ id: '${id}' });
        for (let n = 0; n < 25; n += 1) session.append(say('x' + n), { durability: 'batched' });
        console.log('asked');`);
      expect(ended).toEqual({ lines: ['asked'], code: 0 });
      const store = await here();
      expect(await textsOf(store, id)).toHaveLength(25);
      await store.close();
    }
  });

  it('an idle open store does not keep its process alive', async () => {
    for (const io of ['worker', 'pool']) {
      const began = performance.now();
      const ended = await program(`
        const store = await Store.open(root, { io: '${io}' });
        const session = await store.openSession('s', { create: true });
        await session.append(say('one'));
        await session.append(say('two'), { durability: 'batched' });
        for await (const { seq } of session.messages()) console.log(seq);`);
      expect(ended.code).toBe(0);
      expect(performance.now() - began).toBeLessThan(10_000);
    }
    expect(await textsOf(await here(), 's')).toEqual(['one', 'two', 'one', 'two']);
  });

  it.each(['process.exit(3)', 'setImmediate(() => { throw new Error("uncaught") })'])(
    'F43: %s in the middle of a flush loses nothing acknowledged',
    async (end) => {
      const ended = await program(`
        const store = await Store.open(root);
        const session = await store.createSession({ id: 's' });
        for (let n = 0; n < 400; n += 1) {
          const durability = n % 2 === 0 ? 'durable' : 'batched';
          const appending = session.append(say('x'.repeat(n * 50)), { durability });
          appending.then(({ seq }) => process.stdout.write(seq + '\\n'));
          if (n === 200) await appending;
        }
        session.flush();
        ${end};`);
      expect(ended.code).not.toBe(0);
      const acknowledged = Math.max(0, ...ended.lines.map(Number));
      const found = await textsOf(await here(), 's');
      expect(acknowledged).toBeGreaterThan(0);
      expect(found.length).toBeGreaterThanOrEqual(acknowledged);
      found.forEach((text, index) => expect(String(text).length).toBe(index * 50));
    },
  );

  it('F43: a process killed while it floods loses nothing acknowledged, durable or batched', async () => {
    for (const durability of ['durable', 'batched']) {
      const owner = await other();
      await owner.session(durability);
      const flooding = owner
        .call('flood', { id: durability, count: 100_000, bytes: 300, durability })
        .catch(() => undefined);
      while (owner.acknowledged.length < 100) await new Promise((go) => setImmediate(go));
      await owner.end();
      const store = await here();
      const found = await textsOf(store, durability);
      expect(found.length).toBeGreaterThanOrEqual(owner.acknowledged.at(-1) ?? 0);
      await store.close();
      await Promise.race([flooding, Promise.resolve()]);
    }
  });

  it('F43: a session deleted by a process that is killed then does not come back', async () => {
    for (let round = 0; round < 6; round += 1) {
      const id = `s${round}`;
      const owner = await other();
      await owner.session(id);
      await owner.append(id, ['old']);
      await owner.call('closeSession', { id });
      const removing = owner.call('remove', { id }).then(
        () => 'removed',
        () => 'refused',
      );
      let outcome = 'killed';
      if (round % 2 === 0) outcome = await removing;
      else for (let turn = 0; turn < round * 40; turn += 1) await new Promise(setImmediate);
      await owner.end();
      const store = await here();
      const found = await textsOf(store, id).catch((error: { code: string }) => error.code);
      if (outcome === 'removed') expect(found).toBe('NOT_FOUND');
      else
        expect(['NOT_FOUND', JSON.stringify(['old'])]).toContain(
          typeof found === 'string' ? found : JSON.stringify(found),
        );
      if (found === 'NOT_FOUND') {
        const reborn = await store.createSession({ id });
        expect(await reborn.append({ role: 'user', content: 'new' })).toEqual({ seq: 1 });
      }
      await store.close();
    }
    expect(await recover(place.root, { mode: 'verify' })).toMatchObject({ verdict: 'clean' });
  });
});
