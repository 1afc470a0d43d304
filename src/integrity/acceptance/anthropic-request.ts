/**
 * The Messages API of Anthropic, and Claude on Bedrock, which is narrower in places. The reasons
 * follow the error texts of the API.
 */
import type { PlacedMessage } from '../conversation.ts';
import * as turns from './turns.ts';
import type { Part, Turn } from './turns.ts';

/** Reasons for which Anthropic would refuse the request. */
export function refusedByAnthropic(messages: readonly PlacedMessage[]): readonly string[] {
  const form = { id: /^[a-zA-Z0-9_-]{1,64}$/, name: /^[a-zA-Z0-9_-]{1,128}$/ };
  return [
    ...turns.misshapenCalls(messages, { ...form, input: 'object' }),
    ...turns.tooManyImages(messages, 100),
    ...refusedByClaude(messages),
    ...serverTools(messages),
  ];
}

/** Reasons for which Bedrock would refuse the request. */
export function refusedByBedrock(messages: readonly PlacedMessage[]): readonly string[] {
  const form = { id: /^[a-zA-Z0-9_.:-]{1,64}$/, name: /^[a-zA-Z0-9_-]{1,64}$/ };
  const roles = messages.map(({ role }) => role.replace('tool', 'user'));
  const speaking = roles.filter((role) => role === 'user' || role === 'assistant');
  const silent = messages
    .flatMap(({ content }) => content as readonly Part[])
    .filter(({ type, is_error: isError }) => type === 'tool_result' && isError === true)
    .filter(({ content }) => content === undefined || (content as string).length === 0);
  return [
    ...turns.misshapenCalls(messages, { ...form, input: 'object' }),
    ...turns.tooManyImages(messages, 20),
    ...refusedByClaude(messages),
    ...(speaking.some((role, index) => role === speaking[index - 1])
      ? ['roles must alternate between "user" and "assistant"']
      : []),
    ...silent.map(() => 'the text field of an error is blank'),
  ];
}

function refusedByClaude(messages: readonly PlacedMessage[]): readonly string[] {
  const all = turns.turnsOf(messages, { system: 'apart', answers: 'joined' });
  const ids = all.flatMap(({ parts }) => callsOf(parts)).map(({ id }) => id);
  return [
    ...turns.emptyMessages(messages),
    ...turns.blankTexts(messages),
    ...(all[0]?.role === 'assistant' ? ['messages: first message must use the "user" role'] : []),
    ...all.flatMap((turn, index) => unanswered(turn, all[index + 1], index)),
    ...all.flatMap((turn, index) => unasked(turn, all[index - 1], index)),
    ...turns.repeated(ids).map((id) => `\`tool_use\` ids must be unique: ${turns.shown(id)}`),
    ...all.filter(hasContentBehindCalls).map(() => 'content stands behind `tool_use` blocks'),
    ...unsignedThoughts(all),
  ];
}

function callsOf(parts: readonly Part[]): readonly Part[] {
  return parts.filter(({ type }) => type === 'tool_use');
}

function headOf(turn: Turn | undefined): readonly Part[] {
  if (turn?.role !== 'user') return [];
  const other = turn.parts.findIndex(({ type }) => type !== 'tool_result');
  return turn.parts.slice(0, other === -1 ? turn.parts.length : other);
}

function unanswered({ parts }: Turn, next: Turn | undefined, index: number): readonly string[] {
  const given = headOf(next).map((part) => part['tool_use_id']);
  const again = new Set(turns.repeated(given));
  const once = new Set(given.filter((id) => !again.has(id)));
  return callsOf(parts)
    .filter(({ id }) => !once.has(id))
    .map(({ id }) => `messages.${index}: no single \`tool_result\` for ${turns.shown(id)}`);
}

function unasked(turn: Turn, before: Turn | undefined, index: number): readonly string[] {
  const asked = new Set(callsOf(before?.parts ?? []).map(({ id }) => id));
  const head = new Set(headOf(turn));
  return turn.parts
    .filter((part) => part.type === 'tool_result')
    .filter((part) => !head.has(part) || !asked.has(part['tool_use_id']))
    .map((part) => `messages.${index}: unexpected ${turns.shown(part['tool_use_id'])}`);
}

function hasContentBehindCalls({ parts }: Turn): boolean {
  const first = parts.findIndex(({ type }) => type === 'tool_use');
  return first !== -1 && parts.slice(first).some(({ type }) => type !== 'tool_use');
}

function unsignedThoughts(all: readonly Turn[]): readonly string[] {
  return all
    .flatMap(({ parts }) => parts)
    .filter(
      ({ type, signature, data }) =>
        (type === 'thinking' && !turns.isSealed(signature)) ||
        (type === 'redacted_thinking' && !turns.isSealed(data)),
    )
    .map(({ type }) => `${type}.signature: field required`);
}

/** A call needs its result behind it, a result its call in front, until the user speaks again. */
function serverTools(messages: readonly PlacedMessage[]): readonly string[] {
  const all = turns.turnsOf(messages, { system: 'apart', answers: 'joined' });
  const stretches: Part[][] = [[]];
  for (const { role, parts } of all) {
    if (role === 'assistant') for (const part of parts) stretches.at(-1)?.push(part);
    else if (parts.some(({ type }) => type !== 'tool_result')) stretches.push([]);
  }
  return stretches.flatMap((parts) => [
    // A result is asked for by what stands in front of it; a call is answered by what is behind.
    ...lone(parts, isServerResult, isServerCall),
    ...lone(parts.toReversed(), isServerCall, isServerResult),
  ]);
}

/** Parts of one kind in front of which no counterpart of their id stands. */
function lone(
  parts: readonly Part[],
  isOne: (part: Part) => boolean,
  isOther: (part: Part) => boolean,
): readonly string[] {
  const others = new Set<unknown>();
  const reasons: string[] = [];
  for (const part of parts) {
    const id = isServerCall(part) ? part['id'] : part['tool_use_id'];
    const isPaired = typeof id === 'string' && others.has(id);
    if (isOne(part) && !isPaired) reasons.push(`${part.type} without its counterpart`);
    if (isOther(part)) others.add(id);
  }
  return reasons;
}

function isServerCall({ type }: Part): boolean {
  return /^(server|mcp)_tool_use$/.test(type);
}

function isServerResult({ type }: Part): boolean {
  return /._tool_result$/.test(type);
}
