/** `generateContent` of Gemini: contents of parts, calls and responses in equal numbers. */
import type { PlacedMessage } from '../conversation.ts';
import * as turns from './turns.ts';
import type { Part, Turn } from './turns.ts';

/** One content as it is sent, its parts by kind. */
interface Content {
  readonly role: 'user' | 'model';
  readonly calls: readonly Part[];
  readonly responses: readonly Part[];
  readonly others: readonly Part[];
}

/** Reasons for which the request would be refused. */
export function refusedByGemini(messages: readonly PlacedMessage[]): readonly string[] {
  const all = turns.turnsOf(messages, { system: 'apart', answers: 'joined' });
  const contents = all.map(contentOf);
  const uneven = contents.flatMap(({ calls, responses }, index) => {
    const isAnswered = sameIds(calls, contents[index + 1]?.responses ?? []);
    const isAsked = sameIds(contents[index - 1]?.calls ?? [], responses);
    return isAnswered && isAsked ? [] : [`contents.${index}: ${unequal}`];
  });
  return [
    ...turns.misshapenCalls(messages, {
      id: /^/,
      name: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/,
      input: 'object',
    }),
    ...turns.emptyMessages(messages),
    ...turns.blankTexts(messages),
    ...(contents[0]?.role === 'model' ? ['contents must begin with a user turn'] : []),
    ...uneven,
    ...unsignedCalls(messages, contents),
  ];
}

const unequal =
  'the number of function response parts must equal the number of function call parts';

function contentOf({ role, parts }: Turn): Content {
  const of = (type: string): readonly Part[] => parts.filter((part) => part.type === type);
  return {
    role: role === 'assistant' ? 'model' : 'user',
    calls: of('tool_use'),
    responses: of('tool_result'),
    others: parts.filter(({ type }) => type !== 'tool_use' && type !== 'tool_result'),
  };
}

/** The same ids, each once. */
function sameIds(calls: readonly Part[], responses: readonly Part[]): boolean {
  const asked = calls.map(({ id }) => turns.shown(id));
  const given = responses.map((part) => turns.shown(part['tool_use_id']));
  const isSame = asked.toSorted().join('\n') === given.toSorted().join('\n');
  return isSame && turns.repeated(asked).length === 0;
}

/** Models from the third on want the signature of each first call of a loop that goes on. */
function unsignedCalls(
  messages: readonly PlacedMessage[],
  contents: readonly Content[],
): readonly string[] {
  const isOver = contents.findLast(({ role }) => role === 'model')?.calls.length === 0;
  if (isOver) return [];
  const spoken = contents.findLastIndex(({ role, others }) => role === 'user' && others.length > 0);
  const modelOf = new Map<unknown, string | null>();
  for (const { content, model } of messages) for (const block of content) modelOf.set(block, model);
  const firsts = contents.slice(spoken + 1).flatMap(({ calls: [first] }) => first ?? []);
  return firsts
    .filter((call) => !turns.isSealed(call['thought_signature']))
    .filter((call) => !/gemini-[12]\b/i.test(modelOf.get(call) ?? ''))
    .map(() => 'Function call is missing a thought_signature');
}
