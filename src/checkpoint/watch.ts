/**
 * Watches a conversation go by and says where a restore point would be good. What a tool did is told
 * when its result is there, so that a restore point never stands between a call and its result.
 *
 * Memory is bounded: open calls, and the words of the recent conversation. Fed with the newest
 * entries after a restart, it goes on as if there had been none.
 */
import { blocksOf, isToolResult, isToolUse } from '../session/blocks.ts';
import type { Entry, Trigger } from '../session/event.ts';
import type { Message } from '../session/message.ts';
import { isCorrection } from './feedback.ts';
import { aboutCall, commonTools, kindOfCall, line } from './tools.ts';
import type { ToolTable } from './tools.ts';
import { Topic, topicDefaults } from './topic.ts';
import type { TopicSettings } from './topic.ts';

/** What is watched for. */
export interface WatchSettings {
  readonly tools?: ToolTable;
  readonly topic?: TopicSettings;
}

/** A good moment for a restore point: the state right after the entry that was observed. */
export interface Sighting {
  readonly trigger: Trigger;
  /** What happened, in a line. */
  readonly action: string;
}

/** Calls that wait for their result; older ones are forgotten. */
const openCallsMax = 1024;
/** What the agent says belongs to the subject, less than what the user says. */
const agentWeight = 0.4;

interface OpenCall {
  readonly name: string;
  readonly about: string;
  readonly kind: 'file-write' | 'plan-change' | null;
}

/** One for each session. */
export class Watch {
  readonly #tools: ToolTable;
  readonly #topic: Topic;
  readonly #open = new Map<string, OpenCall>();

  constructor(settings: WatchSettings = {}) {
    this.#tools = settings.tools ?? commonTools;
    this.#topic = new Topic(settings.topic ?? topicDefaults);
  }

  /** The next entry of the session. */
  observe(entry: Entry): readonly Sighting[] {
    const { event } = entry;
    if (event.kind !== 'message') return [];
    const { message } = event;
    if (message.role === 'assistant') {
      this.#asked(message);
      return [];
    }
    const sightings = this.#answered(message);
    if (message.role !== 'user' || sightings.length > 0) return sightings;
    const text = typedBy(message);
    return text === '' ? [] : this.#said(text);
  }

  #asked(message: Message): void {
    for (const block of blocksOf(message)) {
      if (!isToolUse(block)) continue;
      const { id, name, input } = block;
      const kind = kindOfCall(name, input, this.#tools);
      this.#open.set(id, { name, about: aboutCall(name, input), kind });
      const oldest = this.#open.keys().next();
      if (this.#open.size > openCallsMax && !oldest.done) this.#open.delete(oldest.value);
    }
    this.#topic.remember(textOf(message), agentWeight);
  }

  /** At most one sighting of each trigger, however many calls were answered at once. */
  #answered(message: Message): readonly Sighting[] {
    const found = new Map<Trigger, Sighting>();
    for (const block of blocksOf(message)) {
      if (!isToolResult(block)) continue;
      const call = this.#open.get(block.tool_use_id);
      this.#open.delete(block.tool_use_id);
      const about = call?.about ?? 'a tool';
      if (block.is_error === true) {
        found.set('tool-error', { trigger: 'tool-error', action: `${about} failed` });
        continue;
      }
      const kind = call?.kind ?? null;
      if (kind !== null && !found.has(kind)) found.set(kind, { trigger: kind, action: about });
    }
    return [...found.values()];
  }

  #said(text: string): readonly Sighting[] {
    const shifts = this.#topic.isShift(text);
    if (isCorrection(text)) return [{ trigger: 'user-feedback', action: line(text) }];
    return shifts ? [{ trigger: 'context-shift', action: line(text) }] : [];
  }
}

/** What the user typed: texts without what runtimes put around and between them. */
function typedBy(message: Message): string {
  return textOf(message)
    .replaceAll(
      /<(system-reminder|command-\w+|local-command-\w+|environment_context|user_instructions|INSTRUCTIONS|task-notification)\b[^>]*>[\s\S]*?<\/\1>/g,
      ' ',
    )
    .replace(/^Caveat: The messages below[^\n]*/, '')
    .trim();
}

function textOf(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  return blocksOf(message)
    .map((block) => (block.type === 'text' && typeof block.text === 'string' ? block.text : ''))
    .join('\n');
}
