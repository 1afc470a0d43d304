/** Chat Completions of OpenAI, and of those who copied it; Mistral is stricter. */
import type { PlacedMessage } from '../conversation.ts';
import * as turns from './turns.ts';
import type { Part, Turn } from './turns.ts';

/** One message as it is sent. */
type WireMessage =
  | { readonly role: 'system' | 'user' }
  | { readonly role: 'assistant'; readonly calls: readonly unknown[] }
  | { readonly role: 'tool'; readonly callId: unknown };

const name = /^[a-zA-Z0-9_-]{1,64}$/;

/** Reasons for which Chat Completions would refuse the request. */
export function refusedByChat(messages: readonly PlacedMessage[]): readonly string[] {
  return [
    ...turns.misshapenCalls(messages, { id: /^[^]{1,40}$/u, name, input: 'json' }),
    ...turns.tooManyImages(messages, 500),
    ...turns.bareMessages(messages),
    ...wordless(messages, () => false),
    ...pairing(wireOf(messages, 'left out')),
  ];
}

/** Reasons for which Mistral would refuse the request. */
export function refusedByMistral(messages: readonly PlacedMessage[]): readonly string[] {
  const order = wireOf(messages, 'sent')
    .map(({ role }) => role)
    .join(' ');
  const refused = /tool (user|system)|assistant system/.exec(order);
  return [
    ...turns.misshapenCalls(messages, { id: /^[a-zA-Z0-9]{9}$/, name, input: 'json' }),
    ...turns.tooManyImages(messages, 8),
    ...turns.emptyMessages(messages),
    ...wordless(messages, ({ type, text }) => type === 'text' && turns.isBlank(text)),
    ...pairing(wireOf(messages, 'left out')),
    ...(refused === null ? [] : [`Unexpected role order: ${refused[0]}`]),
  ];
}

/** The messages as they are sent; blank texts of the user are what senders may leave out. */
function wireOf(
  messages: readonly PlacedMessage[],
  blanks: 'sent' | 'left out',
): readonly WireMessage[] {
  const all = turns.turnsOf(messages, { system: 'between', answers: 'single' });
  return all.flatMap((turn) => wireMessages(turn, blanks));
}

/** A user's turn becomes tool messages and user messages, in the order of its parts. */
function wireMessages({ role, parts }: Turn, blanks: 'sent' | 'left out'): readonly WireMessage[] {
  if (role === 'assistant') return [{ role, calls: parts.filter(isCall).map(({ id }) => id) }];
  if (role === 'system') return [{ role }];
  return parts
    .filter(({ type, text }) => blanks === 'sent' || type !== 'text' || !turns.isBlank(text))
    .map((part) =>
      part.type === 'tool_result'
        ? { role: 'tool', callId: part['tool_use_id'] }
        : { role: 'user' },
    );
}

/** Answers that come to no content and no call, because reasoning is not sent. */
function wordless(
  messages: readonly PlacedMessage[],
  isNone: (part: Part) => boolean,
): readonly string[] {
  return messages
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => (content as readonly Part[]).filter((part) => !isNone(part)))
    .filter((parts) => parts.length > 0 && parts.every(isReasoning))
    .map(() => "Invalid assistant message: 'content' or 'tool_calls' must be set");
}

/** What goes into a member beside the content; Mistral's own thoughts are a list, in it. */
function isReasoning({ type, thinking }: Part): boolean {
  return type === 'thinking' && !Array.isArray(thinking);
}

function isCall({ type }: Part): boolean {
  return type === 'tool_use';
}

/** Tool messages answer the message right in front of them, each call once. */
function pairing(wire: readonly WireMessage[]): readonly string[] {
  const reasons: string[] = [];
  let open = new Map<unknown, number>();
  for (const [index, message] of [...wire, { role: 'user' } as const].entries()) {
    if (message.role === 'tool') {
      const count = open.get(message.callId) ?? 0;
      if (count === 0) reasons.push(`messages.${index}: 'tool' must answer preceding 'tool_calls'`);
      else if (count === 1) open.delete(message.callId);
      else open.set(message.callId, count - 1);
      continue;
    }
    if (open.size > 0) reasons.push(`messages.${index}: 'tool_calls' without tool messages`);
    const calls = message.role === 'assistant' ? message.calls : [];
    open = new Map();
    for (const id of calls) open.set(id, (open.get(id) ?? 0) + 1);
    if (open.size < calls.length) reasons.push(`messages.${index}: ids must differ`);
  }
  return reasons;
}
