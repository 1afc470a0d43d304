/**
 * The conversation while it is mended. Passes change the draft; the edits are read off it at the
 * end, by comparing it with what it began as. So a pass need not know which edits came before it,
 * and what a plan says is what it does.
 *
 * A block remembers where it came from. It is at home until it is moved; blocks at home keep their
 * order, so that an edit can always point at what was there before.
 */
import { assert } from '../../base/assert.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { BlockRef, PlacedMessage } from '../conversation.ts';
import type { TranscriptCode } from '../finding.ts';
import { lostOf } from './losses.ts';
import type { Lost } from './plan.ts';

/** Why something is changed, in the words of its edit. */
export interface Why {
  readonly reason: TranscriptCode;
  readonly told: string;
}

/** A block of the draft. */
export interface DraftBlock {
  content: ContentBlock;
  /** Where it stood at first; null for a new one. */
  readonly from: BlockRef | null;
  /** False once it stands elsewhere, and for a new one. */
  readonly isHome: boolean;
  /** Why it was last changed, null while it is as it was. */
  why: Why | null;
}

/** A message of the draft. */
export interface DraftMessage {
  readonly role: string;
  /** Its number at first; null for a new one. */
  readonly from: number | null;
  readonly blocks: DraftBlock[];
  /** Why it is new; of one that was there, why it last gave a block away. */
  why: Why | null;
}

/** What becomes of the words of a block that is taken out. */
export type Fate = 'lost' | 'kept';

/** Messages that are being mended. */
export class Draft {
  readonly before: readonly PlacedMessage[];
  readonly messages: DraftMessage[];
  readonly lost: Lost[] = [];
  /** Why what is no longer there went, by message and block. */
  readonly goneBlocks: Map<string, Why> = new Map();
  readonly goneMessages: Map<number, Why> = new Map();
  /** Changes so far; a round of passes without one is the last. */
  changes = 0;

  constructor(messages: readonly PlacedMessage[]) {
    this.before = messages;
    this.messages = messages.map(({ role, content }, index) => ({
      role,
      from: index,
      why: null,
      blocks: content.map((one, block) => ({
        content: one,
        from: { message: index, block },
        isHome: true,
        why: null,
      })),
    }));
  }

  /** Gives a block other content. */
  replace(block: DraftBlock, content: ContentBlock, why: Why): void {
    block.content = content;
    block.why ??= why;
    this.changes += 1;
  }

  /** Takes a block out; a lost one is named in the plan when it was there at first. */
  takeOut(message: DraftMessage, block: DraftBlock, why: Why, fate: Fate): void {
    const index = message.blocks.indexOf(block);
    assert(index >= 0, 'a block is taken out of its own message');
    message.blocks.splice(index, 1);
    message.why ??= why;
    if (block.from !== null) {
      const { message: number, block: at } = block.from;
      if (block.isHome) this.goneBlocks.set(`${number}:${at}`, why);
      const original = this.before[number]?.content[at];
      if (fate === 'lost' && original !== undefined) {
        this.lost.push({ ...lostOf(original), ...why, at: block.from });
      }
    }
    this.changes += 1;
  }

  /** Puts new content into a message, in front of the block that has this number now. */
  insert(message: DraftMessage, index: number, content: ContentBlock, why: Why): void {
    message.blocks.splice(index, 0, { content, from: null, isHome: false, why });
    this.changes += 1;
  }

  /** Moves a block in front of the block that has this number in the other message by then. */
  move(
    block: DraftBlock,
    source: DraftMessage,
    target: DraftMessage,
    index: number,
    why: Why,
  ): DraftBlock {
    this.takeOut(source, block, why, 'kept');
    const moved: DraftBlock = { content: block.content, from: block.from, isHome: false, why };
    target.blocks.splice(index, 0, moved);
    return moved;
  }

  /** A new message without blocks, behind another one; null stands for the beginning. */
  insertMessage(behind: DraftMessage | null, role: 'user' | 'assistant', why: Why): DraftMessage {
    const message: DraftMessage = { role, from: null, blocks: [], why };
    const index = behind === null ? 0 : this.messages.indexOf(behind) + 1;
    this.messages.splice(index, 0, message);
    this.changes += 1;
    return message;
  }

  /** Removes a message in which nothing is left. */
  removeMessage(message: DraftMessage, why: Why): void {
    assert(message.blocks.length === 0, 'what a removed message held is accounted for');
    const index = this.messages.indexOf(message);
    assert(index >= 0, 'a removed message is in the draft');
    this.messages.splice(index, 1);
    if (message.from !== null) this.goneMessages.set(message.from, why);
    this.changes += 1;
  }
}
