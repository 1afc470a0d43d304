/** What the validator refuses, and what is so like it that it must not. */
import { describe, expect, test } from 'vitest';
import { accepts } from '../../../src/integrity/acceptance/accepts.ts';
import { profileNames } from '../../../src/integrity/profile.ts';
import type { ProfileName } from '../../../src/integrity/profile.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import * as short from '../../helpers/short-history.ts';
import type { ShortMessage } from '../../helpers/short-history.ts';

const { user, model, system, call, result, thought, text } = short;
const id = 'abcdefghi';
const signed = { ...call(id), thought_signature: 's' } as ContentBlock;
const other = 'jklmnopqr';

function refusing(messages: readonly ShortMessage[]): readonly ProfileName[] {
  return profileNames.filter((profile) => accepts(short.placed(messages), profile).length > 0);
}

const all = profileNames;
const claude = ['anthropic', 'bedrock'] as const;
const placing = ['anthropic', 'openai-chat', 'gemini', 'bedrock', 'mistral'] as const;
const visible = ['anthropic', 'gemini', 'bedrock'] as const;
const item = { type: 'reasoning', id: 'r' } as unknown as ContentBlock;
const search = { type: 'server_tool_use', id: 's', name: 'w', input: {} } as ContentBlock;
const found = { type: 'web_search_tool_result', tool_use_id: 's', content: [] } as ContentBlock;

const odd = (members: object): ContentBlock => members as ContentBlock;

const taken: readonly (readonly [string, readonly ShortMessage[]])[] = [
  ['nothing at all', []],
  ['a call with its result', [user('a'), model('b', signed), user(result(id)), model('c')]],
  ['instructions in front', [system('s'), user('a'), model('b')]],
  ['an answer at the end', [user('a'), model('b ')]],
];

const refused: readonly (readonly [string, readonly ProfileName[], readonly ShortMessage[]])[] = [
  ['a call without a result', all, [user('a'), model(signed)]],
  ['a result without a call', all, [user('a', result(id))]],
  ['a result before its call', all, [user('a'), user(result(id)), model(signed), user('b')]],
  ['two results', all, [user('a'), model(signed), user(result(id), result(id))]],
  ['half a character', all, [user('a\ud800')]],
  [
    'an old thought without a signature',
    ['anthropic', 'bedrock'],
    [user('a'), model(thought('t'), 'b'), user('c')],
  ],
  ['a call of the user', all, [user('a', signed), user(result(id))]],
  ['a result of the model', all, [user('a'), model(signed, result(id))]],
  [
    'a result further on',
    placing,
    [user('a'), model(signed), user('b'), model('c'), user(result(id))],
  ],
  ['two calls with one id', all, [user('a'), model(signed, signed), user(result(id))]],
  [
    'an id that comes again',
    ['anthropic', 'openai-responses', 'bedrock'],
    [user('a'), model(signed), user(result(id)), model(signed), user(result(id))],
  ],
  [
    'a long id',
    ['anthropic', 'openai-chat', 'openai-responses', 'bedrock', 'mistral'],
    [
      user('a'),
      model({ ...signed, id: 'x'.repeat(65) } as ContentBlock),
      user(result('x'.repeat(65))),
    ],
  ],
  ['no name', all, [user('a'), model({ ...signed, name: '' } as ContentBlock), user(result(id))]],
  [
    'arguments that are a text',
    [...visible, 'openai-chat', 'openai-responses', 'mistral'],
    [user('a'), model({ ...signed, input: '{' } as ContentBlock), user(result(id))],
  ],
  ['a blank text', visible, [user('a', ' '), model('b')]],
  [
    'an empty message',
    [...visible, 'openai-chat', 'mistral'],
    [user('a'), model(), user('b')].toSpliced(2, 1),
  ],
  [
    'an answer of reasoning alone',
    ['openai-chat', 'mistral'],
    [user('a'), model(thought('t', 's')), user('b'), model('c')],
  ],
  [
    'reasoning with a blank text',
    [...visible, 'mistral'],
    [user('a'), model(thought('t', 's'), ''), user('b'), model('c')],
  ],
  ['a picture without a source', all, [user('a', odd({ type: 'image', source: null }))]],
  [
    'a result of null',
    all,
    [user('a'), model(signed), user(odd({ ...result(id), content: null }))],
  ],
  [
    'a call in a result',
    all,
    [user('a'), model(signed), user(odd({ ...result(id), content: [call('x')] }))],
  ],
  [
    'a result that is an error in other words',
    all,
    [user('a'), model(signed), user(odd({ ...result(id), is_error: 'yes' }))],
  ],
  ['an answer in front', visible, [model('a'), user('b'), model('c')]],
  ['a thought without a signature', claude, [user('a'), model(thought('t'), 'b')]],
  ['a text behind a call', claude, [user('a'), model(signed, 'b'), user(result(id))]],
  [
    'two answers with calls in a row',
    ['openai-chat', 'bedrock', 'mistral'],
    [
      user('a'),
      model(signed),
      model({ ...signed, id: other } as ContentBlock),
      user(result(id), result(other)),
    ],
  ],
  ['two users in a row', ['bedrock'], [user('a'), user('b')]],
  ['a user behind results', ['mistral'], [user('a'), model(signed), user(result(id), 'b')]],
  ['no signature of a first call', ['gemini'], [user('a'), model(call(id)), user(result(id))]],
  ['reasoning that leads to nothing', ['openai-responses'], [user('a'), model(item), user('b')]],
  ['an item twice', ['openai-responses'], [user('a'), model(item, item, 'b')]],
  ['a search without its result', ['anthropic'], [user('a'), model(search, 'b')]],
  ['a found thing without its search', ['anthropic'], [user('a'), model(found, 'b')]],
];

describe('accepts', () => {
  test.each(taken)('takes a history with %s', (_name, messages) => {
    expect(refusing(messages)).toEqual([]);
  });

  test.each(refused)('refuses %s for %j', (_name, profiles, messages) => {
    expect(refusing(messages).toSorted()).toEqual(profiles.toSorted());
  });

  test('takes a search with its result, and blank texts where they are left out', () => {
    expect(accepts(short.placed([user('a'), model(search, found, 'b')]), 'anthropic')).toEqual([]);
    expect(accepts(short.placed([user('a', text('')), model('b')]), 'openai-chat')).toEqual([]);
  });

  test('says in the words of the provider what is wrong', () => {
    expect(accepts(short.placed([user('a'), model(call('x'))]), 'anthropic')).toEqual([
      'messages.1: no single `tool_result` for "x"',
    ]);
  });
});
