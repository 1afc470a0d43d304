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

/** The calls of one id. */
interface Sharing {
  readonly first: PairedCall;
  count: number;
  /** Those of the newest turn that has any. */
  newest: PairedCall[];
  /** How many of them, from the first one on, are known to be answered. */
  answered: number;
  /** How many of them, from the first one on, have an answer that stands in for no other. */
  settled: number;
}

interface Books {
  readonly calls: PairedCall[];
  readonly byId: Map<string, Sharing>;
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
    if (sharing === undefined) {
      const fresh = { first: call, count: 1, newest: [call], answered: 0, settled: 0 };
      books.byId.set(id, fresh);
      continue;
    }
    sharing.count += 1;
    if (sharing.newest[0]?.run === call.run) sharing.newest.push(call);
    else Object.assign(sharing, { newest: [call], answered: 0, settled: 0 });
  }
  return { ...books, orphans: withoutEarly(draft, books) };
}

function takeResult(books: Books, held: Held, id: string | null): void {
  const sharing = id === null ? undefined : books.byId.get(id);
  const last = sharing?.newest.at(-1);
  if (sharing === undefined || last === undefined) {
    books.orphans.push(held);
    return;
  }
  const { newest } = sharing;
  const open = newest[sharing.answered];
  if (open !== undefined) {
    open.answer = held;
    sharing.answered += 1;
    return;
  }
  const isStopgap = isPlaceholder(held.block.content);
  if (!isStopgap) sharing.settled = settledFrom(newest, sharing.settled);
  const stopgap = isStopgap ? undefined : newest[sharing.settled];
  if (stopgap?.answer) {
    books.duplicates.push({ extra: stopgap.answer, call: stopgap });
    stopgap.answer = held;
  } else {
    books.duplicates.push({ extra: held, call: last });
  }
}

/** Skips calls whose answer is the real one, which none gives way to any more. */
function settledFrom(calls: readonly PairedCall[], from: number): number {
  let at = from;
  for (; at < calls.length; at += 1) {
    const answer = calls[at]?.answer;
    if (answer && isPlaceholder(answer.block.content)) break;
  }
  return at;
}

/** Gives calls the results that stand before them, and tells which results are left. */
function withoutEarly(draft: Draft, books: Books): readonly Held[] {
  if (books.orphans.length === 0) return [];
  const count = new Map<string, number>();
  for (const { block } of heldIn(draft.messages)) {
    const id = isResult(block.content) ? textMember(block.content, 'tool_use_id') : null;
    if (id !== null) count.set(id, (count.get(id) ?? 0) + 1);
  }
  const prompts = promptsBefore(draft.messages);
  return books.orphans.filter((held) => {
    const id = textMember(held.block.content, 'tool_use_id');
    const sharing = id === null ? undefined : books.byId.get(id);
    if (id === null || sharing?.count !== 1 || count.get(id) !== 1) return true;
    const call = sharing.first;
    const from = (prompts.get(held.message) ?? 0) + (isPrompt(held.message) ? 1 : 0);
    if ((prompts.get(call.message) ?? 0) > from) return true;
    call.answer = held;
    return false;
  });
}

/** For each message, in how many in front of it somebody speaks. */
function promptsBefore(messages: readonly DraftMessage[]): ReadonlyMap<DraftMessage, number> {
  const before = new Map<DraftMessage, number>();
  let prompts = 0;
  for (const message of messages) {
    before.set(message, prompts);
    if (isPrompt(message)) prompts += 1;
  }
  return before;
}
