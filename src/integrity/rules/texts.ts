/**
 * What is wrong with a message by itself: nothing in it, or nothing that can be read, blank texts,
 * half characters, a role that nobody knows. The questions are those of `message-issues.ts`.
 */
import { isToolResult } from '../../session/blocks.ts';
import type { ContentBlock } from '../../session/message.ts';
import { hasHalfCharacter, isBlankText, isKnownRole } from '../message-issues.ts';
import type { Spot } from './finding-log.ts';
import { misshapen } from './part-shapes.ts';
import {
  type Rule,
  type RuleSetting,
  type Seen,
  isTyped,
  partsOfResult,
  quoted,
  spotOf,
} from './rule.ts';

/** True for a value that stands where a block should, and is none. */
function isBare(block: ContentBlock): block is ContentBlock & { readonly value: unknown } {
  return block.type === 'unknown' && 'value' in block;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object without one' : `a ${typeof value}`;
}

/**
 * True for a thought that has a place beside the content, which is none of it. Items of other
 * providers have none there; thoughts in a list are a content of Mistral's own.
 */
function isThought(block: ContentBlock): boolean {
  const said: unknown = block['thinking'];
  return block.type === 'thinking' && !Array.isArray(said);
}

const nothing = { meaning: 'The message has nothing in it.', fix: 'Take it out.' } as const;

const thoughtOnly = {
  meaning: 'The answer has reasoning, and neither words nor a call; that is no content.',
  fix: 'Say in a text that the answer is missing, or take it out.',
} as const;

/** Members that are named. */
const namesMax = 5;

/** The rule. */
export class TextRule implements Rule {
  readonly #setting: RuleSetting;
  /** An empty message of the assistant, as long as it is the last one. */
  #emptyLast: { readonly spot: Spot; readonly is: 'bare' | 'blank' | 'thought' } | null = null;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    const { message, speaker, empty } = seen;
    const { log } = this.#setting;
    if (!isKnownRole(message.role)) {
      log.add('UNKNOWN_ROLE', spotOf(seen, null), {
        meaning: `The role ${quoted(message.role)} is not one that providers know.`,
        fix: 'Translate it before the message is sent.',
      });
    }
    this.#settleEmpty(null);
    if (message.unread !== undefined) this.#unread(seen, message.unread);
    else if (empty || this.#onlyThinks(seen)) {
      const is = message.content.length === 0 ? 'bare' : empty ? 'blank' : 'thought';
      this.#emptyLast = { spot: spotOf(seen, null), is };
      if (speaker !== 'assistant') this.#settleEmpty(null);
    }
    let index = -1;
    for (const block of message.content) {
      index += 1;
      if (!empty && isBlankText(block)) this.#blank(spotOf(seen, index), 'The text');
      if (this.#hasBlankInside(block)) this.#blank(spotOf(seen, index), 'A text of the result');
      this.#shape(block, spotOf(seen, index));
      if (hasHalfCharacter(block)) {
        log.add('LONE_SURROGATE', spotOf(seen, index), {
          meaning: 'A text holds half of a character (a lone surrogate).',
          fix: 'Replace the half with U+FFFD.',
        });
      }
    }
  }

  finish(): void {
    this.#settleEmpty(this.#setting.end === 'resumed' ? null : 'milder');
  }

  #unread(seen: Seen, unread: Readonly<Record<string, unknown>>): void {
    const names = Object.keys(unread).slice(0, namesMax).map(quoted).join(', ');
    this.#setting.log.add('UNREADABLE_CONTENT', spotOf(seen, null), {
      meaning: `What the message says cannot be read; it stands in ${names}.`,
      fix: 'Put the words into its content by hand, where they are known.',
    });
  }

  /** What is no block, as a reader gives it, or in a result as its tool left it. */
  #shape(block: ContentBlock, spot: Spot): void {
    const { content } = block as { readonly content?: unknown };
    const parts: readonly unknown[] =
      block.type === 'tool_result' && Array.isArray(content) ? content : [];
    const bare = isBare(block) ? [block] : parts.filter((part) => !isTyped(part) || isBare(part));
    if (bare.length === 0) {
      const told = misshapen(block);
      if (told !== null) this.#setting.log.add('MALFORMED_BLOCK', spot, told);
      return;
    }
    const [first] = bare;
    const value = isTyped(first) && isBare(first) ? first.value : first;
    const where = isBare(block) ? 'this' : 'one in this result';
    this.#setting.log.add('MALFORMED_BLOCK', spot, {
      meaning: `A block is an object with a type, and ${where} is ${kindOf(value)}.`,
      fix: 'Write what it says as a text, or take it out.',
    });
  }

  #blank(spot: Spot, which: string): void {
    this.#setting.log.add('EMPTY_TEXT', spot, {
      meaning: `${which} has no visible character.`,
      fix: 'Take it out.',
    });
  }

  /**
   * A tool that printed nothing is no fault, but a text block without text inside its result is.
   * Bedrock wants a text in a result that is an error.
   */
  #hasBlankInside(block: ContentBlock): boolean {
    if (!isToolResult(block)) return false;
    // Whoever wrote the file may have put anything there, null as well.
    const content: unknown = block.content;
    if (typeof content === 'string' && content.length > 0) return false;
    if (partsOfResult(block).some(isBlankText)) return true;
    const none = !(typeof content === 'string' || Array.isArray(content)) || content.length === 0;
    return none && block.is_error === true && this.#setting.profile === 'bedrock';
  }

  /** A blank text beside the thoughts is a content where one is taken. */
  #onlyThinks({ message, speaker }: Seen): boolean {
    const { loneThoughts, blankMessages } = this.#setting.traits;
    if (speaker !== 'assistant' || loneThoughts === 'taken') return false;
    const isNothing = (block: ContentBlock): boolean =>
      isThought(block) || (blankMessages === 'refused' && isBlankText(block));
    return message.content.every(isNothing) && message.content.some(isThought);
  }

  #settleEmpty(form: 'milder' | null): void {
    if (this.#emptyLast === null) return;
    const { log, traits } = this.#setting;
    const { spot, is } = this.#emptyLast;
    const isMilder = form !== null || (is === 'blank' && traits.blankMessages === 'taken');
    log.add('EMPTY_MESSAGE', spot, {
      ...(is === 'thought' ? thoughtOnly : nothing),
      ...(isMilder ? { form: 'milder' } : {}),
    });
    this.#emptyLast = null;
  }
}
