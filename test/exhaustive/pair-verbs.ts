/**
 * What is called at the same time: public verbs on the session `s`, which is open, on `t`, which is
 * there and closed, on `n`, which is not there, on the store, and in other processes.
 */
import { recoverWith } from '../../src/recovery/recover.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, simRoot } from '../helpers/sim-store.ts';
import { tokenOf } from '../sim/content.ts';
import type { PairUser } from './pair-user.ts';
import type { Handle } from './pair-user.ts';

/** Whose call it is: a user, its store, and a process of its own for calls from elsewhere. */
export interface Caller {
  readonly user: PairUser;
  readonly store: Store;
  readonly elsewhere: string;
}

/** One verb. */
export interface Verb {
  readonly run: (caller: Caller) => Promise<unknown>;
  /** In which process it runs, and its operations are held. */
  readonly place: 'main' | 'elsewhere';
  /** Codes with which others may be refused because of it. */
  readonly causes: readonly string[];
}

type OnSession = (user: PairUser, handle: Handle) => Promise<unknown>;

const ofSession = (run: OnSession, causes: readonly string[] = []): Verb => ({
  run: ({ user }) => run(user, user.handleOf('s')),
  place: 'main',
  causes,
});

const ofStore = (run: Verb['run'], causes: readonly string[] = []): Verb => ({
  run,
  place: 'main',
  causes,
});

const elsewhere = (run: Verb['run'], causes: readonly string[] = []): Verb => ({
  run,
  place: 'elsewhere',
  causes,
});

const notAtOnce = { certainty: 'durable', isAtOnce: false } as const;
const goes = ['CLOSED', 'LOCKED', 'NOT_FOUND'];

/** What it shows is what somebody may see: its beginning, each entry once, in order. */
async function readAll(session: Session): Promise<void> {
  const entries = await collect(session.entries());
  const wrong = entries.findIndex(({ seq }, at) => seq !== at + 1);
  if (wrong >= 0) throw new Error(`Entry ${wrong + 1} of ${session.id} is not read`);
  const messages = await collect(session.messages());
  const { state } = session;
  const isWriter = session.mode === 'write';
  if (isWriter || (messages.length === state.messages && entries.length === state.lastSeq)) return;
  throw new Error(`A reader of ${session.id} does not agree with itself`);
}

async function openAndAppend({ user, store }: Caller, id: string, create = {}): Promise<void> {
  await user.append(await user.open(store, id, create));
}

async function createAndAppend({ user, store }: Caller, id: string): Promise<void> {
  await user.append(await user.create(store, id));
}

const ofTheSession: Readonly<Record<string, Verb>> = {
  append: ofSession((user, s) => user.append(s)),
  'append batched': ofSession((user, s) => user.append(s, 10, 'acknowledged')),
  'append all': ofSession((user, s) => {
    const texts = [user.word(), user.word(), user.word()];
    const messages = texts.map((content) => ({ role: 'user', content }) as const);
    return user.send(s, texts, async () => (await s.session.appendAll(messages)).firstSeq);
  }),
  record: ofSession((user, s) => {
    const event = { kind: 'custom', name: user.word() } as const;
    return user.send(s, ['custom'], async () => (await s.session.record(event)).seq);
  }),
  'intend and complete': ofSession(async (user, s) => {
    const call = { id: user.word(), name: 'tool' };
    await user.send(s, ['intent'], async () => (await s.session.intend(call)).seq);
    const complete = async (): Promise<number> =>
      (await s.session.complete(call.id, { status: 'ok' })).seq;
    await user.send(s, ['outcome'], complete, notAtOnce);
  }),
  flush: ofSession(async (_, { session, life }) => {
    const before = [...life.groups, ...life.loose];
    const sure = before.filter(({ certainty }) => certainty === 'acknowledged');
    await session.flush();
    for (const group of sure) group.certainty = 'durable';
  }),
  'take a snapshot': ofSession((user, s) => {
    const action = `snapshot ${user.word()}`;
    return user.send(s, [action], async () => (await s.session.snapshots.take({ action })).id);
  }),
  'clean up snapshots': ofSession((user, s) => {
    const clean = async (): Promise<'somewhere' | null> => {
      const { removed } = await s.session.snapshots.cleanup({ keep: 0 });
      return removed.length > 0 ? 'somewhere' : null;
    };
    return user.send(s, ['forget'], clean, notAtOnce);
  }),
  rewind: ofSession((user, s) => {
    const to = { messages: 1 };
    return user.send(s, ['rewind'], async () => (await s.session.rewind({ to })).seq, notAtOnce);
  }),
  'rewind and go on': ofSession((user, s) => {
    const content = user.word();
    // To where no conversation here ever stands already: then no rewind would be written.
    const append = [{ role: 'user', content }] as const;
    const go = async (): Promise<number | null> =>
      (await s.session.rewind({ to: { messages: 0 }, append })).seq;
    return user.send(s, ['rewind', content], go, notAtOnce);
  }),
  undo: ofSession((user, s) => {
    const go = async (): Promise<number | null> => (await s.session.rewind({ to: 'undo' })).seq;
    return user.send(s, ['rewind'], go, notAtOnce);
  }),
  read: ofSession((_, { session }) => readAll(session)),
  'load a snapshot': ofSession(async (_, { session }) => {
    const [first] = session.snapshots.list();
    if (first !== undefined) await (await session.snapshots.load(first.id)).verify();
  }),
  follow: ofSession(async (_, { session, life }) => {
    const wanted = life.groups.flatMap(({ texts }) => texts);
    const found: (string | null)[] = [];
    if (wanted.length === 0) return;
    for await (const entry of session.follow()) {
      found.push(tokenOf(entry));
      if (found.length === wanted.length) break;
    }
    const wrong = found.findIndex((word, at) => word !== wanted[at]);
    if (wrong >= 0) throw new Error(`Entry ${wrong + 1} that is followed is another one`);
  }),
  close: ofSession((user, s) => user.close(s), ['CLOSED']),
};

const ofTheStore: Readonly<Record<string, Verb>> = {
  'open s': ofStore((caller) => openAndAppend(caller, 's'), ['LOCKED']),
  'create s': ofStore((caller) => createAndAppend(caller, 's')),
  'delete s': ofStore(({ user, store }) => user.delete(store, 's'), goes),
  'close and open s': ofStore(async (caller) => {
    await caller.user.close(caller.user.handleOf('s'));
    await openAndAppend(caller, 's');
  }, goes),
  'close and delete s': ofStore(async ({ user, store }) => {
    await user.close(user.handleOf('s'));
    await user.delete(store, 's');
  }, goes),
  'open t': ofStore((caller) => openAndAppend(caller, 't'), ['LOCKED']),
  'open or create t': ofStore(
    (caller) => openAndAppend(caller, 't', { create: true }),
    ['LOCKED', 'EXISTS'],
  ),
  'create t': ofStore((caller) => createAndAppend(caller, 't'), ['LOCKED', 'EXISTS']),
  'delete t': ofStore(({ user, store }) => user.delete(store, 't'), goes),
  'delete and create t': ofStore(
    async (caller) => {
      await caller.user.delete(caller.store, 't');
      await createAndAppend(caller, 't');
    },
    [...goes, 'EXISTS'],
  ),
  'open n': ofStore((caller) => openAndAppend(caller, 'n'), ['LOCKED']),
  'open or create n': ofStore(
    (caller) => openAndAppend(caller, 'n', { create: true }),
    ['LOCKED', 'EXISTS'],
  ),
  'create n': ofStore((caller) => createAndAppend(caller, 'n'), ['LOCKED', 'EXISTS']),
  'create n with a name': ofStore(
    ({ user, store }) => user.create(store, 'n', 'named'),
    ['LOCKED', 'EXISTS'],
  ),
  list: ofStore(async ({ store }) => {
    const found = await collect(store.sessions());
    if (!found.some(({ damaged }) => damaged)) return;
    throw new Error('A session is listed as damaged');
  }),
  settle: ofStore(({ store }) => store.settle()),
  'close the store': ofStore(({ user, store }) => user.closeStore(store), ['CLOSED']),
  'read s': ofStore(async ({ store }) => {
    const reader = await store.openSession('s', { mode: 'read' });
    await readAll(reader);
    await reader.close();
  }),
  'read t': ofStore(async ({ store }) => {
    const reader = await store.openSession('t', { mode: 'read' });
    await readAll(reader);
    await reader.close();
  }),
};

async function readElsewhere({ user, elsewhere: name }: Caller, id: string): Promise<void> {
  const store = await user.openStore(name, { mode: 'read' });
  try {
    await readAll(await store.openSession(id));
  } finally {
    await store.close();
  }
}

async function storeElsewhere(caller: Caller): Promise<Caller> {
  const { user, elsewhere: name } = caller;
  return { ...caller, store: await user.openStore(name) };
}

const ofOthers: Readonly<Record<string, Verb>> = {
  'recovery elsewhere': elsewhere(({ user, elsewhere: name }) =>
    recoverWith(user.process(name).parts, simRoot, { mode: 'run', lockWaitMs: 1000 }),
  ),
  'verification elsewhere': elsewhere(async ({ user, elsewhere: name }) => {
    const { parts } = user.process(name);
    const report = await recoverWith(parts, simRoot, { mode: 'verify', lockWaitMs: 1000 });
    const bad = report.findings.find(({ severity }) => severity === 'error');
    if (bad !== undefined) throw new Error(`Verification tells of ${bad.code}: ${bad.message}`);
  }),
  'a store elsewhere that comes and goes': elsewhere(async (caller) => {
    const { user, store } = await storeElsewhere(caller);
    await user.closeStore(store);
  }),
  'open s elsewhere': elsewhere(
    async (caller) => openAndAppend(await storeElsewhere(caller), 's'),
    ['LOCKED'],
  ),
  'open t elsewhere': elsewhere(
    async (caller) => openAndAppend(await storeElsewhere(caller), 't'),
    ['LOCKED'],
  ),
  'create n elsewhere': elsewhere(
    async (caller) => createAndAppend(await storeElsewhere(caller), 'n'),
    ['LOCKED', 'EXISTS'],
  ),
  'delete t elsewhere': elsewhere(async (caller) => {
    const { user, store } = await storeElsewhere(caller);
    await user.delete(store, 't');
  }, goes),
  'read s elsewhere': elsewhere((caller) => readElsewhere(caller, 's')),
  'read t elsewhere': elsewhere((caller) => readElsewhere(caller, 't')),
};

/** All verbs by name. */
export const verbs: Readonly<Record<string, Verb>> = {
  ...ofTheSession,
  ...ofTheStore,
  ...ofOthers,
};
