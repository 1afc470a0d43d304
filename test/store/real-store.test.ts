/** A store on real files and a thread: what a simulated machine cannot show. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recover } from '../../src/recovery/recover.ts';
import { Store } from '../../src/store/store.ts';
import { validate } from '../../src/store/validate.ts';
import { collect } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';

describe('Store and the machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-store-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('a store on real files and a thread does the whole round', async () => {
    const root = join(directory, 'round');
    const messages = Array.from({ length: 500 }, (_, index) =>
      say(`${index} ${'x'.repeat(index)}`),
    );
    {
      const store = await Store.open(root, { segmentBytes: 16384 });
      const session = await store.createSession({ id: 's', metadata: { model: 'm' } });
      await Promise.all(messages.map((message) => session.append(message)));
      expect((await collect(session.messages())).map(({ message }) => message)).toEqual(messages);
      await store.close();
    }
    expect(readdirSync(join(root, 'journals'))).toEqual([]);
    const store = await Store.open(root);
    const session = await store.openSession('s');
    expect((await collect(session.messages())).map(({ message }) => message)).toEqual(messages);
    expect((await validate(session)).valid).toBe(true);
    await store.close();
    expect(await recover(root, { mode: 'verify' })).toMatchObject({ verdict: 'clean' });
  });

  it('a reader hammers while a writer with the smallest segments appends, settles and retires', async () => {
    const root = join(directory, 'hammer');
    const store = await Store.open(root, { segmentBytes: 16384 });
    const session = await store.createSession({ id: 's' });
    const reader = await Store.open(root, { mode: 'read' });
    let done = false;
    let reads = 0;
    let seen = 0;
    const reading = (async () => {
      while (!done) {
        const view = await reader.openSession('s');
        const found = await collect(view.messages());
        expect(found.map(({ seq }) => seq)).toEqual(found.map((_, index) => index + 1));
        expect(found.length).toBeGreaterThanOrEqual(seen);
        const report = await recover(root, { mode: 'scan' });
        expect(report).toMatchObject({ verdict: 'clean', changed: false });
        seen = found.length;
        reads += 1;
        await view.close();
      }
    })();
    for (let count = 0; count < 1500; count += 1) {
      const durability = count % 3 === 0 ? 'durable' : 'batched';
      await session.append(say(`${count} ${'x'.repeat(count % 900)}`), { durability });
    }
    done = true;
    await reading;
    expect(reads).toBeGreaterThan(3);
    await store.close();
    await reader.close();
  });

  it('recover scan on a store that writers enter and leave never calls it damaged', async () => {
    const root = join(directory, 'traffic');
    await (await Store.open(root)).close();
    let done = false;
    let scans = 0;
    const scanning = (async () => {
      while (!done) {
        const report = await recover(root, { mode: 'scan' });
        expect(report.verdict, JSON.stringify(report.findings)).toBe('clean');
        scans += 1;
      }
    })();
    for (let count = 0; count < 25; count += 1) {
      const store = await Store.open(root, { io: 'pool' });
      const session = await store.openSession('s', { create: true });
      await session.append(say(`message ${count}`));
      const other = await store.createSession({ id: `t${count}` });
      await other.append(say('x'));
      await other.close();
      await store.deleteSession(`t${count}`);
      await store.close();
    }
    done = true;
    await scanning;
    expect(scans).toBeGreaterThan(10);
  });

  it('appends beyond the bound on queued bytes wait for their turn, and flush waits for them', async () => {
    const store = await Store.open(join(directory, 'large'), { checkpoints: false });
    const session = await store.createSession({ id: 's' });
    const text = 'x'.repeat(30 * 1024 * 1024);
    const appends = Array.from({ length: 6 }, (_, at) => session.append(say(`${at}${text}`)));
    await session.flush();
    expect(session.durableUpTo).toBe(6);
    expect((await Promise.all(appends)).map(({ seq }) => seq)).toEqual(
      appends.map((_, at) => at + 1),
    );
    const last = session.append(say(text), { durability: 'batched' });
    const more = Array.from({ length: 5 }, () => session.append(say(text)));
    await session.close();
    expect(await last).toEqual({ seq: 7 });
    expect((await Promise.all(more)).at(-1)).toEqual({ seq: 12 });
    await store.close();
  });

  it('a store in a directory of something else is refused on real files as well', async () => {
    const root = join(directory, 'taken');
    const taken = mkdtempSync(root);
    writeFileSync(join(taken, 'file'), 'x');
    await expect(Store.open(taken)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('asyncDispose closes session and store', async () => {
    const root = join(directory, 'using');
    const store = await Store.open(root);
    const session = await store.createSession({ id: 's' });
    await session.append(say('one'), { durability: 'batched' });
    await session[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await expect(session.append(say('two'))).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await recover(root)).toMatchObject({ verdict: 'clean', sessions: [{ lastSeq: 1 }] });
  });
});
