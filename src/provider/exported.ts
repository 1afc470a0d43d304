/**
 * What every export gives, and how it says no. An export is valid by construction: what the
 * provider would refuse is an error with its place and finding code, and what the shape has no
 * words for is left out and told. A repair plan for the provider's profile comes first; after it
 * nothing is refused, but for what a plan never touches, such as too many images. Pure.
 */
import { HoldfastError } from '../base/errors.ts';
import type { Place } from '../integrity/conversation.ts';
import type { MessageCode } from '../integrity/finding.ts';
import { hasHalfCharacter } from '../integrity/message-issues.ts';
import type { Piece } from './piece.ts';

/** One block, or a part of it, that is not in what was exported. */
export interface LeftOut {
  readonly place: Place;
  /** 0-based, among the messages that were given. */
  readonly messageIndex: number;
  /** 0-based, among the blocks of the message. */
  readonly blockIndex: number;
  /** The type of the block, or of the part of a result. */
  readonly type: string;
  /** Why the shape has no place for it, in a few words. */
  readonly why: string;
}

/** Settings of an export. */
export interface ExportOptions {
  /**
   * The model that goes on with the conversation. Reasoning that another one signed is left out.
   * Default: the model of the last message that names one.
   */
  readonly model?: string | null;
}

/** What an export comes to. */
export interface Exported<T> {
  readonly value: T;
  readonly leftOut: readonly LeftOut[];
}

/** Notes what is left out; answers with null, which stands for nothing. */
export type Leave = (piece: Piece, why: string, type?: string) => null;

/** A list of what is left out, and the function that adds to it. */
export function leaving(): { readonly leftOut: readonly LeftOut[]; readonly leave: Leave } {
  const leftOut: LeftOut[] = [];
  const leave: Leave = ({ place, message, index, block }, why, type = block.type) => {
    leftOut.push({ place, messageIndex: message, blockIndex: index, type, why });
    return null;
  };
  return { leftOut, leave };
}

/** Throws INVALID: the provider refuses the history at this place, for the reason of the code. */
export function refuse(code: MessageCode, piece: Omit<Piece, 'block'>, what: string): never {
  const { message, index, place } = piece;
  const entry = place.id === null ? '' : `, ${JSON.stringify(place.id.slice(0, 100))}`;
  const where = `message ${message + 1}, block ${index + 1}${entry}`;
  const text = `${what} (${code} at ${where}); plan a repair and apply it before exporting`;
  throw new HoldfastError('INVALID', text, { path: `messages[${message}].content[${index}]` });
}

/** Refuses half characters, wherever in the block they stand: no provider takes them. */
export function requireWellFormed(piece: Piece): void {
  if (hasHalfCharacter(piece.block)) {
    refuse('LONE_SURROGATE', piece, 'The provider takes no half of a character');
  }
}
