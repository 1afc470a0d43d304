/**
 * Which messages Codex wrote itself, to tell the model of its surroundings. They are no turns of a
 * user: a rollback does not count them, and takes those along that stand before the turn that it
 * takes back. The marks are those of codex-rs, `core/src/context` and `event_mapping.rs`.
 */
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { partsOf } from './items.ts';

const userMarks: readonly (readonly [start: string, end: string])[] = [
  ['# agents.md instructions', '</instructions>'],
  ['<environment_context>', '</environment_context>'],
  ['<user_instructions>', '</user_instructions>'],
  ['<skill>', '</skill>'],
  ['<user_shell_command>', '</user_shell_command>'],
  ['<turn_aborted>', '</turn_aborted>'],
  ['<subagent_notification>', '</subagent_notification>'],
  ['<codex_internal_context', '</codex_internal_context>'],
  ['<goal_context>', '</goal_context>'],
  ['<recommended_plugins>', '</recommended_plugins>'],
  ['<hook_prompt', '</hook_prompt>'],
  ['<external_', '>'],
  ['warning: apply_patch was requested via ', 'use the apply_patch tool instead of exec_command.'],
  ['warning: the maximum number of unified exec processes you can keep open is', ''],
  ['warning: your account was flagged for potentially high-risk cyber activity', ''],
];

const developerMarks: readonly string[] = [
  '<permissions instructions>',
  '<model_switch>',
  '<collaboration_mode>',
  '<multi_agent_mode>',
  '<realtime_conversation>',
  '<skills_instructions>',
  '<personality_spec>',
  '<token_budget>',
  '<token_budget_reminder>',
  '<context_window>',
  '<context_window_guidance>',
  '<rollout_budget>',
];

/** The longest mark; only so much of a text is looked at from either end. */
const markCharactersMax = 100;

function isUserContext(text: string): boolean {
  const start = text.trimStart().slice(0, markCharactersMax).toLowerCase();
  const end = text.trimEnd().slice(-markCharactersMax).toLowerCase();
  return userMarks.some(([first, last]) => start.startsWith(first) && end.endsWith(last));
}

function isDeveloperContext(text: string): boolean {
  const start = text.trimStart().slice(0, markCharactersMax).toLowerCase();
  return developerMarks.some((mark) => start.startsWith(mark));
}

/** The texts of a message item, one a part. */
export function textsOf(item: JsonObject): string[] {
  return partsOf(item).flatMap((part) => asText(asObject(part)?.['text']) ?? []);
}

/** True when a message item tells of surroundings, and so is no turn of a user. */
export function isContext(item: JsonObject): boolean {
  const test = item['role'] === 'developer' ? isDeveloperContext : isUserContext;
  return textsOf(item).some(test);
}

/** True for what one agent tells another by way of an assistant message. */
function isOrderOfAgent(item: JsonObject): boolean {
  const [only, ...more] = textsOf(item);
  if (only === undefined || more.length > 0 || !only.startsWith('{')) return false;
  try {
    const said = asObject(JSON.parse(only));
    return said !== null && 'author' in said && 'recipient' in said && 'trigger_turn' in said;
  } catch {
    // Words of the model that begin with a brace.
    return false;
  }
}

/** True when a new turn begins with this item, which is what a rollback counts. */
export function beginsTurn(item: JsonObject): boolean {
  if (item['type'] === 'agent_message') return true;
  if (item['type'] !== 'message') return false;
  if (item['role'] === 'user') return !isContext(item);
  return item['role'] === 'assistant' && isOrderOfAgent(item);
}

/** How every summary begins that Codex wrote before it kept replacement histories. */
const summaryStart =
  'Another language model started to solve this problem and produced a summary of its thinking ' +
  'process. You also have access to the state of the tools that were used by that language ' +
  'model. Use this to build on the work that has already been done and avoid duplicating work. ' +
  'Here is the summary produced by the other language model, use the information in this ' +
  'summary to assist with your own analysis:\n';

/** True for the text of a summary, which a later compaction does not keep. */
export function isSummary(text: string): boolean {
  return text.startsWith(summaryStart);
}

/** Tokens as Codex estimates them: four bytes each. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
