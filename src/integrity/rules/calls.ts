/**
 * Calls and their results: each call has one result, behind it, where the provider looks for it.
 *
 * A result answers the newest call with its id that came before it. A second call with an id is
 * told once, as a duplicate, and then stands for itself; if the first had no result by then, it
 * never will, and dangles. A second result for one call answers nothing. A result that stands
 * before its call is one fault, not two. This is the pairing of `call-pairing.ts`, with places
 * looked at as well, and in less memory: only open calls are kept whole.
 *
 * Places. The turn of the assistant is one message, or all in a row where the provider merges
 * them. The messages of the user right behind it are where its results belong, in front of
 * everything else that the user says. A result further on is displaced; one behind other content
 * of the same messages stands behind it. Instructions count as content where they are sent among
 * the messages.
 */
import { isToolResult, isToolUse } from '../../session/blocks.ts';
import type { ToolUseBlock } from '../../session/message.ts';
import { type OpenCall, type Turn, danglingWords } from './dangling.ts';
import type { Spot } from './finding-log.ts';
import { IdSet } from './id-set.ts';
import { type Rule, type RuleSetting, type Seen, isContent, quoted, spotOf } from './rule.ts';

/** The rule; others ask it at the end what is still open. */
export class CallRule implements Rule {
  readonly #setting: RuleSetting;
  readonly #seen: IdSet = new IdSet();
  readonly #open: Map<string, OpenCall> = new Map();
  /** Results whose call has not come, by id. */
  readonly #early: Map<string, Spot[]> = new Map();
  #turn: Turn = { answered: 0, wentOn: false };
  /** Whether the next message of the assistant begins a turn. */
  #turnOver = true;
  /** Whether anything but results was said since the turn of the assistant. */
  #contentSince = false;

  constructor(setting: RuleSetting) {
    this.#setting = setting;
  }

  /** Calls of the last turn that may still be answered by what is appended next. */
  get stillOpen(): number {
    let count = 0;
    for (const call of this.#open.values()) if (this.#isStillOpen(call)) count += 1;
    return count;
  }

  see(seen: Seen): void {
    const { speaker, message } = seen;
    const { traits } = this.#setting;
    if (speaker === 'other') return;
    const apart = speaker === 'system' && traits.systemApart;
    if (speaker === 'assistant') {
      if (this.#turnOver || !traits.mergesAssistant) {
        this.#turn.wentOn = !this.#contentSince;
        this.#turn = { answered: 0, wentOn: false };
      }
      this.#turnOver = false;
      this.#contentSince = false;
    } else if (!apart) {
      this.#turnOver = true;
    }
    let index = -1;
    for (const block of message.content) {
      index += 1;
      if (isToolUse(block)) this.#call(block, spotOf(seen, index), seen);
      else if (isToolResult(block)) this.#result(block.tool_use_id, spotOf(seen, index), seen);
      else if (block.type === 'tool_result') this.#orphan(spotOf(seen, index), null);
      else if (speaker !== 'assistant' && !apart && isContent(block)) this.#contentSince = true;
    }
  }

  finish(): void {
    for (const [callId, spots] of this.#early) {
      for (const spot of spots) this.#orphan(spot, callId);
    }
    for (const call of this.#open.values()) this.#dangles(call, this.#isStillOpen(call));
  }

  #call(block: ToolUseBlock, spot: Spot, { speaker }: Seen): void {
    const { id } = block;
    const before = this.#open.get(id);
    if (!this.#seen.add(id)) {
      this.#setting.log.add('DUPLICATE_TOOL_CALL_ID', spot, {
        callId: id,
        meaning: `An earlier call has the id ${quoted(id)} too, so results cannot be told apart.`,
        fix: 'Give this call and its result another id.',
      });
    }
    if (before !== undefined) {
      this.#open.delete(id);
      this.#dangles(before, false);
    }
    const early = this.#early.get(id);
    if (early === undefined) {
      const status = typeof block['status'] === 'string' ? block['status'] : null;
      const hasPlace = speaker === 'assistant' && this.#setting.traits.results === 'next-turn';
      this.#open.set(id, { id, spot, status, hasPlace, turn: this.#turn });
      return;
    }
    this.#early.delete(id);
    for (const [index, at] of early.entries()) {
      if (index > 0) this.#doubled(id, at);
      else {
        this.#setting.log.add('RESULT_BEFORE_CALL', at, {
          callId: id,
          meaning: `The result of ${quoted(id)} stands before its call.`,
          fix: 'Move it right behind the call.',
        });
      }
    }
  }

  #result(id: string, spot: Spot, { speaker }: Seen): void {
    const call = this.#open.get(id);
    if (call === undefined) {
      const early = this.#early.get(id);
      if (this.#seen.has(id)) this.#doubled(id, spot);
      else if (early === undefined) this.#early.set(id, [spot]);
      else early.push(spot);
      return;
    }
    this.#open.delete(id);
    call.turn.answered += 1;
    if (!call.hasPlace) return;
    if (call.turn !== this.#turn || speaker !== 'user') {
      this.#setting.log.add('DISPLACED_TOOL_RESULT', spot, {
        callId: id,
        meaning: `The result of ${quoted(id)} does not stand in the message behind its call.`,
        fix: 'Move it there.',
      });
    } else if (this.#contentSince) {
      this.#setting.log.add('CONTENT_BEFORE_RESULT', spot, {
        callId: id,
        meaning: `Something else stands between ${quoted(id)} and its result.`,
        fix: 'Move the result in front of it.',
      });
    }
  }

  #doubled(callId: string, spot: Spot): void {
    this.#setting.log.add('DUPLICATE_TOOL_RESULT', spot, {
      callId,
      meaning: `The call ${quoted(callId)} is answered more than once.`,
      fix: 'Keep only the first result.',
    });
  }

  #orphan(spot: Spot, callId: string | null): void {
    const isNamed = callId !== null && callId !== '';
    const which = isNamed ? 'No call has the id of the result' : 'The result names no call';
    const name = isNamed ? `, ${quoted(callId)}` : '';
    this.#setting.log.add('ORPHANED_TOOL_RESULT', spot, {
      ...(callId === null ? {} : { callId }),
      meaning: `${which}${name}; the message that held the call is missing.`,
      fix: 'Take the result out, or keep what it says as text of the user.',
    });
  }

  /** In the turn that is last, while nothing but results follows it, a result may still come. */
  #isStillOpen(call: OpenCall): boolean {
    return this.#setting.end === 'open' && call.turn === this.#turn && !this.#contentSince;
  }

  #dangles(call: OpenCall, stillOpen: boolean): void {
    const { lookup, log } = this.#setting;
    const known = lookup(call.id);
    log.add('DANGLING_TOOL_CALL', call.spot, {
      callId: call.id,
      ...danglingWords(call, { known, stillOpen }),
      ...(stillOpen ? { form: 'milder' } : {}),
    });
  }
}
