/**
 * What a session shows when it is opened, as words that a plain model can compare, and whether the
 * session agrees with itself: contiguous sequences, the conversation that its rewinds leave, and what
 * its restore points say.
 */
import type { Entry } from '../../src/session/event.ts';
import type { Session } from '../../src/store/api.ts';
import { collect } from '../helpers/sim-store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';

/**
 * How much of a session is looked at: its entries, or its conversation and restore points as well.
 * `harmed`: as `all`, and one entry may be missing, because rot in a restore point costs that alone.
 */
export type Depth = 'entries' | 'all' | 'harmed';

/** One word for each entry that a user appended; those that take themselves are left out. */
export async function wordsOf(
  machine: SimMachine,
  session: Session,
  depth: Depth,
): Promise<string[]> {
  const entries = await machine.run(collect(session.entries()));
  const { state } = session;
  const isHarmed = depth === 'harmed' && state.lastSeq === entries.length + 1;
  if (isHarmed) return entries.map(tokenOf).filter((word) => word !== null);
  const holes = entries.findIndex(({ seq }, index) => seq !== index + 1);
  if (holes >= 0) throw new Error(`Session ${session.id}: entry ${holes + 1} is not there`);
  const branches = branchesOf(entries);
  const branch = branches.at(-1) ?? [];
  if (state.messages !== branch.length || state.lastSeq !== entries.length) {
    throw new Error(
      `Session ${session.id}: its state tells of ${state.messages} messages and ` +
        `${state.lastSeq} entries, and ${branch.length} and ${entries.length} are there`,
    );
  }
  if (depth !== 'entries') await compareWithin(machine, session, { entries, branches });
  return entries.map(tokenOf).filter((word) => word !== null);
}

/** The word for an entry, or null for one that nobody asked for. */
export function tokenOf({ event }: Entry): string | null {
  if (event.kind === 'message') return textOf(event.message.content);
  if (event.kind === 'rewind') return 'rewind';
  if (event.kind !== 'snapshot') return event.kind;
  return (event.snapshot.trigger ?? null) === null ? event.snapshot.action : null;
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content);
}

/** A message of the conversation. */
interface Said {
  readonly seq: number;
  readonly text: string;
}

/** The conversation behind each entry, by its seq; that of 0 is empty. Plain, and of no use for long ones. */
function branchesOf(entries: readonly Entry[]): readonly (readonly Said[])[] {
  const branches: (readonly Said[])[] = [[]];
  for (const { seq, event } of entries) {
    const before = branches.at(-1) ?? [];
    if (event.kind === 'message') {
      branches.push([...before, { seq, text: textOf(event.message.content) }]);
    } else if (event.kind === 'rewind') branches.push(branches[event.rewind.to] ?? []);
    else branches.push(before);
  }
  return branches;
}

async function compareWithin(
  machine: SimMachine,
  session: Session,
  own: {
    readonly entries: readonly Entry[];
    readonly branches: readonly (readonly Said[])[];
  },
): Promise<void> {
  const told = await machine.run(collect(session.messages()));
  compare(session.id, 'its conversation', told, own.branches.at(-1) ?? []);
  const snapshot = own.entries.findLast(({ event }) => event.kind === 'snapshot');
  if (snapshot === undefined || snapshot.event.kind !== 'snapshot') return;
  const loaded = await machine.run(session.snapshots.load(snapshot.seq));
  const then = await machine.run(collect(loaded.messages()));
  const { at } = snapshot.event.snapshot;
  compare(session.id, `restore point ${snapshot.seq}`, then, own.branches[at] ?? []);
}

function compare(
  id: string,
  what: string,
  told: readonly { readonly seq: number; readonly message: { readonly content: unknown } }[],
  wanted: readonly Said[],
): void {
  const shown = told.map(({ seq, message }) => `${seq} ${textOf(message.content)}`);
  const expected = wanted.map(({ seq, text }) => `${seq} ${text}`);
  const at = expected.findIndex((line, index) => line !== shown[index]);
  if (at === -1 && shown.length === expected.length) return;
  throw new Error(
    `Session ${id}: ${what} has ${shown.length} messages, wanted are ${expected.length}; ` +
      `the first difference is at ${at}`,
  );
}
