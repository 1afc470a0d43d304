/**
 * Messages of pi in the blocks of a conversation, as pi sends them to a model (`convertToLlm` and
 * `transformMessages`): an answer that broke off (`error`, `aborted`) is not sent, a command that
 * the user ran is told as words of the user, summaries have a sentence around them. OpenClaw writes
 * the same files, with other names for a call (`toolUse`, `functionCall`) and for its id.
 */
import { deepJson } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import { loneBlock } from '../lone-content.ts';
import { unreadMembers } from '../unread.ts';

/** Consecutive messages of `results` are one message; all others stand alone. */
export type EntryGroup = 'results' | 'alone';

/** One entry as part of the conversation. */
export interface EntryView {
  readonly role: string;
  readonly group: EntryGroup;
  readonly blocks: readonly ContentBlock[];
  readonly model: string | null;
  /** Of an entry without blocks: what it says in other words. */
  readonly unread?: JsonObject;
}

/** What pi says around the summary of a compaction. */
export const compactionWords: readonly [string, string] = [
  'The conversation history before this point was compacted into the following summary:\n\n' +
    '<summary>\n',
  '\n</summary>',
];

/** What pi says around the summary of a branch that was left. */
export const branchWords: readonly [string, string] = [
  'The following is a summary of a branch that this conversation came back from:\n\n<summary>\n',
  '</summary>',
];

/** True for the interface whose call ids hold the id of the item too, behind a bar. */
export function hasItemIds(api: unknown): boolean {
  return typeof api === 'string' && api.includes('responses');
}

function isGoogle(api: unknown): boolean {
  return typeof api === 'string' && api.startsWith('google');
}

/** The id of a call as the provider knows it. */
export function providerCallId(id: unknown): string {
  return (asText(id) ?? '').split('|')[0] ?? '';
}

function textBlock(part: JsonObject, api: unknown): ContentBlock {
  const signature = asText(part['textSignature']);
  const isSigned = signature !== null && isGoogle(api);
  return {
    type: 'text',
    text: asText(part['text']) ?? '',
    ...(isSigned ? { thought_signature: signature } : {}),
  };
}

function thinkingBlock(part: JsonObject, api: unknown): ContentBlock {
  const signature = asText(part['thinkingSignature']);
  if (part['redacted'] === true) {
    return { type: 'redacted_thinking', data: signature ?? '' } as unknown as ContentBlock;
  }
  if (hasItemIds(api) && signature?.startsWith('{') === true) {
    try {
      const item = asObject(JSON.parse(signature));
      if (item?.['type'] === 'reasoning') return item as unknown as ContentBlock;
    } catch {
      // Not an item of Responses: the signature stays what it is.
    }
  }
  const thinking = asText(part['thinking']) ?? '';
  return { type: 'thinking', thinking, ...(signature === null ? {} : { signature }) };
}

function callBlock(part: JsonObject, api: unknown): ContentBlock {
  const raw = asText(part['id']) ?? '';
  const [id, item] = hasItemIds(api) ? raw.split('|') : [raw];
  const signature = asText(part['thoughtSignature']);
  return {
    type: 'tool_use',
    id: id ?? '',
    name: asText(part['name']) ?? '',
    input: part['arguments'] ?? part['input'] ?? {},
    ...(item === undefined || item === '' ? {} : { item_id: item }),
    ...(signature === null ? {} : { thought_signature: signature }),
  };
}

function imageBlock(part: JsonObject): ContentBlock {
  const { data, mimeType } = part;
  return { type: 'image', source: { type: 'base64', media_type: mimeType, data } };
}

/** One part of a message. */
function partBlock(part: unknown, api: unknown): ContentBlock {
  const object = asObject(part);
  if (object === null) return knownBlock(part);
  switch (object['type']) {
    case 'text':
      return textBlock(object, api);
    case 'thinking':
      return thinkingBlock(object, api);
    case 'toolCall':
    case 'toolUse':
    case 'functionCall':
      return callBlock(object, api);
    case 'image':
      return typeof object['data'] === 'string' ? imageBlock(object) : (part as ContentBlock);
    default:
      return knownBlock(part);
  }
}

/** The parts of a message, also where its content is one text. */
export function partsOf(message: JsonObject): readonly unknown[] {
  const { content } = message;
  if (Array.isArray(content)) return content as readonly unknown[];
  const lone = loneBlock(content);
  if (lone !== null) return [lone];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : [];
}

function resultView(message: JsonObject): EntryView {
  const { content } = message;
  const raw = asText(message['toolCallId']) ?? asText(message['toolUseId']) ?? '';
  const told =
    typeof content === 'string' ? content : partsOf(message).map((part) => partBlock(part, null));
  const result: ContentBlock = {
    type: 'tool_result',
    tool_use_id: raw.includes('|') ? providerCallId(raw) : raw,
    content: told,
    ...(message['isError'] === true ? { is_error: true } : {}),
  };
  return { role: 'user', group: 'results', blocks: [result], model: null };
}

/** What pi tells a model of a command that the user ran. */
function commandText(message: JsonObject): string {
  const output = asText(message['output']) ?? '';
  const said = output === '' ? '(no output)' : `\`\`\`\n${output}\n\`\`\``;
  const { cancelled, exitCode, truncated, fullOutputPath } = message;
  const isFailed = exitCode !== null && exitCode !== undefined && exitCode !== 0;
  const end =
    cancelled === true
      ? '\n\n(command cancelled)'
      : isFailed
        ? `\n\nCommand exited with code ${deepJson(exitCode)}`
        : '';
  const rest =
    truncated === true && typeof fullOutputPath === 'string'
      ? `\n\n[Output truncated. Full output: ${fullOutputPath}]`
      : '';
  return `Ran \`${asText(message['command']) ?? ''}\`\n${said}${end}${rest}`;
}

function spoken(text: string): EntryView {
  return { role: 'user', group: 'alone', blocks: [{ type: 'text', text }], model: null };
}

function wrapped([before, after]: readonly [string, string], summary: unknown): EntryView {
  return spoken(`${before}${asText(summary) ?? ''}${after}`);
}

function partsView(message: JsonObject, role: string): EntryView {
  const isAnswer = role === 'assistant';
  const api = isAnswer ? message['api'] : null;
  const blocks = partsOf(message).map((part) => partBlock(part, api));
  const model = isAnswer ? asText(message['model']) : null;
  const unread = blocks.length === 0 ? unreadMembers(message, understood) : null;
  const view = { role, group: 'alone', blocks, model } as const;
  return unread === null ? view : { ...view, unread };
}

/** Members of pi that are no words of a message. */
const understood: ReadonlySet<string> = new Set([
  'parentId',
  'customType',
  'details',
  'display',
  'errorMessage',
  'responseId',
]);

/** A message as pi sends it; null when it does not. */
export function viewMessage(message: JsonObject): EntryView | null {
  switch (message['role']) {
    case 'user':
    case 'custom':
    case 'hookMessage':
      return partsView(message, 'user');
    case 'assistant': {
      const { stopReason } = message;
      const isBroken = stopReason === 'error' || stopReason === 'aborted';
      return isBroken ? null : partsView(message, 'assistant');
    }
    case 'toolResult':
      return resultView(message);
    case 'bashExecution':
      return message['excludeFromContext'] === true ? null : spoken(commandText(message));
    case 'branchSummary':
      return wrapped(branchWords, message['summary']);
    case 'compactionSummary':
      return wrapped(compactionWords, message['summary']);
    case 'system':
      return partsOf(message).length === 0 ? null : partsView(message, 'system');
    default:
      return null;
  }
}

/** True for an entry that gives a message. Looks at no text. */
export function isSent(entry: JsonObject): boolean {
  if (entry['type'] !== 'message') return viewEntry(entry) !== null;
  const message = asObject(entry['message']) ?? {};
  const { role, stopReason } = message;
  if (role === 'assistant') return stopReason !== 'error' && stopReason !== 'aborted';
  return role === 'user' || role === 'toolResult' || viewMessage(message) !== null;
}

/** An entry of the path as pi sends it; null when it does not. */
export function viewEntry(entry: JsonObject): EntryView | null {
  switch (entry['type']) {
    case 'message':
      return viewMessage(asObject(entry['message']) ?? {});
    case 'custom_message':
      return partsView(entry, 'user');
    case 'branch_summary':
      return asText(entry['summary']) ? wrapped(branchWords, entry['summary']) : null;
    case 'compaction':
      return wrapped(compactionWords, entry['summary']);
    default:
      return null;
  }
}
