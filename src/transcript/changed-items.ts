/**
 * Edits speak of messages and blocks; a file has items: one record or one element, which gives one
 * block or several. Here edits become changes of items, whatever the format. Only items that change
 * are kept, so a plan over a long conversation costs what the plan costs.
 */
import { addAll } from '../base/lists.ts';
import { HoldfastError } from '../base/errors.ts';
import type { Edit } from '../integrity/plan/edit.ts';
import type { ContentBlock } from '../session/message.ts';
import type { MessageEdits, NewMessage } from './message-edits.ts';
import { editsByMessage } from './message-edits.ts';

/** One item, and how many blocks of the message come from it. */
export interface Share<I> {
  readonly item: I;
  readonly parts: number;
}

/** A message with the items that it was made from, in the order of its blocks. */
export interface ComposedMessage<I> {
  readonly role: string;
  readonly content: readonly ContentBlock[];
  readonly shares: readonly Share<I>[];
}

/** One block of an item after the edits. `part` counts the blocks that the item had. */
export type Piece =
  | { readonly kind: 'kept'; readonly part: number; readonly block: ContentBlock }
  | { readonly kind: 'replaced'; readonly part: number; readonly block: ContentBlock }
  | { readonly kind: 'new'; readonly block: ContentBlock };

/** An item that does not stay as it is, or that gets neighbours. */
export interface ChangedItem<I> {
  readonly item: I;
  /** Of the message that the item belongs to. */
  readonly role: string;
  readonly before: NewMessage[];
  /** What the item consists of now; null when it stays as it is. */
  pieces: readonly Piece[] | null;
  readonly after: NewMessage[];
}

/** Refuses an edit, or words that a format does not have. */
export function refuse(what: string): never {
  throw new HoldfastError('INVALID', what, { path: '' });
}

function checkBlocks(edits: MessageEdits, blocks: number, index: number): void {
  const existing = [...edits.replaced.keys(), ...edits.removed];
  const isBad =
    existing.some((block) => block < 0 || block >= blocks) ||
    [...edits.inserted.keys()].some((block) => block < 0 || block > blocks);
  if (isBad) refuse(`The plan names a block that message ${index} does not have`);
}

/** What becomes of the blocks `from` to `to` of a message, and of what is put between them. */
function piecesOf(
  content: readonly ContentBlock[],
  edits: MessageEdits,
  [from, to]: readonly [number, number],
): { pieces: Piece[]; isTouched: boolean } {
  const pieces: Piece[] = [];
  let isTouched = edits.isRemoved;
  const insert = (block: number): void => {
    for (const added of edits.inserted.get(block) ?? []) {
      pieces.push({ kind: 'new', block: added });
      isTouched = true;
    }
  };
  // What stands between two items belongs to the first: a result comes right behind its call.
  if (from === 0) insert(0);
  for (let block = from; block < to; block += 1) {
    const old = content[block];
    const fresh = edits.replaced.get(block);
    if (edits.isRemoved || edits.removed.has(block) || old === undefined) isTouched = true;
    else if (fresh === undefined) pieces.push({ kind: 'kept', part: block - from, block: old });
    else {
      pieces.push({ kind: 'replaced', part: block - from, block: fresh });
      isTouched = true;
    }
    insert(block + 1);
  }
  return { pieces, isTouched };
}

/** What an edited conversation changes in its items, in the order of the conversation. */
export interface ItemChanges<I> {
  readonly changed: readonly ChangedItem<I>[];
  /** Messages for a conversation that has no item to stand beside. */
  readonly alone: readonly NewMessage[];
}

/** Carries edits over to items. Throws `INVALID` for numbers that the conversation lacks. */
export function changedItems<I>(
  messages: Iterable<ComposedMessage<I>>,
  edits: readonly Edit[],
): ItemChanges<I> {
  const byMessage = editsByMessage(edits);
  const changed: ChangedItem<I>[] = [];
  let last: ChangedItem<I> | null = null;
  let pending: NewMessage[] = [];
  let index = 0;
  const keep = (change: ChangedItem<I>): ChangedItem<I> => {
    if (changed.at(-1) !== change) changed.push(change);
    return change;
  };
  const bring = (fresh: readonly NewMessage[]): void => {
    if (fresh.length === 0) return;
    if (last === null) addAll(pending, fresh);
    else addAll(keep(last).after, fresh);
  };
  for (const { role, content, shares } of messages) {
    const here = byMessage.get(index);
    byMessage.delete(index);
    if (here !== undefined) {
      checkBlocks(here, content.length, index);
      bring(here.before);
    }
    let from = 0;
    for (const { item, parts } of shares) {
      last = { item, role, before: [], pieces: null, after: [] };
      if (pending.length > 0) {
        addAll(keep(last).before, pending);
        pending = [];
      }
      if (here !== undefined) {
        const { pieces, isTouched } = piecesOf(content, here, [from, from + parts]);
        if (isTouched) keep(last).pieces = pieces;
      }
      from += parts;
    }
    index += 1;
  }
  const end = byMessage.get(index);
  byMessage.delete(index);
  if (end !== undefined) {
    if (end.isRemoved || end.inserted.size + end.replaced.size + end.removed.size > 0) {
      refuse(`The plan names message ${index}, and there are ${index}`);
    }
    bring(end.before);
  }
  for (const beyond of byMessage.keys()) {
    refuse(`The plan names message ${beyond}, and there are ${index}`);
  }
  return { changed, alone: pending };
}
