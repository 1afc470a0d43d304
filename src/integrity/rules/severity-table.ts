/**
 * How much each fault of a conversation weighs for each provider, as data. `error`: the provider
 * refuses the request, or something is lost; `warning`: most senders mend it, or it may still come
 * right; `note`: worth knowing; `no`: nothing to say there.
 *
 * Sources: the providers' own words in `refusals.ts`, Mistral's published validator
 * (mistral-common, `protocol/instruct/validator.py`), the API reference of Bedrock (ToolUseBlock),
 * the types of `@anthropic-ai/sdk`, Google's page on thought signatures. Where no source says it
 * and it is only known from use, the row is marked [k].
 */
import type { MessageCode, Severity } from '../finding.ts';
import { type ProfileName, profileNames } from '../profile.ts';

type Weight = 'ERROR' | 'warn' | 'note' | 'no';

/** In the order of `profileNames`: the test that walks the table proves that none is missing. */
type Row = readonly [Weight, Weight, Weight, Weight, Weight, Weight, Weight];

/** anthropic, openai-chat, openai-responses, gemini, bedrock, mistral, generic. */
const full: Readonly<Record<MessageCode, Row>> = {
  DANGLING_TOOL_CALL: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  ORPHANED_TOOL_RESULT: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  // Responses pair by call_id: the output may stand anywhere behind its call.
  DISPLACED_TOOL_RESULT: ['ERROR', 'ERROR', 'no', 'ERROR', 'ERROR', 'ERROR', 'no'],
  RESULT_BEFORE_CALL: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  // Where calls are paired within one turn, an id that comes back later is taken. Responses: [k].
  DUPLICATE_TOOL_CALL_ID: ['ERROR', 'warn', 'ERROR', 'warn', 'ERROR', 'warn', 'warn'],
  // [k] for both shapes of OpenAI; the others count results against calls.
  DUPLICATE_TOOL_RESULT: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  // Chat completions take an empty text, but not a content of null without calls; Responses have no
  // such item; Mistral wants content or calls of an assistant. Reasoning counts as neither.
  EMPTY_MESSAGE: ['ERROR', 'ERROR', 'warn', 'ERROR', 'ERROR', 'ERROR', 'warn'],
  // Nobody is sent what no reader knows: something that was written is lost to every provider.
  UNREADABLE_CONTENT: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  // Gemini refuses a part without data; that white space counts as none is [k].
  EMPTY_TEXT: ['ERROR', 'warn', 'warn', 'ERROR', 'ERROR', 'warn', 'warn'],
  // No interface has a place for a part of no kind.
  MALFORMED_BLOCK: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  // Gemini takes any id, but without one a call cannot be paired here.
  BAD_CALL_ID: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  BAD_TOOL_NAME: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  // Both shapes of OpenAI carry arguments as a text of JSON: without one they are refused, and
  // servers that copied them parse it, of Responses too (`refusals.ts` has their words).
  BAD_ARGUMENTS: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'warn'],
  // Nobody takes a call or thinking of the user. That roles must take turns is Bedrock's, and which
  // may follow which is Mistral's; the others take messages of one role in a row as they come.
  ROLE_ORDER: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  LEADING_ASSISTANT: ['ERROR', 'no', 'no', 'ERROR', 'ERROR', 'no', 'no'],
  // Only of a request that is sent as it is: whoever goes on adds a message of the user.
  TRAILING_ASSISTANT: ['ERROR', 'no', 'no', 'ERROR', 'ERROR', 'ERROR', 'no'],
  // Bedrock hands it on to the model [k].
  TRAILING_WHITESPACE: ['ERROR', 'no', 'no', 'no', 'ERROR', 'no', 'no'],
  CONTENT_AFTER_CALL: ['ERROR', 'no', 'no', 'no', 'ERROR', 'no', 'no'],
  // Gemini's own tool puts responses first; that it refuses the other way is [k].
  CONTENT_BEFORE_RESULT: ['ERROR', 'ERROR', 'no', 'warn', 'ERROR', 'ERROR', 'no'],
  // Responses: an encrypted content of which bytes are lost.
  UNSIGNED_THINKING: ['ERROR', 'no', 'ERROR', 'no', 'ERROR', 'no', 'no'],
  // Senders leave the thinking of another model out. Responses: encrypted for one family [k].
  FOREIGN_THINKING: ['warn', 'no', 'note', 'no', 'warn', 'no', 'no'],
  MISSING_THOUGHT_SIGNATURE: ['no', 'no', 'no', 'ERROR', 'no', 'no', 'no'],
  REASONING_WITHOUT_ITEM: ['ERROR', 'no', 'ERROR', 'no', 'ERROR', 'no', 'no'],
  DUPLICATE_ITEM_ID: ['no', 'no', 'ERROR', 'no', 'no', 'no', 'no'],
  // Only Anthropic's own API runs such tools; elsewhere the blocks are not sent.
  UNPAIRED_SERVER_TOOL: ['ERROR', 'no', 'no', 'no', 'warn', 'no', 'no'],
  LONE_SURROGATE: ['ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR', 'ERROR'],
  IMAGE_LIMIT: ['ERROR', 'ERROR', 'ERROR', 'no', 'ERROR', 'ERROR', 'no'],
  // Known from use [k]; what is beside the messages counts too, so a bound is not looked at
  // sharply.
  REQUEST_TOO_LARGE: ['warn', 'no', 'no', 'no', 'no', 'no', 'no'],
  UNKNOWN_ROLE: ['warn', 'warn', 'warn', 'warn', 'warn', 'warn', 'warn'],
  UNFINISHED_TURN: ['warn', 'warn', 'warn', 'warn', 'warn', 'warn', 'warn'],
};

/** What the same code weighs in its milder form; where there is no row, there is no such form. */
const milder: Readonly<Partial<Record<MessageCode, Row>>> = {
  // Still open: the result may come with what is appended next.
  DANGLING_TOOL_CALL: ['warn', 'warn', 'warn', 'warn', 'warn', 'warn', 'warn'],
  // JSON, but no object: the shapes of OpenAI take it.
  BAD_ARGUMENTS: ['ERROR', 'warn', 'warn', 'ERROR', 'ERROR', 'warn', 'warn'],
  // An empty message of the assistant at the very end: what an interrupted answer looks like. A
  // blank text where such texts are taken.
  EMPTY_MESSAGE: ['warn', 'warn', 'warn', 'warn', 'warn', 'warn', 'warn'],
  // At the end of a history that goes on with a message of the user.
  TRAILING_ASSISTANT: ['no', 'no', 'no', 'no', 'no', 'no', 'no'],
  TRAILING_WHITESPACE: ['warn', 'no', 'no', 'no', 'warn', 'no', 'no'],
  FOREIGN_THINKING: ['note', 'no', 'note', 'no', 'note', 'no', 'no'],
  // Without an id of its own the item is not looked up; thinking at the end of what goes on.
  REASONING_WITHOUT_ITEM: ['warn', 'no', 'warn', 'no', 'warn', 'no', 'no'],
  // At the end: the result comes with the answer that goes on.
  UNPAIRED_SERVER_TOOL: ['warn', 'no', 'no', 'no', 'note', 'no', 'no'],
  // The model has not answered yet, and nothing is open.
  UNFINISHED_TURN: ['note', 'note', 'note', 'note', 'note', 'note', 'note'],
};

const severities: Readonly<Record<Weight, Severity | null>> = {
  ERROR: 'error',
  warn: 'warning',
  note: 'note',
  no: null,
};

/** Every code that a rule can give, in the order of the table. */
export const messageCodes: readonly MessageCode[] = Object.keys(full) as MessageCode[];

/** True when the code has a milder form. */
export function hasMilderForm(code: MessageCode): boolean {
  return milder[code] !== undefined;
}

/** What a fault weighs for a provider, in its full or its milder form; null for nothing to say. */
export function severityOf(
  code: MessageCode,
  profile: ProfileName,
  form: 'full' | 'milder' = 'full',
): Severity | null {
  const row = (form === 'milder' ? milder[code] : undefined) ?? full[code];
  const weight = row[profileNames.indexOf(profile)];
  return weight === undefined ? null : severities[weight];
}
