/**
 * Tools that the provider runs itself (`server_tool_use`, `mcp_tool_use`) have their results in
 * messages of the assistant. A result needs its call before it in the same turn, and a call its
 * result before the user speaks again; between them may stand results of the user's own tools.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { Spot } from './finding-log.ts';
import { type Rule, type RuleSetting, type Seen, quoted, speaks, spotOf } from './rule.ts';

/** The rule. */
export class ServerToolRule implements Rule {
  readonly #setting: RuleSetting;
  /** Calls of this turn; those that have their result hold null. */
  readonly #calls: Map<string, Spot | null> = new Map();

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  see(seen: Seen): void {
    const { speaker, message } = seen;
    if (speaker === 'user') {
      if (this.#calls.size > 0 && speaks(seen)) this.#settle(null);
      return;
    }
    if (speaker !== 'assistant') return;
    let index = -1;
    for (const block of message.content) {
      index += 1;
      if (isCall(block)) this.#call(idOf(block), spotOf(seen, index));
      else if (isResult(block)) this.#result(idOf(block), spotOf(seen, index));
    }
  }

  finish(): void {
    this.#settle(this.#setting.end === 'open' ? 'milder' : null);
  }

  #call(id: string | null, spot: Spot): void {
    if (id !== null) this.#calls.set(id, spot);
    else this.#alone(spot, null, null);
  }

  #result(id: string | null, spot: Spot): void {
    if (id !== null && this.#calls.has(id)) {
      this.#calls.set(id, null);
      return;
    }
    this.#setting.log.add('UNPAIRED_SERVER_TOOL', spot, {
      ...(id === null ? {} : { callId: id }),
      meaning: 'A result of a tool of the provider has no call before it in its turn.',
      fix: 'Take the result out.',
    });
  }

  #settle(form: 'milder' | null): void {
    for (const [id, spot] of this.#calls) {
      if (spot === null) continue;
      this.#alone(spot, id, form);
    }
    this.#calls.clear();
  }

  #alone(spot: Spot, id: string | null, form: 'milder' | null): void {
    const name = id === null ? '' : ` ${quoted(id)}`;
    this.#setting.log.add('UNPAIRED_SERVER_TOOL', spot, {
      ...(id === null ? {} : { callId: id }),
      meaning: `The call${name} of a tool of the provider has no result in its turn.`,
      fix: 'Take the call out.',
      ...(form === null ? {} : { form }),
    });
  }
}

function isCall(block: ContentBlock): boolean {
  return block.type === 'server_tool_use' || block.type === 'mcp_tool_use';
}

function isResult(block: ContentBlock): boolean {
  return block.type !== 'tool_result' && block.type.endsWith('_tool_result');
}

function idOf(block: ContentBlock): string | null {
  const id: unknown = isCall(block) ? block['id'] : block['tool_use_id'];
  return typeof id === 'string' ? id : null;
}
