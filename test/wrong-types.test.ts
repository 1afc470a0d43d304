/**
 * Every function and option of the public library, given what it does not take. It must be told in
 * an error with a code, whatever it is, and change nothing.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptLoss,
  dump,
  HoldfastError,
  recover,
  salvage,
  Store,
  validate,
} from '../src/index.ts';
import type { Session } from '../src/index.ts';
import { Wal } from '../src/wal.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-wrong-'));
const root = join(directory, 'store');

const hole: unknown[] = [];
hole.length = 1;

/** One of each kind of value, by what it is called below. */
const values: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  number: 7,
  NaN: Number.NaN,
  negative: -1,
  fraction: 1.5,
  huge: 1e308,
  empty: '',
  string: join(directory, 'new'),
  nul: 'a\0b',
  symbol: Symbol('one'),
  bigint: 7n,
  array: [],
  hole,
  function: () => undefined,
  object: {},
  bare: Object.create(null),
  unknown: { unknownMember: 1 },
};

/** A call with one value in one place, and the values that are right there, or may be. */
interface Place {
  readonly name: string;
  readonly call: (value: never) => unknown;
  readonly fine?: readonly string[];
  readonly skip?: readonly string[];
}

/** The first thing that comes of a call, whatever it gives. */
async function outcomeOf(call: Place['call'], value: unknown): Promise<unknown> {
  try {
    const given: unknown = await call(value as never);
    if (typeof given !== 'object' || given === null) return 'resolved';
    if (Symbol.asyncIterator in given) {
      const iterator = (given as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return?.();
    }
    if (given instanceof Store || given instanceof Object.getPrototypeOf(wal).constructor) {
      await (given as Store).close();
    }
    return 'resolved';
  } catch (error) {
    return error;
  }
}

/** Places where an option stands. */
function options(
  name: string,
  call: (options: never) => unknown,
  fine: Readonly<Record<string, readonly string[]>>,
  required: object = {},
): Place[] {
  const whole = { name: `${name} options`, call, fine: ['object', 'bare'] };
  const members = Object.entries(fine).map(([member, right]) => ({
    name: `${name} ${member}`,
    call: (value: never) => call({ ...required, [member]: value } as never),
    fine: right,
  }));
  return [whole, ...members];
}

const counts = ['number', 'huge'];
const wholes = ['number'];
const flags = ['true'];
const none: readonly string[] = [];
const records = ['object', 'bare'];
const lists = ['array'];

let store: Store;
let session: Session;
let snapshot = 0;
let wal: Awaited<ReturnType<typeof Wal.open>>;
const message = { role: 'user', content: 'x' };

beforeAll(async () => {
  store = await Store.open(root, { io: 'pool' });
  session = await store.createSession({ id: 's' });
  await session.append(message);
  snapshot = (await session.snapshots.take({ action: 'one' })).id;
  wal = await Wal.open(join(directory, 'log'), { io: 'pool' });
  await wal.append(Uint8Array.of(1));
});

afterAll(async () => {
  await store.close();
  await wal.close();
  rmSync(directory, { recursive: true });
});

const read = { from: wholes, to: wholes, limit: wholes, reverse: flags, signal: none };
const lock = { lockWaitMs: wholes, signal: none, onProgress: ['function'] };
const opening = {
  mode: none,
  syncDelayMsMax: wholes,
  syncEntriesMax: wholes,
  lockWaitMs: wholes,
  io: none,
  segmentBytes: none,
  allowFileSystems: lists,
  signal: none,
};
const append = { durability: none, signal: none };
const keyed = { ...append, idempotencyKey: none };
const other = () => join(directory, 'new');

const places: readonly Place[] = [
  { name: 'Store.open root', call: (value) => Store.open(value), fine: ['string'] },
  ...options('Store.open', (given) => Store.open(other(), given), {
    ...opening,
    expectAtLeast: [...records, 'unknown'],
    checkpoints: records,
  }),
  { name: 'recover root', call: (value) => recover(value) },
  ...options('recover', (given) => recover(root, given), {
    ...lock,
    mode: none,
    expectAtLeast: [...records, 'unknown'],
  }),
  { name: 'salvage root', call: (value) => salvage(value, { to: other() }) },
  ...options('salvage', (given) => salvage(root, given), { to: ['string'] }),
  ...options(
    'salvage',
    (given) => salvage(root, given),
    { session: none, signal: none, onProgress: none },
    { to: join(root, 'within') },
  ),
  { name: 'acceptLoss root', call: (value) => acceptLoss(value, { session: 's' }) },
  ...options('acceptLoss', (given) => acceptLoss(root, given), { session: none }),
  ...options(
    'acceptLoss',
    (given) => acceptLoss(root, given),
    { dryRun: flags, lockWaitMs: none },
    { session: 's', lockWaitMs: 0 },
  ),
  { name: 'dump path', call: (value) => dump(value) },
  { name: 'validate session', call: (value) => validate(value) },
  ...options('createSession', (given) => store.createSession(given), { id: none }),
  {
    name: 'createSession metadata',
    call: (metadata) => store.createSession({ id: 's', metadata }),
  },
  { name: 'openSession id', call: (id) => store.openSession(id) },
  ...options('openSession', (given) => store.openSession('none', given), {
    mode: none,
    create: flags,
  }),
  ...options('sessions', (given) => store.sessions(given), { signal: none }),
  { name: 'deleteSession id', call: (id) => store.deleteSession(id) },
  { name: 'append message', call: (value) => session.append(value) },
  {
    name: 'append role',
    call: (role) => session.append({ ...message, role }),
    fine: ['string', 'empty', 'nul'],
  },
  ...options('append', (given) => session.append({} as never, given), keyed),
  { name: 'appendAll messages', call: (value) => session.appendAll(value) },
  { name: 'appendAll message', call: (value) => session.appendAll([message, value]) },
  ...options('appendAll', (given) => session.appendAll([{} as never], given), keyed),
  { name: 'record event', call: (event) => session.record(event) },
  {
    name: 'record metadata',
    call: (metadata) => session.record({ kind: 'metadata', metadata }),
    fine: [...records, 'unknown'],
  },
  {
    name: 'record compaction',
    call: (one) => session.record({ kind: 'compaction', compaction: one }),
  },
  ...options('record', (given) => session.record({ kind: 'status' } as never, given), keyed),
  { name: 'intend call', call: (value) => session.intend(value) },
  { name: 'complete callId', call: (id) => session.complete(id, {} as never) },
  { name: 'complete outcome', call: (outcome) => session.complete('c', outcome) },
  ...options('complete', (given) => session.complete('c', {} as never, given), keyed),
  ...options('flush', (given) => session.flush(given), { signal: none }),
  ...options('messages', (given) => session.messages(given), { ...read, includeCut: flags }),
  ...options('entries', (given) => session.entries(given), read),
  ...options('follow', (given) => session.follow(given), { signal: none }, { from: 1 }),
  // A seq that is not there yet would be waited for.
  { name: 'follow from', call: (from) => session.follow({ from }), skip: wholes },
  ...options('rewind', (given) => session.rewind(given), { to: none, dryRun: none }),
  ...options(
    'rewind',
    (given) => session.rewind(given),
    { dryRun: flags },
    { to: { messages: 1 } },
  ),
  { name: 'rewind to a snapshot', call: (id) => session.rewind({ to: { snapshot: id } }) },
  { name: 'rewind to messages', call: (count) => session.rewind({ to: { messages: count } }) },
  ...options('snapshots.take', (given) => session.snapshots.take(given), {
    action: ['string', 'nul'],
  }),
  ...options(
    'snapshots.take',
    (given) => session.snapshots.take(given),
    { label: none, durability: none },
    { action: '' },
  ),
  { name: 'snapshots.load id', call: (id) => session.snapshots.load(id) },
  { name: 'snapshots.label id', call: (id) => session.snapshots.label(id, 'x') },
  {
    name: 'snapshots.label label',
    call: (label) => session.snapshots.label(snapshot, label),
    fine: ['null', 'string', 'nul'],
  },
  ...options('snapshots.cleanup', (given) => session.snapshots.cleanup(given), { keep: wholes }),
  ...options(
    'Snapshot.messages',
    async (given) => (await session.snapshots.load(snapshot)).messages(given),
    { from: wholes, limit: wholes, reverse: flags, signal: none },
  ),
  { name: 'checkpointer.onEvent', call: (value) => session.checkpointer?.onEvent(value, 'x') },
  {
    name: 'checkpointer.setTrigger',
    call: (value) => session.checkpointer?.setTrigger(value, true),
  },
  { name: 'Wal.open directory', call: (value) => Wal.open(value), fine: ['string'] },
  ...options('Wal.open', (given) => Wal.open(other(), given), {
    ...opening,
    expectAtLeast: wholes,
  }),
  { name: 'Wal.append bytes', call: (bytes) => wal.append(bytes) },
  ...options('Wal.append', (given) => wal.append('' as never, given), append),
  { name: 'Wal.appendAll list', call: (list) => wal.appendAll(list) },
  { name: 'Wal.appendAll entry', call: (entry) => wal.appendAll([Uint8Array.of(1), entry]) },
  ...options('Wal.read', (given) => wal.read(given), { from: counts, to: counts, signal: none }),
  { name: 'Wal.truncateBefore seq', call: (seq) => wal.truncateBefore(seq), fine: wholes },
];

/** Whatever could have changed. */
function world(): unknown {
  const { lastSeq, entries } = session.state;
  const names = readdirSync(directory, { recursive: true }).map(String);
  return { lastSeq, entries, log: wal.lastSeq, names: names.sort() };
}

describe('the public library', () => {
  it.each(places)('$name refuses what it does not take, and changes nothing', async (place) => {
    const told: string[] = [];
    for (const [name, value] of Object.entries(values)) {
      if (place.skip?.includes(name) === true) continue;
      const isFine = place.fine?.includes(name) === true;
      const before = world();
      const outcome = await outcomeOf(place.call, value);
      if (isFine && (outcome === 'resolved' || HoldfastError.is(outcome))) {
        rmSync(other(), { recursive: true, force: true });
        continue;
      }
      if (outcome === 'resolved') told.push(`${name} is taken`);
      else if (!HoldfastError.is(outcome)) told.push(`${name}: ${String(outcome)}`);
      if (!HoldfastError.is(outcome)) continue;
      expect(outcome.message, name).not.toMatch(/undefined|\[object/);
      expect(world(), name).toEqual(before);
    }
    expect(told).toEqual([]);
  });
});
