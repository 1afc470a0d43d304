/**
 * How a store stands when two calls come at the same time. What earlier processes left is made once and
 * copied; the process that lives is begun anew each time.
 */
import { baseSpanBytes } from '../../src/base/quantities.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { Store } from '../../src/store/store.ts';
import { allDurable, adoptOrder, copyOfWorld } from './pair-lives.ts';
import type { World } from './pair-lives.ts';
import { PairUser } from './pair-user.ts';
import type { Handle } from './pair-user.ts';

/** A user, and the store whose calls overlap; `s` is open in it, `t` is there and closed. */
export interface Started {
  readonly user: PairUser;
  readonly store: Store;
}

interface Start {
  /** What an earlier process does, and how it ends. */
  readonly before: ((user: PairUser, store: Store) => Promise<'close' | 'kill'>) | null;
  /** What this process does with the sessions that are open, before the calls. */
  readonly next: (user: PairUser, store: Store, s: Handle) => Promise<void>;
}

async function fill(user: PairUser, s: Handle): Promise<void> {
  await user.append(s);
  await user.append(s, 10, 'acknowledged');
  await user.append(s);
  const action = `snapshot ${user.word()}`;
  await user.send(s, [action], async () => (await s.session.snapshots.take({ action })).id);
  await user.append(s, 10, 'acknowledged');
}

async function rewind(user: PairUser, s: Handle): Promise<void> {
  const to = { messages: 2 };
  await user.send(s, ['rewind'], async () => (await s.session.rewind({ to })).seq);
}

async function makeBoth(user: PairUser, store: Store): Promise<Handle> {
  const s = await user.create(store, 's');
  const t = await user.create(store, 't');
  await user.append(t);
  await user.append(t, 10, 'acknowledged');
  await user.close(t);
  return s;
}

async function bothFilled(user: PairUser, store: Store): Promise<Handle> {
  const s = await makeBoth(user, store);
  await fill(user, s);
  return s;
}

const nothing = (): Promise<void> => Promise.resolve();

/** Bytes of the text of a message, of which so many fill the first segment but for a little. */
const filling = { bytes: 800, count: 7 };

/** A start whose sessions are large: a run takes ten times as long as from another one. */
export const largeStart = 'a base due behind a recovery';

/** All starts by name. */
export const starts: Readonly<Record<string, Start>> = {
  'one entry': { before: null, next: (user, _, s) => user.append(s) },
  'entries in the journal': { before: null, next: (user, _, s) => fill(user, s) },
  settled: {
    before: null,
    next: async (user, store, s) => {
      await fill(user, s);
      await store.settle();
      await user.append(s, 10, 'acknowledged');
    },
  },
  'a full segment': {
    before: null,
    next: async (user, _, s) => {
      await fill(user, s);
      for (let made = 0; made < filling.count; made += 1) await user.append(s, filling.bytes);
    },
  },
  'behind a rewind': {
    before: null,
    next: async (user, _, s) => {
      await fill(user, s);
      await rewind(user, s);
      await user.append(s, 10, 'acknowledged');
    },
  },
  'opened again': {
    before: async (user, store) => {
      const s = await bothFilled(user, store);
      await rewind(user, s);
      return 'close';
    },
    next: nothing,
  },
  [largeStart]: {
    before: async (user, store) => {
      const s = await makeBoth(user, store);
      await user.append(s, baseSpanBytes + 1);
      await fill(user, s);
      return 'kill';
    },
    next: nothing,
  },
};

interface Left {
  readonly disk: SimDisk;
  readonly world: World;
}

const left = new Map<string, Left>();

/** Begins anew. The same name gives the same machine. */
export async function begin(name: string): Promise<Started> {
  const start = starts[name];
  if (start === undefined) throw new Error(`No start ${name}`);
  const { disk, world } = left.get(name) ?? (await prepare(name, start));
  left.set(name, { disk, world });
  const machine = new SimMachine(disk.clone(), Prng.fromSeed(11));
  const user = new PairUser(machine, copyOfWorld(world));
  const store = await machine.run(user.openStore('main'));
  const opening = start.before === null ? makeBoth(user, store) : user.open(store, 's');
  const s = await machine.run(opening);
  await machine.run(start.next(user, store, s));
  for (const { life } of user.handles) adoptOrder(life, [...life.groups, ...life.loose]);
  return { user, store };
}

async function prepare(name: string, { before }: Start): Promise<Left> {
  const { disk } = await SimMachine.start(7);
  const machine = new SimMachine(disk, Prng.fromSeed(7));
  const user = new PairUser(machine, new Map());
  if (before === null) return { disk, world: user.world };
  const segmentBytes = name === largeStart ? 4 * baseSpanBytes : 16384;
  const store = await machine.run(user.openStore('before', { segmentBytes }));
  const end = await machine.run(before(user, store));
  if (end === 'close') await machine.run(store.close());
  else machine.kill('before');
  // Behind a close, or a recovery that finds everything: nothing is in doubt from here on.
  if (end === 'kill') await machine.recover({ mode: 'run' });
  for (const [life] of user.world.values()) {
    if (life === undefined) continue;
    allDurable(life);
    adoptOrder(life, [...life.groups, ...life.loose]);
  }
  return { disk, world: user.world };
}
