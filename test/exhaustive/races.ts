/**
 * Settling beside everything else that happens at the same time: every order in which their operations
 * reach the disk, within a bound, and crashes in the middle of them.
 */
import { baseSpanBytes } from '../../src/base/quantities.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { wordsOf } from '../sim/content.ts';
import { compareAll } from '../sim/looks.ts';
import { copyOf, faultOf } from '../sim/model.ts';
import type { Models } from '../sim/model.ts';
import { disksAfterPowerLoss } from './crash-points.ts';
import { User } from './histories.ts';
import { Orders, Scheduler } from './schedule.ts';

/** What settling races with. */
interface Racers {
  readonly user: User;
  readonly store: Store;
  readonly session: Session;
  readonly other: Session;
}

type Rival = (racers: Racers) => Promise<void>;
type Start = (scheduler: Scheduler) => Promise<Racers>;

/** Bytes of a message of which two fill the smallest segment. */
const large = 3000;

/** By name: what runs beside the settling of one session. Each is begun at once. */
const rivals: Readonly<Record<string, Rival>> = {
  'a durable append': ({ user, session }) => user.append(session),
  'a batched append and a flush': async ({ user, session }) => {
    await user.append(session, 10, 'acknowledged');
    await user.wait(session.flush());
  },
  'appends that rotate': async ({ user, session, other }) => {
    await Promise.all([user.append(session, large), user.append(other, large)]);
  },
  'a close of the session': ({ user, session }) => user.close(session),
  'a second settling': ({ user, session }) => user.settle(session),
  'settling of another session': ({ user, other }) => user.settle(other),
  'settling of the whole store': ({ user, store }) => user.wait(store.settle()),
  'a snapshot': ({ user, session }) => user.snapshot(session),
  'a rewind': ({ user, session }) => user.rewind(session, 1),
  'reading the conversation': async ({ user, session }) => {
    const found = await user.wait(collect(session.messages()));
    if (found.length !== session.state.messages) throw new Error('Messages are missing');
  },
  'a close and a deletion of another session': async ({ user, store, other }) => {
    await user.close(other);
    await user.delete(store, other.id);
  },
};

/** How the session stands when the race begins, by what its name says behind that of the rival. */
const starts: Readonly<Record<string, Start>> = {
  '': withEntries,
  ', with a base due behind a recovery': withBaseDue,
};

/** All races by name. */
const races: ReadonlyMap<string, { readonly rival: Rival; readonly begin: Start }> = new Map(
  Object.entries(starts).flatMap(([start, begin]) =>
    Object.entries(rivals).map(([name, rival]) => [name + start, { rival, begin }] as const),
  ),
);

/** Their names. */
export const raceNames: readonly string[] = [...races.keys()];

/** How many orders are walked. */
export interface RaceBounds {
  /** How often work is put aside that could go on. */
  readonly switchesMax: number;
  readonly ordersMax: number;
  /** In every so manieth order a crash is looked at, each time at another moment. */
  readonly crashEvery: number;
}

/** Counts of a race. */
export interface RaceCounts {
  orders: number;
  /** True when every order within the bound was walked. */
  isComplete: boolean;
  operationsMax: number;
  crashes: number;
}

/** Walks the orders of one race. Throws at a violation, with the choices in its message. */
export async function race(name: string, bounds: RaceBounds): Promise<RaceCounts> {
  const one = races.get(name);
  if (one === undefined) throw new Error(`No race ${name}`);
  const orders = new Orders(bounds.switchesMax);
  const counts: RaceCounts = { orders: 0, isComplete: false, operationsMax: 0, crashes: 0 };
  for (;;) {
    try {
      await oneOrder(one, orders, { bounds, counts });
    } catch (error) {
      const choices = orders.choices.join(',');
      throw new Error(`Violation: settling beside ${name}, choices ${choices}`, { cause: error });
    }
    counts.orders += 1;
    if (!orders.next()) return { ...counts, isComplete: true };
    if (counts.orders >= bounds.ordersMax) return counts;
  }
}

async function oneOrder(
  { rival, begin }: { readonly rival: Rival; readonly begin: Start },
  orders: Orders,
  own: { readonly bounds: RaceBounds; readonly counts: RaceCounts },
): Promise<void> {
  const { bounds, counts } = own;
  const scheduler = new Scheduler();
  const racers = await begin(scheduler);
  const { user, session } = racers;
  const { disk } = user.machine;
  const isCrashed = counts.orders % bounds.crashEvery === 0;
  // Another moment each time: all of them come up, in one order or another.
  const crashAt = (counts.orders / bounds.crashEvery) % Math.max(1, counts.operationsMax);
  let operations = 0;
  let crashed: { readonly machine: SimMachine; readonly models: Models } | null = null;
  user.movesTime = false;
  const settling = (session as Session & { settle(): Promise<void> }).settle();
  await scheduler.drive(
    disk.clock,
    [settling, rival(racers)],
    (count, last) => orders.choose(count, last),
    () => {
      if (isCrashed && operations === crashAt) {
        crashed = { machine: new SimMachine(disk.clone()), models: copyOf(user.models) };
      }
      operations += 1;
    },
  );
  user.movesTime = true;
  counts.operationsMax = Math.max(counts.operationsMax, operations);
  await compareRunning(racers);
  const end = { machine: new SimMachine(disk.clone()), models: copyOf(user.models) };
  for (const state of isCrashed ? [crashed ?? end, end] : []) {
    const { disks } = disksAfterPowerLoss(state.machine.disk, 3, counts.orders);
    for (const one of disks) {
      counts.crashes += 1;
      const machine = new SimMachine(one, Prng.fromSeed(~counts.crashes));
      const store = await machine.open({}, 'after');
      await compareAll(machine, store, { models: state.models, end: 'power cut', depth: 'all' });
    }
  }
}

/** Two sessions with entries in the journal that nobody settled yet, in a segment that is nearly full. */
async function withEntries(scheduler: Scheduler): Promise<Racers> {
  const machine = await freshMachine();
  const parts = machine.parts('main');
  const fileSystem = scheduler.wrap(parts.fileSystem);
  const store = await machine.openWith({ ...parts, fileSystem });
  const user = new User(machine);
  const session = await user.create(store, 's');
  const other = await user.create(store, 't');
  await user.append(session, large - 900);
  await user.append(session);
  await user.append(other);
  return { user, store, session, other };
}

/**
 * A session that nobody is attached to: recovery settled so much of it that a base is due, which a
 * settling writes that moves no entry.
 */
async function withBaseDue(scheduler: Scheduler): Promise<Racers> {
  const machine = await freshMachine();
  const user = new User(machine);
  const killed = await machine.open({ segmentBytes: 4 * baseSpanBytes }, 'killed');
  const made = await user.create(killed, 's');
  await user.append(made, baseSpanBytes + 1);
  await user.append(made);
  await user.create(killed, 't');
  machine.kill('killed');
  const parts = machine.parts('main');
  const fileSystem = scheduler.wrap(parts.fileSystem);
  const store = await machine.openWith({ ...parts, fileSystem });
  const session = await machine.run(store.openSession('s'));
  const other = await machine.run(store.openSession('t'));
  return { user, store, session, other };
}

async function freshMachine(): Promise<SimMachine> {
  const { disk } = await SimMachine.start(7);
  return new SimMachine(disk, Prng.fromSeed(7));
}

/** What the process itself sees now; sessions that were closed are opened again. */
async function compareRunning({ user, store, session, other }: Racers): Promise<void> {
  for (const open of [session, other]) {
    const model = user.models.get(open.id);
    if (model === undefined || model.deleted !== 'no') continue;
    const again = user.closed.has(open.id);
    const handle = again ? await user.machine.run(store.openSession(open.id)) : open;
    const fault = faultOf(model, await wordsOf(user.machine, handle, 'all'), 'kill');
    if (fault !== null) throw new Error(`Session ${model.id}: ${fault}`);
  }
}
