/**
 * Who speaks after whom, with what a history may begin, and what stands behind a call in the turn
 * of the assistant.
 */
import { isToolUse } from '../../session/blocks.ts';
import type { ContentBlock } from '../../session/message.ts';
import {
  type Rule,
  type RuleSetting,
  type Seen,
  type Speaker,
  isContent,
  isThinking,
  spotOf,
} from './rule.ts';

/** What a message is for providers that give results a role of their own. */
type Part = 'user' | 'assistant' | 'tool' | 'system';

/** The rule. */
export class OrderRule implements Rule {
  readonly #setting: RuleSetting;
  /** Of the last message that is one for this provider. */
  #before: Speaker | null = null;
  #partBefore: Part | null = null;
  /** Whether the turn of the assistant has called already. */
  #called = false;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    const { speaker } = seen;
    if (speaker !== 'other') this.#sides(seen);
    if (this.#setting.traits.roleOrder === 'assistant-after-tool') this.#parts(seen);
    if (speaker === 'other' || speaker === 'system') return;
    if (this.#before === null && speaker === 'assistant') {
      this.#setting.log.add('LEADING_ASSISTANT', spotOf(seen, null), {
        meaning: 'The conversation begins with a message of the assistant.',
        fix: 'Put a message of the user in front that says the beginning is missing.',
      });
    }
    if (this.#before === speaker && this.#setting.traits.roleOrder === 'alternating') {
      this.#setting.log.add('ROLE_ORDER', spotOf(seen, null), {
        meaning: `Two messages of the ${speaker} stand in a row, and roles must take turns.`,
        fix: 'Make one message of them.',
      });
    }
    if (speaker === 'assistant') this.#afterCall(seen);
    this.#before = speaker;
  }

  finish(): void {
    // Everything is told when it is seen.
  }

  #afterCall(seen: Seen): void {
    if (this.#before !== 'assistant') this.#called = false;
    let index = -1;
    for (const block of seen.message.content) {
      index += 1;
      if (isToolUse(block)) this.#called = true;
      else if (this.#called && isContent(block)) {
        const what = isThinking(block) ? 'Thinking' : 'Content';
        this.#setting.log.add('CONTENT_AFTER_CALL', spotOf(seen, index), {
          meaning: `${what} stands behind a call of its turn.`,
          fix: 'Move it in front of the calls.',
        });
      }
    }
  }

  /** Only the assistant calls and thinks, and only the user hands results over. */
  #sides(seen: Seen): void {
    let index = -1;
    for (const block of seen.message.content) {
      index += 1;
      const what = wrongSide(block, seen.speaker);
      // Where places count, such a result is displaced, and told as that.
      if (what === null) continue;
      if (what === 'A result' && this.#setting.traits.results === 'next-turn') continue;
      this.#setting.log.add('ROLE_ORDER', spotOf(seen, index), {
        meaning: `${what} stands in a message of the ${seen.speaker}.`,
        fix: what === 'A result' ? 'Move it into a message of the user.' : 'Quote it as text.',
      });
    }
  }

  /** Mistral: behind results comes the assistant, and instructions follow only the user. */
  #parts(seen: Seen): void {
    for (const [part, index] of partsOf(seen)) {
      const before = this.#partBefore;
      this.#partBefore = part;
      const refused =
        (before === 'tool' && (part === 'user' || part === 'system')) ||
        (before === 'assistant' && part === 'system');
      if (!refused) continue;
      this.#setting.log.add('ROLE_ORDER', spotOf(seen, index), {
        meaning: `What the ${part} says stands directly behind ${behind(before)}.`,
        fix: 'Put a message of the assistant in between.',
      });
    }
  }
}

function behind(part: Part): string {
  return part === 'tool' ? 'results of tools' : 'a message of the assistant';
}

function wrongSide(block: ContentBlock, speaker: Speaker): string | null {
  const { type } = block;
  if (type === 'tool_result') return speaker === 'user' ? null : 'A result';
  if (speaker === 'assistant') return null;
  if (type === 'tool_use') return 'A call';
  return isThinking(block) || type === 'reasoning' ? 'Thinking' : null;
}

/**
 * Results and other content of a user's message are messages of their own, in their order. What is
 * empty is not sent.
 */
function partsOf({ speaker, message, empty }: Seen): readonly (readonly [Part, number | null])[] {
  if (speaker === 'assistant') return [[speaker, null]];
  if (speaker === 'other' || empty) return [];
  if (speaker === 'system') return [[speaker, null]];
  const parts: [Part, number | null][] = [];
  message.content.forEach((block, index) => {
    const part = partOf(block);
    if (isContent(block) && part !== parts.at(-1)?.[0]) parts.push([part, index]);
  });
  return parts;
}

function partOf(block: ContentBlock): Part {
  return block.type === 'tool_result' ? 'tool' : 'user';
}
