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
  readonly speaker: 'user' | 'assistant';
  readonly spot: Spot;
  readonly blockSpot: Spot;
  readonly empty: boolean;
  readonly endsInSpace: boolean;
  readonly endsInThinking: boolean;
}

/** The rule. `calls` must have seen every message that this has seen. */
export class EndRule implements Rule {
  readonly #setting: RuleSetting;
  readonly #calls: CallRule;
  #last: Last | null = null;

  constructor(setting: RuleSetting, calls: CallRule) {
    this.#setting = setting;
    this.#calls = calls;
  }

  see(seen: Seen): void {
    const { speaker, message, empty } = seen;
    if (speaker !== 'user' && speaker !== 'assistant') return;
    // A blank text at the end is a fault of its own; what counts is the last that can be seen.
    const index = message.content.findLastIndex(isContent);
    const block = message.content[index];
    this.#last = {
      speaker,
      empty,
      spot: spotOf(seen, null),
      blockSpot: spotOf(seen, index === -1 ? null : index),
      endsInSpace: block !== undefined && endsInSpace(block),
      endsInThinking: block !== undefined && isThinking(block),
    };
  }

  finish(): void {
    const last = this.#last;
    if (last === null) return;
    this.#unfinished(last);
    if (last.speaker === 'assistant') this.#assistantLast(last);
  }

  #unfinished(last: Last): void {
    const open = this.#calls.stillOpen;
    const interrupted = last.speaker === 'user' || last.empty || last.endsInThinking;
    if (open === 0 && !interrupted) return;
    this.#setting.log.add('UNFINISHED_TURN', last.spot, {
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
    log.add('TRAILING_ASSISTANT', last.spot, {
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
        fix: 'Take the thinking out.',
        ...form,
      });
    }
  }
}

function endsInSpace(block: ContentBlock): boolean {
  return block.type === 'text' && typeof block['text'] === 'string' && /\s$/u.test(block['text']);
}
