/** From messages to blocks, and to the turns that providers see. Pure. */
import type { PlacedMessage } from '../integrity/conversation.ts';
import { modelKey } from '../integrity/rules/thinking.ts';
import { refuse, requireWellFormed } from './exported.ts';
import type { Piece, Speaker } from './piece.ts';

/** A part in the provider's shape, and the block that it was made from. */
export interface Part<P> {
  readonly piece: Piece;
  readonly part: P;
}

/** What one side says before the other one speaks. */
export interface Turn<P> {
  readonly speaker: Speaker;
  readonly parts: Part<P>[];
}

const speakers: Readonly<Record<string, Speaker>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  tool: 'user',
  assistant: 'assistant',
};

/** Every block, in order. Throws INVALID for a role that providers do not know. */
export function* piecesOf(messages: readonly PlacedMessage[]): Generator<Piece> {
  for (const [message, { role, content, place, places, model }] of messages.entries()) {
    const speaker = Object.hasOwn(speakers, role) ? speakers[role] : undefined;
    if (speaker === undefined) {
      const named = JSON.stringify(role.slice(0, 100));
      refuse('UNKNOWN_ROLE', { speaker: 'user', place, message, index: 0, model }, `Role ${named}`);
    }
    for (const [index, block] of content.entries()) {
      const piece = { speaker, block, place: places[index] ?? place, message, index, model };
      requireWellFormed(piece);
      yield piece;
    }
  }
}

/**
 * The turns: whatever one side says in a row is one turn. What is converted to null is left out
 * before, so that a message of which nothing is left separates nothing.
 */
export function turnsOf<P>(
  pieces: Iterable<Piece>,
  convert: (piece: Piece) => P | null,
): readonly Turn<P>[] {
  const turns: Turn<P>[] = [];
  for (const piece of pieces) {
    const part = convert(piece);
    if (part === null) continue;
    const last = turns.at(-1);
    if (last?.speaker === piece.speaker) last.parts.push({ piece, part });
    else turns.push({ speaker: piece.speaker, parts: [{ piece, part }] });
  }
  return turns;
}

/** Stands in for the user's first words when nothing of them has a place in the shape. */
export const leftOutWords = '(What stood here cannot be shown to this model.)';

/**
 * The turns, beginning with the user. Throws INVALID when the history does not; when it does, and
 * everything that was said first is left out, `stand` says so.
 */
export function userFirst<P>(
  turns: readonly Turn<P>[],
  pieces: readonly Piece[],
  stand: (words: string) => P,
): readonly Turn<P>[] {
  const [first] = turns;
  const piece = first?.parts[0]?.piece;
  if (first?.speaker !== 'assistant' || piece === undefined) return turns;
  const begin = pieces.find(({ speaker }) => speaker !== 'system');
  if (begin?.speaker !== 'user') {
    refuse('LEADING_ASSISTANT', piece, 'The first message is one of the user');
  }
  return [{ speaker: 'user', parts: [{ piece: begin, part: stand(leftOutWords) }] }, ...turns];
}

/** Parts that came from one message, together. */
export function messageGroups<P>(parts: readonly Part<P>[]): readonly (readonly Part<P>[])[] {
  const grouped = new Map<number, Part<P>[]>();
  for (const part of parts) {
    const group = grouped.get(part.piece.message);
    if (group === undefined) grouped.set(part.piece.message, [part]);
    else group.push(part);
  }
  return [...grouped.values()];
}

/** The model that goes on: the one that was asked for, or the last one that is named. */
export function modelOf(
  messages: readonly PlacedMessage[],
  { model }: { readonly model?: string | null },
): string | null {
  // A name in angle brackets stands for what a tool wrote by itself.
  const named = messages.findLast(({ model: told }) => told !== null && !told.startsWith('<'));
  return model ?? named?.model ?? null;
}

/** True when another model than the one that goes on wrote this: it signed for itself. */
export function isForeign({ model }: Piece, goesOn: string | null): boolean {
  return model !== null && goesOn !== null && modelKey(model) !== modelKey(goesOn);
}
