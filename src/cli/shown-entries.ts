/** Which entries of a session are shown, streaming from either end, and how one is printed. */
import { HoldfastError } from '../base/errors.ts';
import { isCut } from '../session/cuts.ts';
import type { Entry } from '../session/event.ts';
import type { ReadOptions, Session } from '../store/api.ts';
import { branchOf } from '../store/session-view.ts';
import { entryText } from './entry-text.ts';
import { styleFor } from './talk.ts';
import type { Talk } from './talk.ts';
import { json } from './text.ts';

/** What `--json` tells of one entry. */
export const entrySchema = 'holdfast.entry/1';

/** A choice of entries. `last` counts from the end, and the rest applies to what it leaves. */
export interface Wanted extends ReadOptions {
  readonly last?: number;
  /** `branch`: without what rewinds have cut out. */
  readonly which: 'all' | 'branch';
}

/** The entries, in order or in reverse. Holds one of them at a time, whatever is asked for. */
export async function* wantedEntries(session: Session, wanted: Wanted): AsyncGenerator<Entry> {
  const { which, last, limit = Number.MAX_SAFE_INTEGER, ...range } = wanted;
  const { cuts } = session.state;
  const read = (options: ReadOptions): AsyncIterable<Entry> => {
    const entries = session.entries(options);
    return which === 'all' ? entries : branchOf(entries, cuts);
  };
  if (last === undefined) {
    yield* first(limit, read(range));
    return;
  }
  if (range.reverse === true) {
    yield* first(Math.min(limit, last), read(range));
    return;
  }
  // Backward for where they begin, then forward: so none of them has to be held.
  let from: number | null = null;
  let failure: HoldfastError | null = null;
  try {
    for await (const { seq } of first(last, read({ ...range, reverse: true }))) from = seq;
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    // What is sound behind the damage is shown before it is told.
    failure = error;
  }
  if (from !== null) yield* first(limit, read({ ...range, from }));
  if (failure !== null) throw failure;
}

async function* first(count: number, entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  let left = count;
  if (left === 0) return;
  for await (const entry of entries) {
    yield entry;
    left -= 1;
    if (left === 0) return;
  }
}

/** Prints entries one after the other, with an empty line between two. */
export class EntryPrinter {
  readonly #talk: Talk;
  #between: string;

  /** `before` is what stands on the screen already. */
  constructor(talk: Talk, before: 'nothing' | 'a heading') {
    this.#talk = talk;
    this.#between = before === 'nothing' ? '' : '\n';
  }

  /** An entry that is not on the current branch is marked. */
  async print(entry: Entry, place: 'branch' | 'cut'): Promise<void> {
    const talk = this.#talk;
    if (talk.json) {
      return talk.data(`${json({ schema: entrySchema, ...entry, cut: place === 'cut' })}\n`);
    }
    const text = place === 'branch' ? entryText(entry, talk.style) : this.#faded(entry);
    await talk.data(`${this.#between}${text}\n`);
    this.#between = '\n';
  }

  #faded(entry: Entry): string {
    const [head = '', ...body] = entryText(entry, styleFor('plain')).split('\n');
    return [`${head}  (cut)`, ...body].map((line) => this.#talk.style.dim(line)).join('\n');
  }
}

/** Where an entry of the session stands. */
export function placeOf(session: Session, { seq }: Entry): 'branch' | 'cut' {
  return isCut(session.state.cuts, seq) ? 'cut' : 'branch';
}
