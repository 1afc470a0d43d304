/**
 * How a history ends: in a turn that is not finished, with the assistant speaking last, or with
 * white space that a provider takes for the beginning of the answer it is to go on with.
 *
 * A stored history usually ends with the answer of the assistant, and goes on with a message of
 * the user; then nothing of that matters. So what is refused only as the last message weighs in
 * full when the history is sent as it is, and less otherwise.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { CallRule } from './calls.ts';
import type { Spot } from './finding-log.ts';
import { type Rule, type RuleSetting, type Seen, isContent, isThinking, spotOf } from './rule.ts';

interface Last {
  readonly seen: Seen;
  /** Of the last block that can be seen; a blank text behind it is a fault of its own. */
  readonly blockSpot: Spot;
  readonly endsInSpace: boolean;
  readonly endsInThinking: boolean;
}

/** The rule. `calls` must have seen every message that this has seen. */
export class EndRule implements Rule {
  readonly #setting: RuleSetting;
  readonly #calls: CallRule;
  /** The last message; looked at only when it turns out to be that. */
  #last: Seen | null = null;

  constructor(setting: RuleSetting, calls: CallRule) {
    this.#setting = setting;
    this.#calls = calls;
  }

  see(seen: Seen): void {
    if (seen.speaker === 'user' || seen.speaker === 'assistant') this.#last = seen;
  }

  finish(): void {
    if (this.#last === null) return;
    const last = lastOf(this.#last);
    this.#unfinished(last);
    if (last.seen.speaker === 'assistant') this.#assistantLast(last);
  }

  #unfinished(last: Last): void {
    const open = this.#calls.stillOpen;
    const { seen, endsInThinking } = last;
    const interrupted = seen.speaker === 'user' || seen.empty || endsInThinking;
    if (open === 0 && !interrupted) return;
    this.#setting.log.add('UNFINISHED_TURN', spotOf(seen, null), {
      meaning:
        open > 0
          ? `The last turn waits for ${open === 1 ? 'a result' : `${String(open)} results`}.`
          : 'The conversation ends before the assistant has answered.',
      fix: open > 0 ? 'Go on with it, or add results that say the outcome is unknown.' : null,
      ...(open > 0 ? {} : { form: 'milder' }),
    });
  }

  #assistantLast(last: Last): void {
    const { log, end, traits } = this.#setting;
    const form = end === 'sent' ? {} : ({ form: 'milder' } as const);
    log.add('TRAILING_ASSISTANT', spotOf(last.seen, null), {
      meaning: `The last message is the assistant's, and ${traits.title} wants the user's.`,
      fix: 'Put a message of the user behind it.',
      ...form,
    });
    if (last.endsInSpace) {
      log.add('TRAILING_WHITESPACE', last.blockSpot, {
        meaning: 'The last message is of the assistant and its text ends in white space.',
        fix: 'Take the white space off.',
        ...form,
      });
    }
    // Responses keep reasoning in items of their own, which `items.ts` looks at.
    if (last.endsInThinking && this.#setting.profile !== 'openai-responses') {
      log.add('REASONING_WITHOUT_ITEM', last.blockSpot, {
        meaning: 'The last message ends in thinking that leads to nothing.',
        fix:
          end === 'sent'
            ? 'Take the thinking out.'
            : 'Go on with a message of the user; sent as it is, take the thinking out.',
        ...form,
      });
    }
  }
}

function lastOf(seen: Seen): Last {
  const index = seen.message.content.findLastIndex(isContent);
  const block = seen.message.content[index];
  return {
    seen,
    blockSpot: spotOf(seen, index === -1 ? null : index),
    endsInSpace: block !== undefined && endsInSpace(block),
    endsInThinking: block !== undefined && isThinking(block),
  };
}

function endsInSpace(block: ContentBlock): boolean {
  return block.type === 'text' && typeof block['text'] === 'string' && /\s$/u.test(block['text']);
}
