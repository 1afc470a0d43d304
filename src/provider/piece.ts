/** A block of a conversation, as exports go through it. */
import type { Place } from '../integrity/conversation.ts';
import type { ContentBlock } from '../session/message.ts';

/** Who speaks, as every provider tells it apart. */
export type Speaker = 'system' | 'user' | 'assistant';

/** One block with its place. */
export interface Piece {
  readonly speaker: Speaker;
  readonly block: ContentBlock;
  readonly place: Place;
  /** 0-based number of its message. */
  readonly message: number;
  /** 0-based number within its message. */
  readonly index: number;
  /** The model that wrote it, where that is known. */
  readonly model: string | null;
}
