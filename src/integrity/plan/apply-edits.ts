/**
 * Carries edits out on a conversation in memory. New pieces get the place of the piece in front of
 * them in the edited message, else of the message; a new message that of the message in front, else
 * behind. Such a place has no id and no bytes of its own, because nothing stands there. Pure.
 */
import { assert } from '../../base/assert.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { Place, PlacedMessage } from '../conversation.ts';
import type { Edit } from './edit.ts';

type Of<Kind extends Edit['kind']> = Extract<Edit, { kind: Kind }>;

const nowhere: Place = { record: 0, offset: null, length: 0, line: null, id: null };

/** The conversation with the edits; what they do not touch is the same object as before. */
export function applyEdits(
  messages: readonly PlacedMessage[],
  edits: readonly Edit[],
): readonly PlacedMessage[] {
  const inserted = new Map<number, Of<'insert-message'>[]>();
  const removed = new Set<number>();
  const within = new Map<number, BlockEdit[]>();
  for (const edit of edits) {
    if (edit.kind === 'insert-message') push(inserted, edit.before, edit);
    else if (edit.kind === 'remove-message') removed.add(edit.message);
    else push(within, edit.at.message, edit);
  }
  const result: PlacedMessage[] = [];
  for (let at = 0; at <= messages.length; at += 1) {
    for (const { role, content } of inserted.get(at) ?? []) {
      const place = beside(messages[at - 1]?.place ?? messages[at]?.place ?? nowhere);
      result.push({ role, content, place, places: content.map(() => place), model: null });
    }
    const message = messages[at];
    const own = within.get(at) ?? [];
    assert(own.length === 0 || !removed.has(at), 'a removed message is not edited as well');
    if (message === undefined || removed.has(at)) continue;
    result.push(own.length === 0 ? message : edited(message, own));
  }
  return result;
}

type BlockEdit = Of<'insert-block'> | Of<'remove-block'> | Of<'replace-block'>;

function edited(message: PlacedMessage, edits: readonly BlockEdit[]): PlacedMessage {
  const content: ContentBlock[] = [];
  const places: Place[] = [];
  const byBlock = new Map<number, BlockEdit[]>();
  for (const edit of edits) push(byBlock, edit.at.block, edit);
  for (let at = 0; at <= message.content.length; at += 1) {
    const here = byBlock.get(at) ?? [];
    for (const edit of here) {
      if (edit.kind !== 'insert-block') continue;
      content.push(edit.content);
      places.push(beside(message.places[at - 1] ?? message.place));
    }
    const block = message.content[at];
    if (block === undefined || here.some(({ kind }) => kind === 'remove-block')) continue;
    const change = here.find((edit) => edit.kind === 'replace-block');
    content.push(change?.kind === 'replace-block' ? change.content : block);
    places.push(message.places[at] ?? message.place);
  }
  const { unread, ...rest } = message;
  // Something that can be read has taken its place.
  const isTold = unread === undefined || (message.content.length === 0 && content.length > 0);
  return { ...rest, ...(isTold ? {} : { unread }), content, places };
}

function beside(place: Place): Place {
  return { ...place, length: 0, id: null };
}

function push<Item>(lists: Map<number, Item[]>, key: number, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
