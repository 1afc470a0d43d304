/**
 * Small histories of a store, each with every kind of step that it is about. What the user was told is
 * kept beside the disk, as in the random simulation.
 */
import { baseCloseEntries } from '../../src/base/quantities.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import type { SimMachine } from '../helpers/sim-store.ts';
import type { Certainty, Group, SessionModel } from '../sim/model.ts';

/** A user on a machine, and what that user knows. */
export class User {
  readonly machine: SimMachine;
  readonly models = new Map<string, SessionModel>();
  /** Ids of sessions whose handle was closed. */
  readonly closed = new Set<string>();
  /** False while somebody else lets the time pass. */
  movesTime = true;
  #words = 0;

  constructor(machine: SimMachine) {
    this.machine = machine;
  }

  /** Waits for the work, and lets time pass for it if that is the user's part. */
  wait<T>(work: Promise<T>): Promise<T> {
    return this.movesTime ? this.machine.run(work) : work;
  }

  open(process: string): Promise<Store> {
    return this.machine.open({}, process);
  }

  async create(store: Store, id: string): Promise<Session> {
    const model: SessionModel = { id, groups: [], created: 'asked', deleted: 'no' };
    this.models.set(id, model);
    const session = await this.wait(store.createSession({ id }));
    model.created = 'done';
    return session;
  }

  append(session: Session, bytes = 10, certainty: Certainty = 'durable'): Promise<void> {
    this.#words += 1;
    const text = `${this.#words} `.padEnd(bytes, '.');
    const durability = certainty === 'durable' ? 'durable' : 'batched';
    const sent = (): Promise<unknown> =>
      session.append({ role: 'user', content: text }, { durability });
    return this.#sending(session, [text], sent, certainty);
  }

  appendAll(session: Session, count: number): Promise<void> {
    const texts = Array.from({ length: count }, () => {
      this.#words += 1;
      return String(this.#words);
    });
    const messages = texts.map((content) => ({ role: 'user', content }) as const);
    return this.#sending(session, texts, () => session.appendAll(messages), 'durable');
  }

  snapshot(session: Session): Promise<void> {
    this.#words += 1;
    const action = `snapshot ${this.#words}`;
    return this.#sending(session, [action], () => session.snapshots.take({ action }), 'durable');
  }

  rewind(session: Session, messages: number): Promise<void> {
    const to = { messages };
    return this.#sending(session, ['rewind'], () => session.rewind({ to }), 'durable');
  }

  settle(session: Session): Promise<void> {
    return this.wait((session as SessionWriter).settle());
  }

  async close(session: Session): Promise<void> {
    await this.wait(session.close());
    this.closed.add(session.id);
    for (const group of this.#model(session.id).groups) group.certainty = 'durable';
  }

  async delete(store: Store, id: string): Promise<void> {
    const model = this.#model(id);
    model.deleted = 'asked';
    await this.wait(store.deleteSession(id));
    model.deleted = 'done';
  }

  async #sending(
    session: Session,
    texts: readonly string[],
    send: () => Promise<unknown>,
    certainty: Certainty,
  ): Promise<void> {
    const group: Group = { texts, certainty: 'sent' };
    this.#model(session.id).groups.push(group);
    await this.wait(send());
    group.certainty = certainty;
  }

  #model(id: string): SessionModel {
    const model = this.models.get(id);
    if (model === undefined) throw new Error(`No session ${id}`);
    return model;
  }
}

/** `before` happens without crashes; `run` is cut off behind every operation. */
export interface History<T = unknown> {
  readonly before: (user: User) => Promise<T>;
  readonly run: (user: User, prepared: T) => Promise<void>;
}

/** Keeps the type of what is prepared between the two parts. */
function history<T>(one: History<T>): History {
  return one as History;
}

interface Opened {
  readonly store: Store;
  readonly session: Session;
}

/** An open session with these messages. */
async function opened(user: User, count: number, bytes = 10): Promise<Opened> {
  const store = await user.open('first');
  const session = await user.create(store, 's');
  for (let made = 0; made < count; made += 1) await user.append(session, bytes);
  return { store, session };
}

async function again(user: User, process: string, id = 's'): Promise<Opened> {
  const store = await user.open(process);
  return { store, session: await user.machine.run(store.openSession(id)) };
}

/** Bytes of a message of which two fill the smallest segment. */
const large = 3000;

/** All histories by name. */
export const histories: Readonly<Record<string, History>> = {
  'create a store': history({
    before: () => Promise.resolve(null),
    run: async (user) => {
      await user.open('first');
    },
  }),
  'create and append': history({
    before: (user) => user.open('first'),
    run: async (user, store) => {
      const session = await user.create(store, 's');
      await user.append(session, 10, 'acknowledged');
      await user.append(session);
      const other = await user.create(store, 't');
      await user.append(other);
    },
  }),
  rotate: history({
    before: (user) => opened(user, 2, large - 400),
    run: async (user, { session }) => {
      await user.append(session, 10, 'acknowledged');
      await user.append(session, large);
      await user.append(session, 10, 'acknowledged');
      await user.append(session);
    },
  }),
  'settle twice': history({
    before: async (user) => {
      const { store, session } = await opened(user, 2);
      const other = await user.create(store, 't');
      await user.append(other);
      return { session, other };
    },
    run: async (user, { session, other }) => {
      await user.settle(session);
      await user.append(session, 10, 'acknowledged');
      await user.append(other);
      await user.settle(session);
      await user.settle(other);
      await user.append(session);
    },
  }),
  'rotate, settle and retire': history({
    before: async (user) => {
      const { store, session } = await opened(user, 2, large - 400);
      const other = await user.create(store, 't');
      await user.append(other);
      return { session, other };
    },
    run: async (user, { session, other }) => {
      await user.append(session, large);
      await user.append(session, large, 'acknowledged');
      await user.settle(other);
      // Settling and retiring in the background.
      await user.machine.pass(60);
      await user.append(other, 10, 'acknowledged');
      await user.machine.pass(60);
      await user.append(session);
    },
  }),
  'snapshot and rewind': history({
    before: (user) => opened(user, 3),
    run: async (user, { session }) => {
      await user.snapshot(session);
      await user.append(session, 10, 'acknowledged');
      await user.rewind(session, 2);
      await user.append(session);
      await user.settle(session);
    },
  }),
  'close with a base': history({
    before: async (user) => {
      const both = await opened(user, 1);
      await user.appendAll(both.session, baseCloseEntries);
      return both;
    },
    run: async (user, { store, session }) => {
      await user.close(session);
      await user.machine.run(store.close());
    },
  }),
  'close, open elsewhere and append': history({
    before: (user) => opened(user, 2),
    run: async (user, { session }) => {
      await user.append(session, 10, 'acknowledged');
      await user.close(session);
      const next = await again(user, 'second');
      await user.append(next.session);
      await user.close(next.session);
    },
  }),
  'delete, and the same id again': history({
    before: async (user) => {
      const { store, session } = await opened(user, 2);
      const other = await user.create(store, 't');
      await user.append(other);
      await user.close(session);
      return { store, other };
    },
    run: async (user, { store, other }) => {
      await user.delete(store, 's');
      // The tombstone goes with its segment.
      for (let count = 0; count < 4; count += 1) await user.append(other, large);
      await user.machine.pass(80);
      await user.append(other);
      const session = await user.create(store, 's');
      await user.append(session);
    },
  }),
  'close, and delete elsewhere': history({
    before: async (user) => {
      const { store, session } = await opened(user, 2);
      const other = await user.create(store, 't');
      await user.append(other);
      return { session };
    },
    run: async (user, { session }) => {
      await user.close(session);
      const next = await user.open('second');
      await user.delete(next, 's');
      await user.machine.run(next.close());
      user.machine.kill('first');
      const last = await again(user, 'third', 't');
      await user.append(last.session);
    },
  }),
  'recover a writer that was killed': history({
    before: async (user) => {
      const { store, session } = await opened(user, 2);
      await user.settle(session);
      const other = await user.create(store, 't');
      for (let count = 0; count < 3; count += 1) await user.append(session, large);
      await user.append(other);
      await user.append(other, 10, 'acknowledged');
      user.machine.kill('first');
    },
    run: async (user) => {
      const { session } = await again(user, 'second');
      await user.append(session);
    },
  }),
  'recover behind a settling whose sync failed': history({
    before: async (user) => {
      const { session } = await opened(user, 2);
      await user.append(session, 10, 'acknowledged');
      await user.append(session);
      const failing = session as SessionWriter;
      // The pages stay in the cache, marked clean: no later sync writes them.
      user.machine.disk.beforeOperation = ({ kind, path }) =>
        kind === 'sync' && path.endsWith('/history') ? { errno: 'EIO' } : undefined;
      await user.machine.run(failing.settle().catch(() => null));
      user.machine.disk.beforeOperation = null;
      user.machine.kill('first');
    },
    run: async (user) => {
      const { session } = await again(user, 'second');
      await user.append(session);
    },
  }),
  'recover a deletion that was cut off': history({
    before: async (user) => {
      const { store, session } = await opened(user, 2);
      await user.append(session);
      await user.close(session);
      const other = await user.create(store, 't');
      await user.append(other);
      const model = user.models.get('s');
      if (model !== undefined) model.deleted = 'asked';
      user.machine.disk.failNext('rename', 'EIO');
      await user.machine.run(store.deleteSession('s').catch(() => null));
      user.machine.kill('first');
    },
    run: async (user) => {
      const store = await user.open('second');
      const session = await user.machine.run(store.openSession('t'));
      await user.append(session);
    },
  }),
};
