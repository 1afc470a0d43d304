/** Following a session whose writers change, or that is deleted; and once with real processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Session } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';
import { collect } from '../helpers/sim-store.ts';
import { StoreProcess } from '../helpers/store-process.ts';
import { say } from '../helpers/said.ts';
import { count, Watch, bench } from './follow-watch.ts';

describe('Session.follow', () => {
  it('follow goes from writer to writer: closed, opened elsewhere, killed, recovered', async () => {
    const { machine, store, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    await machine.run(store.close());
    const second = await machine.open({}, 'second');
    const again = await machine.run(second.openSession('s'));
    await machine.run(again.append(say('two')));
    await machine.pass(300);
    expect(watch.texts).toEqual(['one', 'two']);
    await machine.run(again.append(say('three')));
    machine.kill('second');
    await machine.pass(300);
    const third = await machine.open({}, 'third');
    const last = await machine.run(third.openSession('s'));
    await machine.pass(1500);
    expect(watch.texts).toEqual(['one', 'two', 'three']);
    await machine.run(last.append(say('four')));
    await machine.pass(1500);
    expect(watch.texts).toEqual(['one', 'two', 'three', 'four']);
    expect(watch.seqs).toEqual(count(4));
  });

  it('follow sees what another writer did while the first one did not have the session', async () => {
    const { machine, session, store, reader } = await bench();
    const second = await machine.open({}, 'second');
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    const lend = async (text: string): Promise<Session> => {
      const lent = await second.openSession('s');
      await lent.append(say(text));
      await lent.close();
      return store.openSession('s');
    };
    // All of it between two looks.
    await session.close();
    const back = await lend('two');
    await back.append(say('three'));
    expect(watch.texts).toEqual(['one']);
    await machine.pass(400);
    expect(watch.texts).toEqual(['one', 'two', 'three']);
    await back.close();
    const again = await lend('four');
    await again.intend({ id: 'c', name: 'read' });
    await machine.pass(1500);
    expect(watch.seqs).toEqual(count(5));
  });

  it('follow finds the writer again in a later segment after a failed write', async () => {
    const { machine, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    for (const taken of [0, 40, 200]) {
      let isFirst = true;
      machine.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== 'write' || !path.includes('.segment')) return undefined;
        const fault = isFirst && taken > 0 ? { shortWrite: taken } : { errno: 'EIO' };
        isFirst = false;
        return fault;
      };
      await expect(machine.run(session.append(say('refused')))).rejects.toBeDefined();
      machine.disk.beforeOperation = null;
      await machine.pass(300);
      await machine.run(session.append(say(`after ${taken}`)));
      await machine.pass(1500);
    }
    expect(watch.texts).toEqual(['one', 'after 0', 'after 40', 'after 200']);
  });

  it('follow ends when the session is deleted, and does not take the next one for it', async () => {
    const { machine, store, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    await machine.run(session.close());
    await machine.run(store.deleteSession('s'));
    const next = await machine.run(store.createSession({ id: 's' }));
    await machine.run(next.append(say('another life')));
    await machine.pass(1500);
    expect(watch.texts).toEqual(['one']);
    expect(await watch.ended).toBe('deleted');
  });

  it('messages of a reader whose session was deleted ends with NOT_FOUND, in the next life too', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const old = await machine.run(store.openSession('s', { mode: 'read' }));
    const read = (): Promise<unknown> =>
      machine.run(collect(old.messages())).catch((error: unknown) => error);
    await machine.run(store.deleteSession('s'));
    expect(await read()).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('was deleted') as string,
    });
    const next = await machine.run(store.createSession({ id: 's' }));
    expect(await read()).toMatchObject({ code: 'NOT_FOUND' });
    await machine.run(next.append(say('another life')));
    await machine.run(next.close());
    expect(await read()).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('Session.follow on a real machine', () => {
  let cleanUp: (() => Promise<unknown> | undefined)[] = [];
  afterEach(async () => {
    for (const work of cleanUp.reverse()) await work();
    cleanUp = [];
  });

  it('follow gives each entry of two processes that write one after the other, once and in order', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-follow-'));
    cleanUp.push(async () => rmSync(directory, { recursive: true, force: true }));
    const root = join(directory, 'store');
    const start = async (): Promise<StoreProcess> => {
      const child = await StoreProcess.start(root, { segmentBytes: 65_536 });
      cleanUp.push(() => child.end());
      await child.session('s');
      return child;
    };
    const first = await start();
    const watching = await Store.open(root, { mode: 'read' });
    cleanUp.push(() => watching.close());
    const reader = await watching.openSession('s');
    const stop = new AbortController();
    const seqs: number[] = [];
    const until = async (last: number): Promise<void> => {
      const from = (seqs.at(-1) ?? 0) + 1;
      for await (const { seq } of reader.follow({ from, signal: stop.signal })) {
        seqs.push(seq);
        if (seq >= last) return;
      }
    };
    const following = until(400);
    await first.call('flood', { id: 's', count: 200, bytes: 3000, durability: 'durable' });
    await first.end();
    const second = await start();
    await second.call('flood', { id: 's', count: 200, bytes: 3000, durability: 'batched' });
    await following;
    expect(seqs).toEqual(count(400));
    const more = until(403);
    await second.append('s', ['a', 'b', 'c']);
    await more;
    expect(seqs).toEqual(count(403));
  });
});
