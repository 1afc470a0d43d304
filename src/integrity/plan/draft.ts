/**
 * The conversation while it is mended. Passes change the draft; the edits are read off it at the
 * end, by comparing it with what it began as. So a pass need not know which edits came before it,
 * and what a plan says is what it does.
 *
 * A block remembers where it came from. It is at home until it is moved; blocks at home keep their
 * order, so that an edit can always point at what was there before.
 */
import { assert, present } from '../../base/assert.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { BlockRef, PlacedMessage } from '../conversation.ts';
import type { TranscriptCode } from '../finding.ts';
import { lostOf } from './losses.ts';
import type { Lost } from './plan.ts';
import { words } from './shapes.ts';

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

/**
 * A message of the draft. Blocks that were taken out are swept when the others are next asked for,
 * so that a message of a hundred thousand calls does not cost the square of that.
 */
export class DraftMessage {
  readonly role: string;
  /** Its number at first; null for a new one. */
  readonly from: number | null;
  /** Why it is new; of one that was there, why it last gave a block away. */
  why: Why | null;
  #blocks: readonly DraftBlock[];
  #gone: Set<DraftBlock> | null = null;

  constructor(role: string, from: number | null, blocks: readonly DraftBlock[], why: Why | null) {
    this.role = role;
    this.from = from;
    this.why = why;
    this.#blocks = blocks;
  }

  /** What it holds now. */
  get blocks(): readonly DraftBlock[] {
    const gone = this.#gone;
    if (gone === null) return this.#blocks;
    const left = this.#blocks.filter((block) => !gone.has(block));
    const isSound = left.length === this.#blocks.length - gone.size;
    assert(isSound, 'a block is taken out of its own message');
    this.#blocks = left;
    this.#gone = null;
    return left;
  }

  /** Takes one of its blocks out. */
  take(block: DraftBlock): void {
    this.#gone ??= new Set();
    assert(!this.#gone.has(block), 'a block is taken out once');
    this.#gone.add(block);
  }

  /** Puts blocks in front of the one that has this number now. */
  put(index: number, blocks: readonly DraftBlock[]): void {
    const all = this.blocks;
    this.#blocks = [...all.slice(0, index), ...blocks, ...all.slice(index)];
  }
}

/** What becomes of the words of a block that is taken out. */
export type Fate = 'lost' | 'kept';

/** Sentences that one change tells at most. */
const toldMax = 8;

/** Several reasons as one, under the code of the first. */
export function allOf(reasons: readonly Why[]): Why {
  const { reason } = present(reasons[0], 'a change has a reason');
  const all = [...new Set(reasons.map(({ told }) => told))];
  const more = all.length - toldMax;
  const rest = more > 0 ? [`${String(more)} more of this kind are done with it.`] : [];
  return { reason, told: [...all.slice(0, toldMax), ...rest].join(' ') };
}

/** A block that is moved, the message that gives it away, and why. */
export interface Moved {
  readonly block: DraftBlock;
  readonly source: DraftMessage;
  readonly why: Why;
}

/** A block that is put into a message: a new one, or one that is moved. */
export type Coming = Moved | { readonly content: ContentBlock; readonly why: Why };

/**
 * Messages that are being mended. Messages that come and go are settled when the others are next
 * asked for: a plan of a hundred thousand new messages must not move all others for each of them.
 */
export class Draft {
  readonly before: readonly PlacedMessage[];
  readonly lost: Lost[] = [];
  /** Why what is no longer there went, by message and block. */
  readonly goneBlocks: Map<string, Why> = new Map();
  readonly goneMessages: Map<number, Why> = new Map();
  /** Changes so far; a round of passes without one is the last. */
  changes = 0;
  #messages: readonly DraftMessage[];
  /** New messages, by the one that they stand behind; the last one stands nearest to it. */
  readonly #behind = new Map<DraftMessage | null, DraftMessage[]>();
  readonly #gone = new Set<DraftMessage>();

  constructor(messages: readonly PlacedMessage[]) {
    this.before = messages;
    this.#messages = messages.map(({ role, content }, index) => {
      const blocks = content.map((one, block): DraftBlock => {
        return { content: one, from: { message: index, block }, isHome: true, why: null };
      });
      return new DraftMessage(role, index, blocks, null);
    });
  }

  /** The messages as they are now; the list itself does not change any more. */
  get messages(): readonly DraftMessage[] {
    if (this.#behind.size === 0 && this.#gone.size === 0) return this.#messages;
    const settled: DraftMessage[] = [];
    const open: DraftMessage[] = [];
    const settle = (): void => {
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (!this.#gone.has(next)) settled.push(next);
        for (const behind of this.#behind.get(next) ?? []) open.push(behind);
      }
    };
    for (const first of this.#behind.get(null) ?? []) open.push(first);
    settle();
    for (const message of this.#messages) {
      open.push(message);
      settle();
    }
    this.#messages = settled;
    this.#behind.clear();
    this.#gone.clear();
    return settled;
  }

  /** Gives a block other content; one that changes more than once tells of every change. */
  replace(block: DraftBlock, content: ContentBlock, why: Why): void {
    block.content = content;
    block.why = allOf([...(block.why === null ? [] : [block.why]), why]);
    this.changes += 1;
  }

  /** Takes a block out; a lost one is named in the plan when it was there at first. */
  takeOut(message: DraftMessage, block: DraftBlock, why: Why, fate: Fate): void {
    message.take(block);
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
    this.put(message, index, [{ content, why }]);
  }

  /**
   * Puts blocks into a message, one behind the other, in front of the block that has this number
   * once those that move have left.
   */
  put(target: DraftMessage, index: number, coming: readonly Coming[]): void {
    const blocks = coming.map((one): DraftBlock => {
      const { why } = one;
      if ('content' in one) return { content: one.content, from: null, isHome: false, why };
      this.takeOut(one.source, one.block, why, 'kept');
      return { content: one.block.content, from: one.block.from, isHome: false, why };
    });
    target.put(index, blocks);
    this.changes += 1;
  }

  /** A new message without blocks, behind another one; null stands for the beginning. */
  insertMessage(behind: DraftMessage | null, role: 'user' | 'assistant', why: Why): DraftMessage {
    const message = new DraftMessage(role, null, [], why);
    const others = this.#behind.get(behind);
    if (others === undefined) this.#behind.set(behind, [message]);
    else others.push(message);
    this.changes += 1;
    return message;
  }

  /** Removes a message in which nothing is left. */
  removeMessage(message: DraftMessage, why: Why): void {
    assert(message.blocks.length === 0, 'what a removed message held is accounted for');
    assert(!this.#gone.has(message), 'a message is removed once');
    this.#gone.add(message);
    if (message.from !== null) this.goneMessages.set(message.from, why);
    this.loseUnread(message);
    this.changes += 1;
  }

  /** What the message said at first and nobody can read; null where it could be read. */
  unreadIn({ from }: DraftMessage): Readonly<Record<string, unknown>> | null {
    return from === null ? null : (this.before[from]?.unread ?? null);
  }

  /** Names what cannot be read in the message as lost: it goes, or something takes its place. */
  loseUnread(message: DraftMessage): void {
    const unread = this.unreadIn(message);
    if (unread === null || message.from === null) return;
    const at = { message: message.from, block: 0 };
    const told = 'What stands in this message cannot be read, and is not sent.';
    const why: Why = { reason: 'UNREADABLE_CONTENT', told };
    this.lost.push({ at, kind: 'other', callId: null, text: words(unread), ...why });
  }
}
