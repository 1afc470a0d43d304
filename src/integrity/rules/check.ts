/**
 * The rules over a conversation: one pass, message by message. Memory follows the ids of calls and
 * the calls that are open, not the text; no content is kept but that of the last message. Pure: the
 * same conversation gives the same findings, in the order of their places.
 */
import { isToolResult } from '../../session/blocks.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { PlacedMessage } from '../conversation.ts';
import type { MessageCode, TranscriptFinding } from '../finding.ts';
import { isBlankText } from '../message-issues.ts';
import type { ProfileName } from '../profile.ts';
import { CallShapeRule } from './call-shape.ts';
import { CallRule } from './calls.ts';
import { EndRule } from './ends.ts';
import { type FindingCount, FindingLog } from './finding-log.ts';
import { ImageRule } from './images.ts';
import { ItemRule } from './items.ts';
import { OrderRule } from './order.ts';
import {
  type CallLookup,
  type HistoryEnd,
  type Rule,
  type Seen,
  partsOfResult,
  speakerOf,
} from './rule.ts';
import { RequestSizeRule } from './request-size.ts';
import { ServerToolRule } from './server-tools.ts';
import { severityOf } from './severity-table.ts';
import { TextRule } from './texts.ts';
import { ThinkingRule, ThoughtSignatureRule } from './thinking.ts';
import { traits } from './traits.ts';

/** What else is known of a conversation. */
export interface CheckOptions {
  /** What becomes of the history; `open`, unless told otherwise. */
  readonly end?: HistoryEnd;
  /** What intents and outcomes tell of a call; null for nothing. */
  readonly lookup?: CallLookup;
}

/** What was counted on the way. */
export interface ConversationCounters {
  readonly messages: number;
  readonly userMessages: number;
  readonly assistantMessages: number;
  readonly calls: number;
  readonly results: number;
  readonly thinkingBlocks: number;
  readonly images: number;
  /** Of texts, thinking and what results say; UTF-16 units, because counting bytes costs time. */
  readonly textCharacters: number;
}

/** What a check comes to. */
export interface ConversationCheck {
  readonly profile: ProfileName;
  /** In the order of their places; at most 10,000. */
  readonly findings: readonly TranscriptFinding[];
  /** All of them, also those that were not kept. */
  readonly counts: readonly FindingCount[];
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly counters: ConversationCounters;
  /** Messages of which a part cannot be read and others can: no plan touches that part. */
  readonly unreadBeside: number;
}

/** The check, step by step: a caller may do something else between two messages. */
export class ConversationChecker {
  readonly #profile: ProfileName;
  readonly #log: FindingLog;
  readonly #images: ImageRule;
  readonly #rules: readonly Rule[];
  #messages = 0;
  #userMessages = 0;
  #assistantMessages = 0;
  #calls = 0;
  #results = 0;
  #thinkingBlocks = 0;
  #textCharacters = 0;
  #unreadBeside = 0;

  constructor(profile: ProfileName, options: CheckOptions = {}) {
    this.#profile = profile;
    this.#log = new FindingLog(profile);
    const setting = {
      profile,
      traits: traits[profile],
      log: this.#log,
      end: options.end ?? 'open',
      lookup: options.lookup ?? (() => null),
    };
    const calls = new CallRule(setting);
    this.#images = new ImageRule(setting);
    const matters = (code: MessageCode): boolean => severityOf(code, profile) !== null;
    this.#rules = [
      new TextRule(setting),
      new OrderRule(setting),
      calls,
      new CallShapeRule(setting),
      ...(matters('FOREIGN_THINKING') ? [new ThinkingRule(setting)] : []),
      ...(matters('MISSING_THOUGHT_SIGNATURE') ? [new ThoughtSignatureRule(setting)] : []),
      ...(matters('DUPLICATE_ITEM_ID') ? [new ItemRule(setting)] : []),
      ...(matters('UNPAIRED_SERVER_TOOL') ? [new ServerToolRule(setting)] : []),
      ...(matters('REQUEST_TOO_LARGE') ? [new RequestSizeRule(setting)] : []),
      this.#images,
      new EndRule(setting, calls),
    ];
  }

  /** The next message. */
  add(message: PlacedMessage): void {
    const { role, content } = message;
    const speaker = speakerOf(role);
    const seen: Seen = {
      message,
      index: this.#messages,
      speaker,
      empty: content.every(isBlankText),
    };
    this.#messages += 1;
    if (speaker === 'user') this.#userMessages += 1;
    if (speaker === 'assistant') this.#assistantMessages += 1;
    if (message.unread !== undefined && content.length > 0) this.#unreadBeside += 1;
    for (const block of content) this.#count(block);
    for (const rule of this.#rules) rule.see(seen);
  }

  /** Closes the books; once, behind the last message. */
  finish(): ConversationCheck {
    for (const rule of this.#rules) rule.finish();
    const counts = this.#log.counts();
    const of = (wanted: FindingCount['severity']): number =>
      counts.reduce((sum, { severity, count }) => sum + (severity === wanted ? count : 0), 0);
    return {
      profile: this.#profile,
      findings: this.#log.findings(),
      counts,
      errors: of('error'),
      warnings: of('warning'),
      notes: of('note'),
      counters: {
        messages: this.#messages,
        userMessages: this.#userMessages,
        assistantMessages: this.#assistantMessages,
        calls: this.#calls,
        results: this.#results,
        thinkingBlocks: this.#thinkingBlocks,
        images: this.#images.count,
        textCharacters: this.#textCharacters,
      },
      unreadBeside: this.#unreadBeside,
    };
  }

  #count(block: ContentBlock): void {
    const { type } = block;
    if (type === 'tool_use') this.#calls += 1;
    if (type === 'tool_result') this.#results += 1;
    if (type === 'thinking' || type === 'redacted_thinking' || type === 'reasoning') {
      this.#thinkingBlocks += 1;
    }
    this.#textCharacters += lengthOf(block['text']) + lengthOf(block['thinking']);
    if (!isToolResult(block)) return;
    this.#textCharacters += lengthOf(block.content);
    for (const part of partsOfResult(block)) this.#textCharacters += lengthOf(part['text']);
  }
}

function lengthOf(text: unknown): number {
  return typeof text === 'string' ? text.length : 0;
}

/** Checks a whole conversation for one provider. */
export function checkConversation(
  messages: Iterable<PlacedMessage>,
  profile: ProfileName,
  options: CheckOptions = {},
): ConversationCheck {
  const checker = new ConversationChecker(profile, options);
  for (const message of messages) checker.add(message);
  return checker.finish();
}
