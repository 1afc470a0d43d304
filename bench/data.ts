/** Stores to look at: filled as fast as they can be, in groups, and batched. */
import { Store } from 'holdfast';
import type { NewMessage, Session } from 'holdfast';
import type { Context } from './context.ts';
import type { Arrival } from './workloads.ts';

const groupMessages = 2000;
/** A group stays far below what one `appendAll` takes. */
const groupBytes = 8 * 1024 * 1024;

/** With more of them, filling waits until they are settled. */
const segmentsMax = 8;

/** How far filling has come; true when it is enough. */
export type Enough = (messages: number, bytes: number) => boolean;

/** Appends until it is enough, exactly so many messages; gives their number. */
export async function fill(
  store: Store,
  sessions: readonly Session[],
  messages: Iterator<Arrival, never>,
  isEnough: Enough,
): Promise<number> {
  let [count, bytes] = [0, 0];
  while (!isEnough(count, bytes)) {
    const groups = new Map<number, NewMessage[]>();
    const end = { count: count + groupMessages, bytes: bytes + groupBytes };
    while (count < end.count && bytes < end.bytes && !isEnough(count, bytes)) {
      const arrival = messages.next().value;
      const group = groups.get(arrival.session) ?? [];
      groups.set(arrival.session, group);
      group.push(arrival.message);
      count += 1;
      bytes += arrival.bytes;
    }
    await Promise.all(
      [...groups].map(([at, group]) => sessions[at]?.appendAll(group, { durability: 'batched' })),
    );
    // Appends that outrun settling for long are refused in the end.
    if (store.metrics().gauges.journalSegments > segmentsMax) await store.settle();
  }
  return count;
}

/** A store with sessions of these lengths. */
export interface LongSessions {
  readonly root: string;
  readonly lengths: readonly number[];
}

const allLengths = [10, 1000, 100_000, 1_000_000];

/** The id of the session of this length. */
export const longId = (length: number): string => `long-${length}`;

/** Sessions of 10 messages up to as many as were asked for; the same ones for every case. */
export function longSessions(context: Context): Promise<LongSessions> {
  return context.once('long sessions', async () => {
    const root = context.path('long');
    const most = context.settings.messages;
    const lengths = [...new Set([...allLengths, most])]
      .filter((length) => length <= most)
      .sort((one, two) => one - two);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    let before = 0;
    for (const length of lengths) {
      const store = await Store.open(root, { checkpoints: false });
      const session = await store.createSession({ id: longId(length) });
      await fill(store, [session], context.arrivals(1), (count) => {
        context.progress.show('writing long sessions', before + count, total);
        return count >= length;
      });
      before += length;
      await store.close();
    }
    context.progress.clear();
    return { root, lengths };
  });
}

/** A settled store of 64 sessions and about so many bytes; the same one for every case. */
export function settledStore(context: Context, bytes: number): Promise<string> {
  return context.once(`settled store of ${bytes} bytes`, async () => {
    const root = context.path(`settled-${bytes}`);
    const store = await Store.open(root, { checkpoints: false });
    const create = (): Promise<Session> => store.createSession();
    const sessions = await Promise.all(Array.from({ length: settledSessions }, create));
    await fill(store, sessions, context.arrivals(settledSessions), () => {
      const written = store.metrics().counters.bytes;
      context.progress.show('writing a store', written, bytes);
      return written >= bytes;
    });
    await store.close();
    context.progress.clear();
    return root;
  });
}

const settledSessions = 64;
