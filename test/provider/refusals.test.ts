/** What a provider would refuse is refused here, with the code of the finding and its place. */
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { MessageCode } from '../../src/integrity/finding.ts';
import { toAiSdk } from '../../src/provider/ai-sdk.ts';
import { toAnthropic } from '../../src/provider/anthropic.ts';
import { toGemini } from '../../src/provider/gemini.ts';
import { toOpenAiChat } from '../../src/provider/openai-chat.ts';
import { toOpenAiResponses } from '../../src/provider/openai-responses.ts';
import { call, image, placed, result } from '../helpers/written-history.ts';
import type { Written } from '../helpers/written-history.ts';

const exports = {
  anthropic: toAnthropic,
  'openai-chat': toOpenAiChat,
  'openai-responses': toOpenAiResponses,
  gemini: toGemini,
  'ai-sdk': toAiSdk,
};
type Name = keyof typeof exports;
const every = Object.keys(exports) as Name[];
const direct: readonly Name[] = ['anthropic', 'openai-chat', 'gemini', 'ai-sdk'];

const go: Written = { role: 'user', content: 'Go' };
const calls = (...ids: readonly string[]): Written => ({
  role: 'assistant',
  content: ids.map((id) => call(id, {}, { thought_signature: 's' })),
});
const results = (...ids: readonly string[]): Written => ({
  role: 'user',
  content: ids.map((id) => result(id)),
});
const long = 'x'.repeat(65);
const named = (name: string): Written => ({
  role: 'assistant',
  content: [{ ...call('c1', {}, { thought_signature: 's' }), name }],
});
const given = (input: unknown): Written => ({
  role: 'assistant',
  content: [call('c1', input, { thought_signature: 's' })],
});

const cases: readonly (readonly [
  MessageCode,
  string,
  readonly Name[],
  readonly Written[],
  string,
])[] = [
  ['DANGLING_TOOL_CALL', 'at the end', every, [go, calls('c1')], 'messages[1].content[0]'],
  [
    'DANGLING_TOOL_CALL',
    'beside an answered one',
    every,
    [go, calls('c1', 'c2'), results('c1'), go],
    'messages[1].content[1]',
  ],
  ['ORPHANED_TOOL_RESULT', 'of no call', every, [go, results('c1')], 'messages[1].content[0]'],
  [
    'DISPLACED_TOOL_RESULT',
    'behind other words',
    direct,
    [go, calls('c1'), go, { role: 'assistant', content: 'Yes' }, results('c1')],
    'messages[4].content[0]',
  ],
  [
    'DUPLICATE_TOOL_RESULT',
    'in one turn',
    every,
    [go, calls('c1'), results('c1', 'c1')],
    'messages[2].content[1]',
  ],
  [
    'DUPLICATE_TOOL_CALL_ID',
    'in two turns',
    ['anthropic', 'openai-responses'],
    [go, calls('c1'), results('c1'), calls('c1'), results('c1')],
    'messages[3].content[0]',
  ],
  [
    'DUPLICATE_TOOL_CALL_ID',
    'in one turn',
    every,
    [go, calls('c1', 'c1'), results('c1')],
    'messages[1].content[1]',
  ],
  [
    'CONTENT_AFTER_CALL',
    'in another message',
    ['anthropic'],
    [go, calls('c1'), { role: 'assistant', content: 'Wait.' }, results('c1')],
    'messages[2].content[0]',
  ],
  [
    'RESULT_BEFORE_CALL',
    'anywhere',
    ['openai-responses'],
    [go, results('c1'), calls('c1')],
    'messages[1].content[0]',
  ],
  [
    'CONTENT_BEFORE_RESULT',
    'of the user',
    ['anthropic', 'openai-chat'],
    [go, calls('c1'), { role: 'user', content: [{ type: 'text', text: 'a' }, result('c1')] }],
    'messages[2].content[0]',
  ],
  [
    'BAD_CALL_ID',
    'too long',
    ['anthropic', 'openai-chat', 'openai-responses'],
    [go, calls(long), results(long)],
    'messages[1].content[0]',
  ],
  ['BAD_CALL_ID', 'with a dot', ['anthropic'], [go, calls('c.1'), results('c.1')], 'messages[1]'],
  [
    'BAD_TOOL_NAME',
    'with a space',
    ['anthropic', 'openai-chat', 'openai-responses', 'gemini'],
    [go, named('a b'), results('c1')],
    'messages[1].content[0]',
  ],
  [
    'BAD_ARGUMENTS',
    'text',
    ['anthropic', 'gemini'],
    [go, given('{"a":'), results('c1')],
    'messages[1].content[0]',
  ],
  [
    'BAD_ARGUMENTS',
    'a list',
    ['anthropic', 'gemini'],
    [go, given([]), results('c1')],
    'messages[1].content[0]',
  ],
  [
    'LEADING_ASSISTANT',
    'after a system prompt',
    ['anthropic', 'gemini'],
    [
      { role: 'system', content: 'Be brief.' },
      { role: 'assistant', content: 'Hello' },
    ],
    'messages[1].content[0]',
  ],
  [
    'ROLE_ORDER',
    'a call of the user',
    every,
    [{ role: 'user', content: [call('c1')] }, results('c1')],
    'messages[0].content[0]',
  ],
  [
    'ROLE_ORDER',
    'a result of the assistant',
    every,
    [go, calls('c1'), { role: 'assistant', content: [result('c1')] }],
    'messages[2].content[0]',
  ],
  [
    'EMPTY_TEXT',
    'of white space',
    ['anthropic'],
    [{ role: 'user', content: [{ type: 'text', text: ' \n' }] }],
    'messages[0].content[0]',
  ],
  [
    'TRAILING_WHITESPACE',
    'of the last text',
    ['anthropic'],
    [go, { role: 'assistant', content: 'Done ' }],
    'messages[1].content[0]',
  ],
  [
    'UNSIGNED_THINKING',
    'in the latest turn',
    ['anthropic'],
    [
      go,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.' },
          call('c1', {}, { thought_signature: 's' }),
        ],
      },
      results('c1'),
      { role: 'assistant', content: 'Done' },
    ],
    'messages[1].content[0]',
  ],
  [
    'DUPLICATE_ITEM_ID',
    'of reasoning',
    ['openai-responses'],
    [
      go,
      {
        role: 'assistant',
        content: ['a', 'b'].map((encrypted_content) => ({
          type: 'reasoning',
          id: 'rs_1',
          summary: [],
          encrypted_content,
        })),
      },
    ],
    'messages[1].content[1]',
  ],
  [
    'UNPAIRED_SERVER_TOOL',
    'without its result',
    ['anthropic'],
    [
      go,
      {
        role: 'assistant',
        content: [{ type: 'server_tool_use', id: 's1', name: 'web_search', input: {} }],
      },
    ],
    'messages[1].content[0]',
  ],
  [
    'LONE_SURROGATE',
    'deep inside a call',
    every,
    [go, given({ a: ['\ud83d'] }), results('c1')],
    'messages[1].content[0]',
  ],
  [
    'IMAGE_LIMIT',
    'of 100',
    ['anthropic'],
    [{ role: 'user', content: Array.from({ length: 101 }, () => image) }],
    'messages[0].content[100]',
  ],
  ['UNKNOWN_ROLE', 'of nobody', every, [{ role: 'critic', content: 'Bad' }], 'messages[0]'],
];

describe.each(every)('the export to %s', (name) => {
  const refused = cases.filter(([, , names]) => names.includes(name));
  test.each(refused)('refuses %s: %s', (code, _, names, messages, path) => {
    let thrown: unknown = null;
    try {
      exports[name](placed(...messages));
    } catch (error) {
      thrown = error;
    }
    if (!HoldfastError.is(thrown, 'INVALID'))
      throw new Error('It was not refused', { cause: thrown });
    expect(thrown.message).toContain(`(${code} at message `);
    expect(thrown.details.path.startsWith(path)).toBe(true);
  });

  const taken = cases.filter(([code, , names]) => {
    // What one provider refuses as displaced, another one may refuse in other words.
    return !names.includes(name) && code !== 'RESULT_BEFORE_CALL';
  });
  test.runIf(taken.length > 0).each(taken)('takes %s: %s', (_, __, ___, messages) => {
    expect(() => exports[name](placed(...messages))).not.toThrow();
  });
});
