/**
 * Which result answers which call, whatever order they stand in. A result answers the calls of its
 * id in the newest turn that has any, first call first: runtimes that number the calls of each turn
 * anew must not have the outcome of one call told as that of another.
 *
 * A result that stands before its call counts as its answer only when nothing else could be meant:
 * one call and one result with that id, and nobody spoke between them.
 *
 * A text that a tool writes in place of a lost result gives way to the result itself.
 */
import type { Draft, DraftMessage } from './draft.ts';
import type { ProviderNeeds } from './provider-needs.ts';
import { heldIn, isPrompt, runsOf } from './runs.ts';
import type { Held } from './runs.ts';
import { isCall, isResult, sideOf, textMember } from './shapes.ts';
import { isPlaceholder } from './synthetic.ts';

/** A call, and what answers it. */
export interface PairedCall extends Held {
  readonly id: string;
  /** The number of its turn. */
  readonly run: number;
  answer: Held | null;
}

/** Calls and results of a draft. */
export interface Pairing {
  readonly calls: readonly PairedCall[];
  /** Results that answer nothing. */
  readonly orphans: readonly Held[];
  /** Results of calls that are answered, each with the result that stays. */
  readonly duplicates: readonly { readonly extra: Held; readonly call: PairedCall }[];
}

interface Books {
  readonly calls: PairedCall[];
  readonly byId: Map<string, PairedCall[]>;
  readonly orphans: Held[];
  readonly duplicates: { extra: Held; call: PairedCall }[];
}

interface Known {
  readonly changes: number;
  readonly pairing: Pairing;
}

/** The pairing of a draft holds until the draft changes; several passes of a round ask for it. */
const known: WeakMap<Draft, Known> = new WeakMap();

/**
 * Pairs calls with results. Calls without an id are no calls yet: they get one before. A draft is
 * always asked about with the same needs.
 */
export function pairCalls(draft: Draft, needs: ProviderNeeds): Pairing {
  const { changes } = draft;
  const before = known.get(draft);
  if (before?.changes === changes) return before.pairing;
  const pairing = paired(draft, needs);
  known.set(draft, { changes, pairing });
  return pairing;
}

function paired(draft: Draft, needs: ProviderNeeds): Pairing {
  const books: Books = { calls: [], byId: new Map(), orphans: [], duplicates: [] };
  const runNumbers = new Map<DraftMessage, number>();
  for (const [run, { messages }] of runsOf(draft, needs).entries()) {
    for (const message of messages) runNumbers.set(message, run);
  }
  for (const held of heldIn(draft.messages)) {
    const { content } = held.block;
    if (isResult(content)) takeResult(books, held, textMember(content, 'tool_use_id'));
    const id = isCall(content) ? textMember(content, 'id') : null;
    if (id === null || sideOf(held.message.role) !== 'assistant') continue;
    const call = { ...held, id, run: runNumbers.get(held.message) ?? -1, answer: null };
    books.calls.push(call);
    const sharing = books.byId.get(id);
    if (sharing === undefined) books.byId.set(id, [call]);
    else sharing.push(call);
  }
  return { ...books, orphans: withoutEarly(draft, books) };
}

function takeResult(books: Books, held: Held, id: string | null): void {
  const calls = id === null ? undefined : books.byId.get(id);
  const newest = calls?.at(-1);
  if (calls === undefined || newest === undefined) {
    books.orphans.push(held);
    return;
  }
  const inTurn = calls.filter(({ run }) => run === newest.run);
  const open = inTurn.find(({ answer }) => answer === null);
  if (open !== undefined) {
    open.answer = held;
    return;
  }
  const stopgap = inTurn.find(
    ({ answer }) => answer !== null && isPlaceholder(answer.block.content),
  );
  if (stopgap?.answer && !isPlaceholder(held.block.content)) {
    books.duplicates.push({ extra: stopgap.answer, call: stopgap });
    stopgap.answer = held;
  } else {
    books.duplicates.push({ extra: held, call: newest });
  }
}

/** Gives calls the results that stand before them, and tells which results are left. */
function withoutEarly(draft: Draft, books: Books): readonly Held[] {
  if (books.orphans.length === 0) return [];
  const count = new Map<string, number>();
  for (const { block } of heldIn(draft.messages)) {
    const id = isResult(block.content) ? textMember(block.content, 'tool_use_id') : null;
    if (id !== null) count.set(id, (count.get(id) ?? 0) + 1);
  }
  return books.orphans.filter((held) => {
    const id = textMember(held.block.content, 'tool_use_id');
    const [call, other] = id === null ? [] : (books.byId.get(id) ?? []);
    if (id === null || call === undefined || other !== undefined || count.get(id) !== 1)
      return true;
    const from = draft.messages.indexOf(held.message);
    const to = draft.messages.indexOf(call.message);
    if (draft.messages.slice(from + 1, to).some(isPrompt)) return true;
    call.answer = held;
    return false;
  });
}
