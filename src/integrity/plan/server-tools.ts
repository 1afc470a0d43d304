/**
 * Tools that the provider runs itself: the model calls, and the result stands behind in what the
 * model says, before the user speaks again; results of the user's own tools may come between.
 * Without its partner either becomes a text, or goes.
 */
import { addAll } from '../../base/lists.ts';
import type { Why } from './draft.ts';
import { callWords } from './losses.ts';
import type { Mending, Pass } from './pass.ts';
import { heldIn, isPrompt } from './runs.ts';
import type { Held } from './runs.ts';
import { member, sideOf, textBlock, textMember, words } from './shapes.ts';

const calls: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use']);

/** Takes out, or quotes, what has no partner before the user speaks again. */
export const pairServerTools: Pass = (mending) => {
  const { draft, needs } = mending;
  if (!needs.serverTools) return;
  let stretch: Held[] = [];
  for (const message of draft.messages) {
    if (isPrompt(message)) {
      settleLone(mending, stretch);
      stretch = [];
    }
    if (sideOf(message.role) === 'assistant') addAll(stretch, heldIn([message]));
  }
  settleLone(mending, stretch);
};

function settleLone(mending: Mending, stretch: readonly Held[]): void {
  const firstCalls = new Map<string | null, number>();
  const lastResults = new Map<string | null, number>();
  for (const [at, { block }] of stretch.entries()) {
    const { content } = block;
    const id = textMember(content, calls.has(content.type) ? 'id' : 'tool_use_id');
    if (calls.has(content.type) && !firstCalls.has(id)) firstCalls.set(id, at);
    if (isServerResult(content.type)) lastResults.set(id, at);
  }
  for (const [at, held] of stretch.entries()) {
    const { content } = held.block;
    const id = textMember(content, calls.has(content.type) ? 'id' : 'tool_use_id');
    const isLoneCall = calls.has(content.type) && (lastResults.get(id) ?? -1) < at;
    const isLoneResult = isServerResult(content.type) && (firstCalls.get(id) ?? at) >= at;
    const isNameless = (calls.has(content.type) || isServerResult(content.type)) && id === null;
    if (isLoneCall || isLoneResult || isNameless) settle(mending, held);
  }
}

function isServerResult(type: string): boolean {
  return type !== 'tool_result' && type.endsWith('_tool_result');
}

function settle({ draft, manner }: Mending, { message, block }: Held): void {
  const { content } = block;
  const isOfCall = calls.has(content.type);
  const what = isOfCall
    ? 'A call that the provider runs itself has no result here'
    : 'The result of a call that the provider ran has no call here';
  const reason = 'UNPAIRED_SERVER_TOOL';
  if (manner === 'drop') {
    draft.takeOut(message, block, { reason, told: `${what}; it is dropped.` }, 'lost');
    return;
  }
  const why: Why = { reason, told: `${what}; it becomes a text that quotes it.` };
  const quote = isOfCall ? callWords(content) : words(member(content, 'content') ?? '');
  draft.replace(block, textBlock(`[${what}: ${quote}]`), why);
}
