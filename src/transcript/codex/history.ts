/**
 * The history that Codex resumes with, rebuilt from the rows of a file as `codex-rs` does it
 * (`core/src/session/rollout_reconstruction.rs`, `context_manager/history.rs`):
 * - the newest replacement history that no rollback took back is the base, and nothing before it
 *   counts; then everything behind it is played again.
 * - a compaction without a replacement history keeps the newest words of the user, up to 20,000
 *   tokens, and puts its summary behind them.
 * - a replacement history inside a turn that was taken back is played again all the same when an
 *   older one counts; when there is none, nothing in front of it comes back. So it is in Codex.
 * - a rollback cuts in front of the turns that it takes back, and takes the notes on surroundings
 *   right before them along.
 */
import type { SideConversation } from '../transcript.ts';
import { Column } from '../column.ts';
import { itemFlag, rowKind, type RolloutTable } from './table.ts';

/** How an entry of the history is read from its row. */
export const entryForm = {
  /** The item of the row, or of its replacement history. */
  item: 0,
  /** The words of the user in that item, as one text. */
  userText: 1,
  /** The summary of the row. */
  summary: 2,
} as const;

/** One entry; small enough to be made on demand. */
export interface HistoryEntry {
  readonly row: number;
  /** Which item of the replacement history; -1 for the item of the row itself. */
  readonly sub: number;
  readonly form: number;
}

/** Words of the user that a compaction without replacement keeps. */
const keptTokensMax = 20_000;

/** The entries of the history, and what became of everything else. */
export class History {
  readonly #table: RolloutTable;
  readonly #row = new Column(Int32Array);
  readonly #sub = new Column(Int32Array);
  readonly #form = new Column(Uint8Array);
  /** The entries that begin a turn, in order: a file may take back each turn that it has. */
  readonly #starts = new Column(Int32Array);
  readonly sides: SideConversation[] = [];
  /** The row of the last compaction without a replacement history, and what it left; else null. */
  summarised: { readonly row: number; readonly entries: readonly HistoryEntry[] } | null = null;

  constructor(table: RolloutTable) {
    this.#table = table;
  }

  get length(): number {
    return this.#row.length;
  }

  entry(index: number): HistoryEntry {
    return { row: this.#row.at(index), sub: this.#sub.at(index), form: this.#form.at(index) };
  }

  /** Flags of an entry; words that a compaction kept are words of the user again. */
  flags(index: number): number {
    const { row, sub, form } = this.entry(index);
    const flags = this.#table.flags(row, form === entryForm.summary ? -1 : sub);
    return form === entryForm.item ? flags : flags & ~itemFlag.isContext;
  }

  push({ row, sub, form }: HistoryEntry): void {
    this.#row.push(row);
    this.#sub.push(sub);
    this.#form.push(form);
    const index = this.length - 1;
    if ((this.flags(index) & itemFlag.beginsTurn) !== 0) this.#starts.push(index);
  }

  replace(row: number): void {
    this.cut(0);
    this.summarised = null;
    for (let sub = 0; sub < this.#table.replaced(row); sub += 1) {
      const isSent = (this.#table.flags(row, sub) & itemFlag.sent) !== 0;
      if (isSent) this.push({ row, sub, form: entryForm.item });
    }
  }

  /** Leaves words of the user and a summary. */
  summarise(row: number): void {
    const kept: HistoryEntry[] = [];
    let left = keptTokensMax;
    for (let index = this.length - 1; index >= 0 && left > 0; index -= 1) {
      if ((this.flags(index) & itemFlag.isUserText) === 0) continue;
      const { row: from, sub, form } = this.entry(index);
      kept.push({ row: from, sub, form: form === entryForm.item ? entryForm.userText : form });
      left -= this.#table.tokens(from, form === entryForm.summary ? -1 : sub);
    }
    kept.reverse();
    kept.push({ row, sub: -1, form: entryForm.summary });
    this.cut(0);
    for (const entry of kept) this.push(entry);
    this.summarised = { row, entries: kept };
  }

  /** How many messages the entries from an index on make. */
  messages(from: number): number {
    const count = new MessageCount();
    for (let index = from; index < this.length; index += 1) count.add(this.flags(index));
    return count.messages;
  }

  /** Takes the last turns back; tells how many messages went. */
  rollBack(turns: number): number {
    if (turns === 0 || this.#starts.length === 0) return 0;
    const first = this.#starts.at(0);
    let cut = this.#starts.at(Math.max(0, this.#starts.length - turns));
    while (cut > first && (this.flags(cut - 1) & itemFlag.isContext) !== 0) cut -= 1;
    const gone = this.messages(cut);
    this.cut(cut);
    return gone;
  }

  cut(length: number): void {
    this.#row.cut(length);
    this.#sub.cut(length);
    this.#form.cut(length);
    let starts = this.#starts.length;
    while (starts > 0 && this.#starts.at(starts - 1) >= length) starts -= 1;
    this.#starts.cut(starts);
  }
}

/** Counts the messages that items make, one after the other. */
class MessageCount {
  messages = 0;
  #group = 0;

  add(flags: number): void {
    const group = flags & (itemFlag.isAnswer | itemFlag.isOutput);
    if (group === 0 || group !== this.#group) this.messages += 1;
    this.#group = group;
  }
}

/** A turn, seen from its end. */
interface Segment {
  turn: number;
  isUserTurn: boolean;
  base: number;
}

/** Where the history begins. */
interface Beginning {
  /** The row whose replacement history it begins with; -1 when it begins empty. */
  readonly base: number;
  /** The row behind which everything is played again. */
  readonly from: number;
}

/**
 * Finds the newest replacement history that counts. Looks from the end: a rollback swallows as many
 * turns with words of a user as it names, with the compactions inside them.
 */
function beginningOf(table: RolloutTable): Beginning {
  let skipped = 0;
  let from = -1;
  let segment: Segment | null = null;
  const inside = (): Segment => (segment ??= { turn: 0, isUserTurn: false, base: -1 });
  const close = (): number => {
    const ended = inside();
    segment = null;
    if (skipped === 0) return ended.base;
    if (ended.isUserTurn) skipped -= 1;
    return -1;
  };
  for (let row = table.length - 1; row >= 0; row -= 1) {
    const value = table.value(row);
    switch (table.kind(row)) {
      case rowKind.replacement:
        if (inside().base < 0) inside().base = from = row;
        break;
      case rowKind.summary:
        inside();
        break;
      case rowKind.rollback:
        skipped += value;
        break;
      case rowKind.completed:
      case rowKind.context:
        if (inside().turn === 0) inside().turn = value;
        break;
      case rowKind.aborted:
        if (value !== 0 && inside().turn === 0) inside().turn = value;
        break;
      case rowKind.userEvent:
        inside().isUserTurn = true;
        break;
      case rowKind.item:
        if ((table.flags(row, -1) & itemFlag.beginsTurn) !== 0) inside().isUserTurn = true;
        else inside();
        break;
      case rowKind.started: {
        const open: Segment | null = segment;
        if (open === null || !isSameTurn(open, value)) break;
        const base = close();
        if (base >= 0) return { base, from: base };
        break;
      }
      default:
    }
  }
  const base = segment === null ? -1 : close();
  return { base, from: base < 0 ? from : base };
}

function isSameTurn(segment: Segment, turn: number): boolean {
  return segment.turn === 0 || turn === 0 || segment.turn === turn;
}

/** Rebuilds the history from the rows of a file. */
export function rebuildHistory(table: RolloutTable): History {
  const { base, from } = beginningOf(table);
  const history = new History(table);
  let before = new MessageCount();
  for (let row = 0; row <= from; row += 1) {
    if (table.kind(row) === rowKind.item) before.add(table.flags(row, -1));
    if (table.kind(row) !== rowKind.replacement) continue;
    history.sides.push({ kind: 'compacted', id: null, messages: before.messages });
    before = new MessageCount();
  }
  if (base >= 0) history.replace(base);
  for (let row = from + 1; row < table.length; row += 1) {
    switch (table.kind(row)) {
      case rowKind.item:
        history.push({ row, sub: -1, form: entryForm.item });
        break;
      case rowKind.replacement:
        history.sides.push({ kind: 'compacted', id: null, messages: history.messages(0) });
        history.replace(row);
        break;
      case rowKind.summary:
        history.sides.push({ kind: 'compacted', id: null, messages: history.messages(0) });
        history.summarise(row);
        break;
      case rowKind.rollback: {
        const messages = history.rollBack(table.value(row));
        if (messages > 0) history.sides.push({ kind: 'rolled-back', id: null, messages });
        break;
      }
      default:
    }
  }
  return history;
}
