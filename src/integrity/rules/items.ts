/**
 * Items of OpenAI's Responses: a reasoning item needs the item that came of it right behind it, and
 * no two items share an id. Blocks carry the id of their item in `item_id`; a `reasoning` block is
 * the item itself.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { Spot } from './finding-log.ts';
import { IdSet } from './id-set.ts';
import { type Rule, type RuleSetting, type Seen, isContent, quoted, spotOf } from './rule.ts';

/** The rule. */
export class ItemRule implements Rule {
  readonly #setting: RuleSetting;
  readonly #ids: IdSet = new IdSet();
  /** Reasoning that nothing has followed yet. */
  #waiting: { readonly spot: Spot; readonly id: string | null } | null = null;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    const { speaker, message } = seen;
    if (speaker === 'user') this.#leftAlone();
    let index = -1;
    for (const block of message.content) {
      index += 1;
      const id = itemId(block);
      if (id !== null && !this.#ids.add(id)) this.#repeated(id, spotOf(seen, index));
      if (speaker !== 'assistant') continue;
      if (block.type === 'reasoning') this.#waiting = { spot: spotOf(seen, index), id };
      else if (isContent(block)) this.#waiting = null;
    }
  }

  finish(): void {
    this.#leftAlone();
  }

  #repeated(id: string, spot: Spot): void {
    this.#setting.log.add('DUPLICATE_ITEM_ID', spot, {
      meaning: `An earlier item has the id ${quoted(id)} too.`,
      fix: 'Take the id off, or the item when it is the same.',
    });
  }

  #leftAlone(): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#setting.profile !== 'openai-responses') return;
    this.#waiting = null;
    const name = waiting.id === null ? 'A reasoning item' : `The reasoning ${quoted(waiting.id)}`;
    this.#setting.log.add('REASONING_WITHOUT_ITEM', waiting.spot, {
      meaning: `${name} stands without the item that came of it.`,
      fix: 'Take the reasoning out.',
      ...(waiting.id === null ? { form: 'milder' } : {}),
    });
  }
}

function itemId(block: ContentBlock): string | null {
  const own: unknown = block.type === 'reasoning' ? block['id'] : block['item_id'];
  return typeof own === 'string' && own !== '' ? own : null;
}
