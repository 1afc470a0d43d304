/**
 * Is this conversation one that a provider will take, and that tells the truth about its tools?
 *
 * An *error* is what no sender can mend without losing or inventing something; a *warning* is what
 * it can mend, or what may still come right by itself.
 *
 * - Every call needs a result and every result a call before it. Anthropic enforces this: all
 *   results stand in the user message right after the calls, consecutive messages of one role count
 *   as one, and a single call without its result makes every later request fail. A call without a
 *   result is therefore an error, except in the turn that is still open: in the last assistant
 *   message (or the last of them in a row), while nothing but results follows, what is appended
 *   next can still answer it. As soon as other content follows, it cannot. (Whether results are in
 *   the *next* message is not asked: other providers and runtimes place them otherwise, and moving
 *   them loses nothing.)
 * - An empty message is an error, except for an assistant message at the very end: Anthropic takes
 *   that one, and it is what an interrupted answer looks like. An empty text block beside other
 *   blocks, half characters and unusual roles are warnings: every sender can leave out, replace or
 *   translate them.
 * - An intent without an outcome and without a result is a warning: the tool may or may not have
 *   run. Only a session that nobody is running tells which; here it is said, not judged.
 * - A digest that was expected and is not met is an error without a place.
 *
 * One pass; memory follows the number of distinct call ids and of issues, not the length.
 */
import { addAll } from '../base/lists.ts';
import { blocksOf, isToolResult, isToolUse } from '../session/blocks.ts';
import { emptyDigest, nextDigest } from '../session/content-digest.ts';
import type { Entry } from '../session/event.ts';
import type { Message } from '../session/message.ts';
import { CallPairing } from './call-pairing.ts';
import { isEmptyMessage, type MessagePlace, messageIssues } from './message-issues.ts';
import type { Issue, Validation } from './validation.ts';

/**
 * Validates the entries of a session, in their order. Issues are sorted by their place.
 * `expectedDigest` is a content digest that was noted elsewhere, of the same messages;
 * `more` are issues that the caller found.
 */
export async function validateEntries(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  expectedDigest?: string,
  more: readonly Issue[] = [],
): Promise<Validation> {
  const pass = new Pass(more);
  for await (const entry of entries) pass.entry(entry);
  return pass.finish(expectedDigest);
}

class Pass {
  #messages = 0;
  #userMessages = 0;
  #assistantMessages = 0;
  #toolUses = 0;
  #toolResults = 0;
  #emptyMessages = 0;
  #contentDigest = emptyDigest;
  readonly #pairing: CallPairing = new CallPairing();
  readonly #issues: Issue[];
  /** Intents without an outcome: call id to the seq of the intent. */
  readonly #pending: Map<string, number> = new Map();
  /** Where the last run of assistant messages began, as long as only results follow it. */
  #openTurn: number | null = null;
  #roleBefore: string | null = null;
  /** An empty assistant message, as long as it is the last one: at the end it is only a warning. */
  #emptyLast: MessagePlace | null = null;

  constructor(issues: readonly Issue[]) {
    this.#issues = [...issues];
  }

  entry(entry: Entry): void {
    const { event, seq } = entry;
    if (event.kind === 'message') this.#message(event.message, seq);
    else if (event.kind === 'intent') this.#pending.set(event.call.id, seq);
    else if (event.kind === 'outcome') this.#pending.delete(event.callId);
  }

  finish(expectedDigest: string | undefined): Validation {
    this.#settleEmptyLast('warning');
    const { issues, orphanedResults, danglingCalls } = this.#pairing.finish(this.#openTurn);
    addAll(this.#issues, issues);
    for (const [callId, seq] of this.#pending) {
      const message = 'The tool was about to run and no outcome was recorded; it may have run';
      const place = { seq, messageIndex: null, blockIndex: null, callId };
      this.#issues.push({ code: 'UNKNOWN_OUTCOME', severity: 'warning', ...place, message });
    }
    if (expectedDigest !== undefined && expectedDigest !== this.#contentDigest) {
      const message = `The content digest is ${this.#contentDigest}, not ${expectedDigest}`;
      const place = { seq: null, messageIndex: null, blockIndex: null, callId: null };
      this.#issues.push({ code: 'DIGEST_MISMATCH', severity: 'error', ...place, message });
    }
    this.#issues.sort(byPlace);
    const errors = this.#issues.filter(({ severity }) => severity === 'error');
    return {
      valid: errors.length === 0,
      errors,
      warnings: this.#issues.filter(({ severity }) => severity === 'warning'),
      counters: {
        messages: this.#messages,
        userMessages: this.#userMessages,
        assistantMessages: this.#assistantMessages,
        toolUses: this.#toolUses,
        toolResults: this.#toolResults,
        orphanedResults,
        danglingCalls,
        emptyMessages: this.#emptyMessages,
      },
      contentDigest: this.#contentDigest,
    };
  }

  #message(message: Message, seq: number): void {
    const place = { seq, messageIndex: this.#messages };
    this.#settleEmptyLast('error');
    this.#messages += 1;
    if (message.role === 'user') this.#userMessages += 1;
    if (message.role === 'assistant') this.#assistantMessages += 1;
    if (isEmptyMessage(message)) {
      this.#emptyMessages += 1;
      this.#emptyLast = place;
      if (message.role !== 'assistant') this.#settleEmptyLast('error');
    }
    addAll(this.#issues, messageIssues(message, place));
    this.#pair(message, place);
    this.#contentDigest = nextDigest(this.#contentDigest, message);
  }

  #pair(message: Message, place: MessagePlace): void {
    const blocks = blocksOf(message);
    if (message.role === 'assistant') {
      if (this.#roleBefore !== 'assistant') this.#openTurn = place.messageIndex;
    } else if (blocks.length === 0 || !blocks.every(isToolResult)) {
      this.#openTurn = null;
    }
    this.#roleBefore = message.role;
    for (const [blockIndex, block] of blocks.entries()) {
      if (isToolUse(block)) {
        this.#toolUses += 1;
        this.#pairing.call(block.id, { ...place, blockIndex });
      } else if (isToolResult(block)) {
        this.#toolResults += 1;
        this.#pending.delete(block.tool_use_id);
        this.#pairing.result(block.tool_use_id, { ...place, blockIndex });
      }
    }
  }

  #settleEmptyLast(severity: Issue['severity']): void {
    if (this.#emptyLast === null) return;
    const message = 'The message has nothing in it';
    const place = { ...this.#emptyLast, blockIndex: null, callId: null };
    this.#issues.push({ code: 'EMPTY_MESSAGE', severity, ...place, message });
    this.#emptyLast = null;
  }
}

/** By entry, then by block; what has no place comes last. */
function byPlace(left: Issue, right: Issue): number {
  const seqs = (left.seq ?? Number.MAX_SAFE_INTEGER) - (right.seq ?? Number.MAX_SAFE_INTEGER);
  return seqs === 0 ? (left.blockIndex ?? -1) - (right.blockIndex ?? -1) : seqs;
}
