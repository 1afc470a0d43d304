/** The form of a call by itself: its id, its name, its arguments. */
import { isToolUse } from '../../session/blocks.ts';
import type { ContentBlock } from '../../session/message.ts';
import { objectIn } from '../object-text.ts';
import type { Spot } from './finding-log.ts';
import { type Rule, type RuleSetting, type Seen, quoted, spotOf } from './rule.ts';

/** The rule. */
export class CallShapeRule implements Rule {
  readonly #setting: RuleSetting;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    let index = -1;
    for (const block of seen.message.content) {
      index += 1;
      if (block.type === 'tool_use') this.#look(block, seen, index);
    }
  }

  finish(): void {
    // Every call is told when it is seen.
  }

  #look(block: ContentBlock, seen: Seen, index: number): void {
    const { callId, toolName } = this.#setting.traits;
    const name: unknown = block['name'];
    const isFine =
      isToolUse(block) &&
      callId.pattern.test(block.id) &&
      typeof name === 'string' &&
      toolName.pattern.test(name) &&
      isArguments(block['input']);
    if (!isFine) this.#tell(block, spotOf(seen, index));
  }

  #tell(block: ContentBlock, spot: Spot): void {
    const { log, traits } = this.#setting;
    const { title, callId, toolName } = traits;
    const id = isToolUse(block) ? block.id : null;
    const of = id === null ? {} : { callId: id };
    if (id === null || !callId.pattern.test(id)) {
      log.add('BAD_CALL_ID', spot, {
        ...of,
        meaning: `The call has ${shown(id, 'id')}; for ${title} it must be ${callId.words}.`,
        fix: 'Give the call and its result another id.',
      });
    }
    const name: unknown = block['name'];
    const text = typeof name === 'string' ? name : null;
    if (text === null || !toolName.pattern.test(text)) {
      log.add('BAD_TOOL_NAME', spot, {
        ...of,
        meaning: `The call has ${shown(text, 'name')}; for ${title} it must be ${toolName.words}.`,
        fix: 'Rename the tool in this call.',
      });
    }
    const { input } = block as { readonly input?: unknown };
    if (isArguments(input)) return;
    const none = input === undefined || input === null;
    const said = objectIn(input);
    // Arguments that are no JSON were kept as the text that they are.
    const isJson = !none && typeof input !== 'string';
    const bare = said === null ? words.other : words.text;
    const { meaning, fix } = none ? words.none : bare;
    log.add('BAD_ARGUMENTS', spot, {
      ...of,
      meaning: isJson ? 'The arguments of the call are no JSON object.' : meaning,
      fix,
      ...(isJson ? { form: 'milder' } : {}),
    });
  }
}

const words = {
  none: { meaning: 'The call has no arguments.', fix: 'Give it an empty object.' },
  text: {
    meaning: 'The arguments of the call are the text of an object, and not the object.',
    fix: 'Put the object there that the text says.',
  },
  other: {
    meaning: 'The arguments of the call are no JSON.',
    fix: 'Wrap what is there in an object.',
  },
} as const;

function shown(text: string | null, what: string): string {
  return text === null ? `no ${what}` : `the ${what} ${quoted(text)}`;
}

function isArguments(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
