/**
 * What providers answer when a conversation has a fault, as users see it, by code. Ids, numbers and
 * names stand as `…`. The texts were read in public bug reports of the tools (each is quoted there
 * with its request id) or in the provider's own code; where a text is only remembered, `known`
 * says so.
 */
import type { MessageCode } from '../finding.ts';
import type { ProfileName } from '../profile.ts';

/** One text of one provider. */
export interface Refusal {
  readonly code: MessageCode;
  readonly profile: ProfileName;
  readonly text: string;
  /** `read`: in a public report or source; `remembered`: not re-read there. */
  readonly known: 'read' | 'remembered';
}

type Line = readonly [MessageCode, text: string, known?: 'remembered'];

const callAlone =
  '`tool_use` ids were found without `tool_result` blocks immediately after: …. Each `tool_use` ' +
  'block must have a corresponding `tool_result` block in the next message.';

const resultAlone =
  'unexpected `tool_use_id` found in `tool_result` blocks: …. Each `tool_result` block must ' +
  'have a corresponding `tool_use` block in the previous message.';

const anthropic: readonly Line[] = [
  ['DANGLING_TOOL_CALL', callAlone],
  ['DISPLACED_TOOL_RESULT', callAlone],
  ['CONTENT_AFTER_CALL', callAlone],
  ['ORPHANED_TOOL_RESULT', resultAlone],
  ['DISPLACED_TOOL_RESULT', resultAlone],
  ['RESULT_BEFORE_CALL', resultAlone],
  [
    'DUPLICATE_TOOL_RESULT',
    'each tool_use must have a single result. Found multiple `tool_result` blocks with id: …',
  ],
  ['DUPLICATE_TOOL_CALL_ID', '`tool_use` ids must be unique'],
  [
    'CONTENT_BEFORE_RESULT',
    'Did not find … `tool_result` block(s) at the beginning of this message. Messages following ' +
      '`tool_use` blocks must begin with a matching number of `tool_result` blocks.',
  ],
  ['ROLE_ORDER', '`tool_use` blocks can only be in `assistant` messages', 'remembered'],
  ['DISPLACED_TOOL_RESULT', '`tool_result` blocks can only be in `user` messages', 'remembered'],
  [
    'ROLE_ORDER',
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` ' +
      'parameter, not "system" as an input message role.',
  ],
  ['BAD_CALL_ID', "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"],
  [
    'BAD_TOOL_NAME',
    "tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    'remembered',
  ],
  ['BAD_ARGUMENTS', 'tool_use.input: Input should be a valid dictionary', 'remembered'],
  ['EMPTY_TEXT', 'text content blocks must be non-empty'],
  ['EMPTY_TEXT', 'text content blocks must contain non-whitespace text'],
  ['EMPTY_TEXT', 'cache_control cannot be set for empty text blocks'],
  [
    'EMPTY_MESSAGE',
    'all messages must have non-empty content except for the optional final assistant message',
  ],
  ['UNREADABLE_CONTENT', 'messages.….content: Field required', 'remembered'],
  ['UNREADABLE_CONTENT', 'messages.….content: Input should be a valid list', 'remembered'],
  ['MALFORMED_BLOCK', 'messages.….content.…: Input should be an object', 'remembered'],
  ['MALFORMED_BLOCK', 'messages.….content.….type: Field required', 'remembered'],
  ['MALFORMED_BLOCK', 'image.source: Input should be a valid dictionary', 'remembered'],
  ['MALFORMED_BLOCK', 'tool_result.is_error: Input should be a valid boolean', 'remembered'],
  ['LEADING_ASSISTANT', 'first message must use the "user" role', 'remembered'],
  [
    'TRAILING_ASSISTANT',
    'This model does not support assistant message prefill. The conversation must end with a ' +
      'user message.',
  ],
  ['TRAILING_WHITESPACE', 'final assistant content cannot end with trailing whitespace'],
  [
    'UNSIGNED_THINKING',
    '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be ' +
      'modified. These blocks must remain as they were in the original response.',
  ],
  ['UNSIGNED_THINKING', 'thinking.signature: Field required', 'remembered'],
  ['UNSIGNED_THINKING', 'Invalid `signature` in `thinking` block'],
  ['FOREIGN_THINKING', 'Invalid `signature` in `thinking` block'],
  ['REASONING_WITHOUT_ITEM', 'The final block in an assistant message cannot be `thinking`.'],
  [
    'UNPAIRED_SERVER_TOOL',
    'unexpected `tool_use_id` found in `advisor_tool_result` blocks: …. Each ' +
      '`advisor_tool_result` block must have a corresponding `server_tool_use` block before it.',
  ],
  [
    'UNPAIRED_SERVER_TOOL',
    '`web_search` tool use with id … was found without a corresponding `web_search_tool_result` ' +
      'block',
    'remembered',
  ],
  [
    'LONE_SURROGATE',
    'The request body is not valid JSON: no low surrogate in string: line 1 column …',
  ],
  [
    'IMAGE_LIMIT',
    'At least one of the image dimensions exceed max allowed size for many-image requests: 2000 ' +
      'pixels',
  ],
  ['IMAGE_LIMIT', 'At least one of the image dimensions exceed max allowed size: 8000 pixels'],
  ['UNKNOWN_ROLE', "messages.role: Input should be 'user' or 'assistant'", 'remembered'],
];

const callsUnanswered =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
  "'tool_call_id'. The following tool_call_ids did not have response messages: …";

const toolUnasked =
  "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'";

const openaiChat: readonly Line[] = [
  ['DANGLING_TOOL_CALL', callsUnanswered],
  ['DISPLACED_TOOL_RESULT', callsUnanswered],
  ['CONTENT_BEFORE_RESULT', callsUnanswered],
  ['DANGLING_TOOL_CALL', 'insufficient tool messages following tool_calls message'],
  ['ORPHANED_TOOL_RESULT', toolUnasked],
  ['RESULT_BEFORE_CALL', toolUnasked],
  ['DUPLICATE_TOOL_RESULT', toolUnasked, 'remembered'],
  [
    'BAD_CALL_ID',
    "Invalid 'messages[…].tool_calls[…].id': string too long. Expected a string with maximum " +
      'length 40, but got a string with length … instead.',
  ],
  [
    'BAD_TOOL_NAME',
    "Invalid 'messages[…].tool_calls[…].function.name': string does not match pattern. Expected " +
      "a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    'remembered',
  ],
  ['EMPTY_MESSAGE', "Invalid value for 'content': expected a string, got null."],
  ['EMPTY_MESSAGE', 'Invalid assistant message: content or tool_calls must be set', 'remembered'],
  [
    'BAD_ARGUMENTS',
    "Missing required parameter: 'messages[…].tool_calls[…].function.arguments'.",
    'remembered',
  ],
];

const openaiResponses: readonly Line[] = [
  ['DANGLING_TOOL_CALL', 'No tool output found for function call …'],
  ['ORPHANED_TOOL_RESULT', 'No tool call found for function call output with call_id …'],
  ['RESULT_BEFORE_CALL', 'No tool call found for function call output with call_id …'],
  [
    'REASONING_WITHOUT_ITEM',
    "Item '…' of type 'reasoning' was provided without its required following item.",
  ],
  [
    'REASONING_WITHOUT_ITEM',
    "Item '…' of type 'function_call' was provided without its required 'reasoning' item: '…'.",
  ],
  [
    'DUPLICATE_ITEM_ID',
    'Duplicate item found with id …. Remove duplicate items from your input and try again.',
  ],
  [
    'UNSIGNED_THINKING',
    'The encrypted content … could not be verified. Reason: Encrypted content could not be ' +
      'decrypted or parsed.',
    'remembered',
  ],
  // Of servers that speak this interface, each of which ended sessions by it.
  ['BAD_ARGUMENTS', 'Responses function_call arguments are invalid JSON: …'],
  ['BAD_ARGUMENTS', 'OpenAIException - Unterminated string starting at: line … column … (char …).'],
];

const gemini: readonly Line[] = [
  [
    'DANGLING_TOOL_CALL',
    'Please ensure that the number of function response parts is equal to the number of function ' +
      'call parts of the function call turn.',
  ],
  [
    'DISPLACED_TOOL_RESULT',
    'Please ensure that function response turn comes immediately after a function call turn.',
  ],
  [
    'LEADING_ASSISTANT',
    'Please ensure that function call turn comes immediately after a user turn or after a ' +
      'function response turn.',
  ],
  [
    'EMPTY_MESSAGE',
    'Unable to submit request because it must include at least one parts field, which describes ' +
      'the prompt input.',
  ],
  ['EMPTY_MESSAGE', 'contents.parts must not be empty'],
  [
    'EMPTY_TEXT',
    "GenerateContentRequest.contents[…].parts[…].data: required oneof field 'data' must have one " +
      'initialized field',
  ],
  ['EMPTY_TEXT', 'Unable to submit request because it must have a text parameter'],
  [
    'MISSING_THOUGHT_SIGNATURE',
    'Function call is missing a thought_signature in functionCall parts. This is required for ' +
      'tools to work correctly, and missing thought_signature may lead to degraded model ' +
      'performance.',
  ],
];

const bedrock: readonly Line[] = [
  [
    'DANGLING_TOOL_CALL',
    'Expected toolResult blocks at messages.….content for the following Ids: …',
  ],
  [
    'DUPLICATE_TOOL_RESULT',
    'The number of toolResult blocks at messages.….content exceeds the number of toolUse blocks ' +
      'of previous turn.',
  ],
  [
    'ROLE_ORDER',
    'A conversation must alternate between user and assistant roles. Make sure the conversation ' +
      'alternates between user and assistant roles and try again.',
  ],
  [
    'LEADING_ASSISTANT',
    'A conversation must start with a user message. Try again with a conversation that starts ' +
      'with a user message.',
    'remembered',
  ],
  [
    'EMPTY_TEXT',
    'The text field in the ContentBlock object at messages.….content.… is blank. Add text to the ' +
      'text field, and try again.',
  ],
  [
    'EMPTY_TEXT',
    'The content field at messages.….content.….toolResult cannot be empty when status value is ' +
      'error.',
  ],
  [
    'EMPTY_MESSAGE',
    'The content field in the Message object at messages.… is empty. Add a ContentBlock object ' +
      'to the content field and try again.',
  ],
];

const mistral: readonly Line[] = [
  ['DANGLING_TOOL_CALL', 'Not the same number of function calls and responses'],
  ['BAD_CALL_ID', 'Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9.'],
  [
    'BAD_TOOL_NAME',
    'Function name was … but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a ' +
      'maximum length of 64.',
  ],
  ['ROLE_ORDER', "Unexpected role 'user' after role 'tool'"],
  ['CONTENT_BEFORE_RESULT', "Unexpected role 'tool' after role 'user'"],
  ['EMPTY_MESSAGE', 'Assistant message must have either content or tool_calls, but not both.'],
  [
    'TRAILING_ASSISTANT',
    'Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant',
  ],
];

/** Every refusal, provider by provider. */
export const refusals: readonly Refusal[] = [
  ...of('anthropic', anthropic),
  ...of('openai-chat', openaiChat),
  ...of('openai-responses', openaiResponses),
  ...of('gemini', gemini),
  ...of('bedrock', bedrock),
  ...of('mistral', mistral),
];

function of(profile: ProfileName, lines: readonly Line[]): readonly Refusal[] {
  return lines.map(([code, text, known]) => ({ code, profile, text, known: known ?? 'read' }));
}

/** The words of a text that tell it from others: lower case, without ids, numbers and quotes. */
function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9_]+/u)
    .filter((word) => /^[a-z_]{2,}$/u.test(word));
}

/** Words that every second error has. */
const common = new Set(
  'the of an in is are was were be to for and or with it its that this at by error must have not'
    .split(' ')
    .concat(['messages', 'message', 'content', 'blocks', 'block', 'request', 'invalid', 'api']),
);

/**
 * How much a pasted text is like a refusal: the share of its telling words that are in the refusal,
 * or, when there is much around it, the share of the refusal's neighbouring words that are in it.
 */
function likeness(wanted: readonly string[], refusal: readonly string[]): number {
  const own = new Set(refusal);
  const telling = wanted.filter((word) => !common.has(word));
  const hits = telling.filter((word) => own.has(word)).length;
  const pairs = pairsOf(refusal);
  const pairsWanted = new Set(pairsOf(wanted));
  const pairsHit = pairs.filter((pair) => pairsWanted.has(pair)).length;
  const share = Math.max(hits / telling.length, pairsHit / pairs.length);
  return share + Math.min(pairsHit, 20) / 100;
}

function pairsOf(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, index) => `${words[index] ?? ''} ${word}`);
}

/**
 * The codes that an error text of a provider is about, the best first; none when nothing is like
 * it. Takes a piece of the text as well as a whole log line around it.
 */
export function codesForError(text: string): readonly MessageCode[] {
  const wanted = wordsOf(text);
  if (wanted.filter((word) => !common.has(word)).length < 2) return [];
  const ranked = refusals
    .map(({ code, text: own }) => ({ code, likeness: likeness(wanted, wordsOf(own)) }))
    .toSorted((left, right) => right.likeness - left.likeness);
  const best = ranked[0]?.likeness ?? 0;
  if (best < 0.75) return [];
  const near = ranked.filter((one) => one.likeness >= best - 0.02);
  return [...new Set(near.map(({ code }) => code))];
}
