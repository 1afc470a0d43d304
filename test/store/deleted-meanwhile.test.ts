/**
 * A session that another process deletes, and makes again, in the middle of somebody's look at it:
 * at every operation of opening for reading, and of following.
 */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import { incarnationOf, scanSession } from '../../src/recovery/scan.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { Store } from '../../src/store/store.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });

/** A writer that has the session, with entries in its history and in its journal, and a reader. */
async function bench() {
  const machine = await SimMachine.start();
  const writer = await machine.open();
  const session = await machine.run(writer.createSession({ id: 's' }));
  await machine.run(session.appendAll(['one', 'two'].map(say)));
  await machine.run(writer.settle());
  await machine.run(session.append(say('three')));
  await machine.pass(100);
  const parts = machine.parts('reader');
  const held = new HeldOperation(parts.fileSystem);
  const settings = { mode: 'read', io: 'pool' } as const;
  const opening = Store.openWith({ ...parts, fileSystem: held.fileSystem }, simRoot, settings);
  return { machine, writer, session, held, reading: await machine.run(opening) };
}

const what = {
  'deleted and made again': async (machine: SimMachine, writer: Store, session: Session) => {
    await machine.run(session.close());
    await machine.run(writer.deleteSession('s'));
    const next = await machine.run(writer.createSession({ id: 's' }));
    await machine.run(next.append(say('another life')));
    await machine.run(next.close());
  },
  deleted: async (machine: SimMachine, writer: Store, session: Session) => {
    await machine.run(session.close());
    await machine.run(writer.deleteSession('s'));
  },
} as const;

const old = ['one', 'two', 'three'];

async function textsOf(session: Session): Promise<unknown[]> {
  return (await collect(session.messages())).map(({ message }) => message.content);
}

describe('scanSession', () => {
  it('looks again when a session was away for a part of a look only', async () => {
    const { machine, writer, session, held } = await bench();
    await machine.run(session.close());
    const { directory, history } = sessionPaths(layoutOf(simRoot), 's');
    const parts = { ...machine.parts('looker'), fileSystem: held.fileSystem };
    held.hold((verb, path) => verb === 'peek' && path === history, 0);
    const looking = scanSession(parts, layoutOf(simRoot), 's');
    await machine.pass(5);
    expect(held.isHolding).toBe(true);
    await machine.run(writer.deleteSession('s'));
    held.release();
    // The directory was not there, and no history. Whether it is there is asked once more, and by
    // then it is.
    held.hold((verb, path) => verb === 'stat' && path === directory, 1);
    await machine.pass(5);
    expect(held.isHolding).toBe(true);
    const next = await machine.run(writer.createSession({ id: 's' }));
    held.release();
    const scan = await machine.run(looking);
    expect(scan.fault).toBe(null);
    expect(scan.head === null ? null : incarnationOf(scan.head)).toBe(
      (next as SessionWriter).incarnation,
    );
  });
});

describe.each(['deleted and made again', 'deleted'] as const)('a session that is %s', (name) => {
  it('openSession for reading finds one of its lives or NOT_FOUND, at every operation', async () => {
    const seen = new Set<unknown>();
    for (let step = 0; ; step += 1) {
      const { machine, writer, session, held, reading } = await bench();
      held.hold(() => true, step);
      const opening = reading.openSession('s').catch((error: unknown) => error);
      await machine.pass(5);
      if (!held.isHolding) break;
      await what[name](machine, writer, session);
      held.release();
      const found = await machine.run(opening);
      const where = `before operation ${step} of the reader`;
      if (found instanceof Error) {
        expect(found, where).toMatchObject({ code: 'NOT_FOUND' });
        expect(name, where).toBe('deleted');
        seen.add('NOT_FOUND');
        continue;
      }
      const { state } = found as Session;
      expect([1, 3], where).toContain(state.messages);
      const read = await machine.run(
        textsOf(found as Session).catch((error: unknown) => (error as { code: unknown }).code),
      );
      expect([old.join(), 'another life', 'NOT_FOUND'], where).toContain(String(read));
      seen.add(state.messages);
    }
    expect(seen).toEqual(new Set(name === 'deleted' ? ['NOT_FOUND', 3] : [1, 3]));
  });

  it('follow gives what it had and ends, at every operation', async () => {
    for (let step = 0; ; step += 1) {
      const { machine, writer, session, held, reading } = await bench();
      const reader = await machine.run(reading.openSession('s'));
      held.hold(() => true, step);
      const texts: unknown[] = [];
      const following = (async (): Promise<unknown> => {
        for await (const { event } of reader.follow()) {
          if (event.kind === 'message') texts.push(event.message.content);
        }
        return 'ended';
      })().catch((error: unknown) => error);
      await machine.pass(5);
      // The next look is the same again.
      if (!held.isHolding) break;
      await what[name](machine, writer, session);
      held.release();
      await machine.pass(3000);
      const where = `before operation ${step} of the follower`;
      expect(await machine.run(following), where).toBe('ended');
      expect(old.slice(0, texts.length), where).toEqual(texts);
    }
  });
});
