/**
 * What one record of a Claude Code file is, as far as the order of the conversation depends on it.
 * The official reader keeps five types of records with a uuid; everything else stands beside the
 * conversation.
 */

/** What is known of an entry, as bits. */
export const is = {
  user: 1,
  assistant: 2,
  system: 4,
  progress: 8,
  attachment: 16,
  sidechain: 32,
  /** Written by a team mate. */
  team: 64,
  meta: 128,
  /** A user record with at least one result of a tool. */
  results: 256,
  /** A user record of results and nothing else. */
  pureResults: 512,
  /** Shown to people and never sent: an error of the API, or a row for the screen. */
  unsent: 1024,
  /** An attachment that briefs a fork; never a leaf. */
  briefing: 2048,
  boundary: 4096,
  /** It has a message that can be read. */
  message: 8192,
  /** A prompt that was typed while the model was at work. */
  queued: 16384,
  /** The words that the tool writes when a turn is stopped. */
  interrupt: 32768,
  compactSummary: 65536,
  /** Told to an early listener: first of a message, in the last one, in the one before that. */
  begins: 131072,
  joins: 262144,
  joinsEarlier: 524288,
} as const;

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member when it is a text with at least one character. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** One record that takes part in the graph. */
export interface Entry {
  readonly value: JsonObject;
  readonly flags: number;
  readonly uuid: string;
  readonly parent: string | null;
  /** `message.id` of an assistant record: records that share it are one message. */
  readonly group: string | null;
  readonly agent: string | null;
  /** Of results the record of their call; of a queued prompt, the uuid that it was given. */
  readonly source: string | null;
  readonly calls: readonly string[];
  readonly results: readonly string[];
}

/** The record as an entry; null when the official reader passes over it. */
export function entryOf(value: unknown): Entry | null {
  if (!isObject(value) || typeof value['uuid'] !== 'string') return null;
  const type = typeOf(value);
  if (type === 0) return null;
  const message = isObject(value['message']) ? value['message'] : null;
  const content = message === null ? null : message['content'];
  const blocks: readonly unknown[] = Array.isArray(content) ? content : none;
  return {
    value,
    flags: type | switchesOf(value) | messageFlags(value, type, message, blocks),
    uuid: value['uuid'],
    parent: parentOf(value['parentUuid']),
    group: type === is.assistant && message !== null ? textOf(message['id']) : null,
    agent: textOf(value['agentId']),
    source: sourceOf(value, type),
    calls: type === is.assistant ? idsOf(blocks, 'tool_use', 'id') : none,
    results: type === is.user ? idsOf(blocks, 'tool_result', 'tool_use_id') : none,
  };
}

/** Null for none. What is no text names no record, which no text that is a uuid does either. */
function parentOf(value: unknown): string | null {
  if (typeof value === 'string' || value === null || value === undefined) return textOf(value);
  return `\0${typeof value === 'object' ? 'object' : JSON.stringify(value)}`;
}

/**
 * Whether the conversation is told anew from this record on: what is in front is left on purpose.
 */
export function beginsAnew(flags: number): boolean {
  return (flags & (is.boundary | is.compactSummary)) !== 0;
}

const none: readonly never[] = [];

/** The bit of the record's type; 0 when the type has no place in the graph. */
export function typeOf(value: JsonObject): number {
  switch (value['type']) {
    case 'user':
      return is.user;
    case 'assistant':
      return is.assistant;
    case 'system':
      return is.system;
    case 'progress':
      return is.progress;
    case 'attachment':
      return is.attachment;
    default:
      return 0;
  }
}

function sourceOf(value: JsonObject, type: number): string | null {
  if (type === is.user) return textOf(value['sourceToolAssistantUUID']);
  const attachment = type === is.attachment ? value['attachment'] : null;
  return isObject(attachment) ? textOf(attachment['source_uuid']) : null;
}

function switchesOf(value: JsonObject): number {
  let flags = 0;
  if (value['isSidechain']) flags |= is.sidechain;
  if (value['teamName']) flags |= is.team;
  if (value['isMeta']) flags |= is.meta;
  if (value['isVirtual'] === true) flags |= is.unsent;
  if (value['isCompactSummary'] === true) flags |= is.compactSummary;
  return flags;
}

function messageFlags(
  value: JsonObject,
  type: number,
  message: JsonObject | null,
  blocks: readonly unknown[],
): number {
  if (type === is.attachment) return attachmentFlags(value['attachment']);
  if (type === is.system) return value['subtype'] === 'compact_boundary' ? is.boundary : 0;
  if (message === null || type === is.progress) return 0;
  if (type === is.assistant) {
    const refused = value['isApiErrorMessage'] === true && message['model'] === '<synthetic>';
    return refused ? is.message | is.unsent : is.message;
  }
  let results = 0;
  for (const block of blocks) {
    if (isObject(block) && block['type'] === 'tool_result') results += 1;
  }
  let flags: number = is.message;
  if (results > 0) flags |= is.results;
  if (results > 0 && results === blocks.length) flags |= is.pureResults;
  if (isInterrupt(message['content'])) flags |= is.interrupt;
  return flags;
}

function attachmentFlags(attachment: unknown): number {
  if (!isObject(attachment)) return 0;
  if (attachment['type'] === 'fork_briefing') return is.briefing;
  const { type, prompt } = attachment;
  const isPrompt = typeof prompt === 'string' || Array.isArray(prompt);
  return type === 'queued_command' && isPrompt && !attachment['isMeta'] ? is.queued : 0;
}

/** All words that the tool itself leaves behind when a request or a call is stopped begin so. */
const interruptWords = ['[Request interrupted', '[Tool call ', '[This turn ended before'];

function isInterrupt(content: unknown): boolean {
  if (typeof content === 'string') return isInterruptText(content);
  if (!Array.isArray(content) || content.length === 0) return false;
  for (const block of content as readonly unknown[]) {
    if (!isObject(block) || block['type'] !== 'text' || !isInterruptText(block['text']))
      return false;
  }
  return true;
}

function isInterruptText(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    text.startsWith('[') &&
    interruptWords.some((words) => text.startsWith(words))
  );
}

function idsOf(blocks: readonly unknown[], type: string, member: string): readonly string[] {
  let ids: string[] | null = null;
  for (const block of blocks) {
    if (!isObject(block) || block['type'] !== type) continue;
    const id = block[member];
    if (typeof id !== 'string') continue;
    if (ids === null) ids = [id];
    else ids.push(id);
  }
  return ids ?? none;
}
