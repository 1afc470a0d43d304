/**
 * Watches a conversation go by and says where a restore point is worth taking. It is told of every
 * entry in order and keeps little: the calls that wait for a result, the newest plan, and the words
 * of late.
 *
 * A sighting belongs to the message that shows it, so a snapshot taken for it covers that message:
 * - What a tool did is seen when its result arrives, never between a call and its result. A file is
 *   written, and a plan is changed, only when the result is no error.
 * - A correction and a change of subject are seen when the user's message arrives: the snapshot
 *   holds what the user said, and what the model does about it comes behind.
 *
 * What it sees follows from the newest `memoryMessages` messages alone, so that a watch that was
 * warmed with them goes on as if it had been there all the time. Nothing that a message may hold
 * makes it throw.
 */
import type { Entry, Trigger } from '../session/event.ts';
import { blocksOf, isToolResult, isToolUse } from '../session/blocks.ts';
import type { Message, ToolResultBlock } from '../session/message.ts';
import { describeCall } from './calls.ts';
import type { SeenCall } from './calls.ts';
import { isCorrection, isRefusal } from './feedback.ts';
import { planChange } from './plan.ts';
import type { Plan } from './plan.ts';
import { modelText, oneLine, personText, textOfContent } from './text.ts';
import { commonTools, kindsOf } from './tools.ts';
import type { ToolKind, ToolTable } from './tools.ts';
import { memoryMessages, Topic } from './topic.ts';
import type { TopicSettings } from './topic.ts';

/** What a watch looks for. */
export interface WatchSettings {
  /** What tools do, by name; default `commonTools`. */
  readonly tools?: ToolTable;
  /** When the user turns to another subject. */
  readonly topic?: TopicSettings;
}

/** A place where a restore point is worth taking. */
export interface Sighting {
  readonly trigger: Trigger;
  /** One line, at most 200 characters, e.g. `[file-write] Edit src/a.ts`. */
  readonly action: string;
}

/** What runtimes tell of a command that says nothing and ends with 1, as a search in vain does. */
const foundNothing = new RegExp(
  String.raw`^\s*(?:\(no output\))?\s*(?:error: )?(?:command |process )?` +
    String.raw`(?:exit(?:ed)?(?: with)?(?: code)?:? 1)?\s*$`,
  'i',
);

/** Calls without a result that are remembered: the newest ones. */
const openCallsMax = 256;

interface OpenCall extends SeenCall {
  readonly message: number;
}

/** The watch over one session. */
export class Watch {
  readonly #tools: ReadonlyMap<string, ToolKind>;
  readonly #topic: Topic;
  /** By id, the oldest first. */
  readonly #open = new Map<string, OpenCall>();
  #plan: { readonly steps: Plan; readonly message: number } | null = null;
  /** Number of the newest message, counted from when the watch began. */
  #message = 0;
  #modelSpoke = Number.NEGATIVE_INFINITY;
  /** The user stopped a call in this message, and has not said why yet. */
  #stopped = Number.NEGATIVE_INFINITY;

  /** Throws INVALID for settings that make no sense. */
  constructor(settings: WatchSettings = {}) {
    this.#tools = kindsOf(settings.tools ?? commonTools);
    this.#topic = new Topic(settings.topic);
  }

  /** Takes the next entry in; what it shows, in the order of its blocks. */
  observe(entry: Entry): readonly Sighting[] {
    if (entry.event.kind !== 'message') return [];
    const { message } = entry.event;
    this.#message += 1;
    this.#forget();
    const sightings = this.#results(message);
    if (message.role === 'user') sightings.push(...this.#userSpoke(message));
    if (message.role === 'assistant') this.#modelSpoke = this.#message;
    if (message.role === 'assistant') this.#topic.spokenOf(modelText(message), this.#message);
    this.#calls(message);
    return sightings;
  }

  /** Takes in what happened before, the oldest first: best the newest `memoryMessages` messages. */
  warm(entries: Iterable<Entry>): void {
    for (const entry of entries) this.observe(entry);
  }

  #results(message: Message): Sighting[] {
    const sightings: Sighting[] = [];
    for (const block of blocksOf(message)) {
      if (!isToolResult(block)) continue;
      const call = this.#open.get(block.tool_use_id);
      this.#open.delete(block.tool_use_id);
      const sighting = block.is_error === true ? this.#failed(call, block) : this.#succeeded(call);
      if (sighting !== null) sightings.push(sighting);
    }
    return sightings;
  }

  #succeeded(call: OpenCall | undefined): Sighting | null {
    if (call === undefined) return null;
    if (call.plan !== null) return this.#planned(call, call.plan);
    if (call.writes === null) return null;
    const [path = '', ...more] = call.writes;
    // What the shell makes of `$f` or `.` is not known; the command says more.
    if (/^\$|^\.*\/?$/.test(path)) return sighted('file-write', `${call.name} ${call.subject}`);
    const others = more.length > 0 ? ` and ${more.length} more` : '';
    return sighted('file-write', `${call.name} ${path}`, others);
  }

  #failed(call: OpenCall | undefined, block: ToolResultBlock): Sighting | null {
    const told = textOfContent(block.content).replaceAll(/<\/?\w+>/g, '');
    if (isRefusal(told)) {
      const [, reason = ''] = /\buser said:\s*(.+)/is.exec(told) ?? [];
      if (reason !== '') return sighted('user-feedback', reason);
      // Mostly the user says right away what was wrong with it.
      this.#stopped = this.#message;
      return null;
    }
    if (call?.isShell === true && foundNothing.test(told)) return null;
    const what = call === undefined ? 'a tool' : `${call.name} ${call.subject}`.trim();
    return sighted('tool-error', `${oneLine(what, 80)}: ${told}`);
  }

  #planned(call: OpenCall, plan: NonNullable<SeenCall['plan']>): Sighting | null {
    const before = this.#plan?.steps ?? null;
    const { added, dropped } = planChange(before, plan.steps, plan.extent);
    const steps =
      plan.extent === 'partial' ? new Map([...(before ?? []), ...plan.steps]) : plan.steps;
    // An empty list mostly tidies up; the plan that it clears is forgotten with it.
    this.#plan = { steps, message: this.#message };
    const [step = dropped[0]] = added;
    if (step === undefined) return null;
    const counts = `${steps.size} steps, ${added.length} new, ${dropped.length} dropped`;
    return sighted('plan-change', `${call.name} (${counts}): ${step}`);
  }

  #userSpoke(message: Message): readonly Sighting[] {
    const text = personText(message);
    if (text === '') return [];
    const isFollowUp = this.#message - this.#modelSpoke < memoryMessages;
    const isShift = this.#topic.isShift(text, this.#message);
    this.#topic.spokenOf(text, this.#message);
    // Nothing can be corrected, and no subject left, before the model has said anything.
    if (!isFollowUp) return [];
    const wasStopped = this.#message - this.#stopped < memoryMessages;
    this.#stopped = Number.NEGATIVE_INFINITY;
    if (wasStopped || isCorrection(text)) return [sighted('user-feedback', text)];
    return isShift ? [sighted('context-shift', text)] : [];
  }

  #calls(message: Message): void {
    for (const block of blocksOf(message)) {
      if (!isToolUse(block)) continue;
      const call = describeCall(this.#tools, block);
      this.#topic.spokenOf(call.about, this.#message);
      this.#open.delete(block.id);
      this.#open.set(block.id, { ...call, message: this.#message });
    }
  }

  /** So that nothing depends on what was longer ago than `memoryMessages`. */
  #forget(): void {
    const isOld = (message: number): boolean => this.#message - message >= memoryMessages;
    if (this.#plan !== null && isOld(this.#plan.message)) this.#plan = null;
    for (const [id, call] of this.#open) {
      if (this.#open.size <= openCallsMax && !isOld(call.message)) break;
      this.#open.delete(id);
    }
  }
}

function sighted(trigger: Trigger, text: string, end = ''): Sighting {
  const start = `[${trigger}] `;
  return { trigger, action: start + oneLine(text, 200 - start.length - end.length) + end };
}
