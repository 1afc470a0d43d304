/** What a plan does about calls and texts that are out of shape, before and after. */
import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../src/integrity/profile.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import type { ShortMessage } from '../../helpers/short-history.ts';
import { user, model, call, result } from '../../helpers/short-history.ts';
import { repaired, synthetic } from './repaired.ts';

describe('planRepair of what is no block', () => {
  const bare = (value: unknown): ContentBlock =>
    ({ type: 'unknown', value }) as unknown as ContentBlock;
  const quoted = '[A part that is no block: {"words":"a"}]';

  test.each(['anthropic', 'openai-chat', 'gemini', 'generic'] as const)(
    'makes a text of what says something and takes out what says nothing, for %s',
    (profile) => {
      const values = ['str', { text: 'bare' }, { words: 'a' }, null, {}, [], ' '];
      const history = [user('hi', ...values.map(bare)), model('ok')];
      const { after, plan } = repaired(history, profile);
      expect(after[0]).toEqual(user('hi', 'str', 'bare', quoted));
      expect(plan.lost).toEqual([]);
      expect(repaired(after, profile).plan.edits).toEqual([]);
    },
  );

  test('drops by drop what would only be quoted, and says so', () => {
    const { after, plan } = repaired([user('hi', bare(5)), model('ok')], 'anthropic', 'drop');
    expect(after[0]).toEqual(user('hi'));
    expect(plan.lost).toMatchObject([{ kind: 'other', text: '5' }]);
  });

  test('does the same inside a result, and leaves kinds alone that are not known yet', () => {
    const next = { type: 'block_of_next_month', x: 1 } as unknown as ContentBlock;
    const content = [null, 'str', { words: 'a' }, next];
    const history = [user('hi'), model(call('a')), user(result('a', content as never))];
    const { after } = repaired(history);
    const parts = [{ type: 'text', text: 'str' }, { type: 'text', text: quoted }, next];
    expect(after[2]?.content[0]).toMatchObject({ type: 'tool_result', content: parts });
    expect(repaired([user('hi', next), model('ok')]).plan.edits).toEqual([]);
  });
});

describe('planRepair of blocks in a shape that nobody takes', () => {
  const odd = (members: object): ContentBlock => members as unknown as ContentBlock;
  const giving = (members: object): readonly ShortMessage[] => [
    user('hi'),
    model({ ...call('abcdefghi'), thought_signature: 's' } as ContentBlock),
    user(odd({ ...result('abcdefghi', 'ok'), ...members })),
    model('done'),
  ];
  const hollow = odd({ type: 'image', source: null });
  const inner = call('x');
  const quote = `[A part that no result can hold: ${JSON.stringify(inner)}]`;
  const text = { type: 'text', text: 'ok' };

  test.each([
    ['a result of null becomes an empty text', { content: null }, { content: '' }],
    ['an error in a word is one', { is_error: 'yes' }, { is_error: true }],
    ['an error in a number is one', { is_error: 0 }, { is_error: false }],
    ['an error that nobody can read is none', { is_error: {} }, { is_error: undefined }],
    ['a picture without a source goes', { content: [hollow, text] }, { content: [text] }],
    [
      'a call in a result is quoted',
      { content: [text, inner] },
      { content: [text, { type: 'text', text: quote }] },
    ],
  ])('%s, for every profile', (_, before, wanted) => {
    for (const profile of profileNames) {
      const { after, plan } = repaired(giving(before), profile);
      expect(after).toEqual(giving(wanted));
      expect(plan.edits.map(({ reason }) => reason)).toEqual(['MALFORMED_BLOCK']);
      expect(plan.lost).toEqual([]);
      expect(repaired(after, profile).plan.edits).toEqual([]);
    }
  });

  test('a picture without a source goes out of a message, and the words stay', () => {
    const { after } = repaired([user(hollow, 'hi'), model('ok')]);
    expect(after).toEqual([user('hi'), model('ok')]);
  });
});

describe('planRepair of calls that are out of shape', () => {
  const reply = (id: string): readonly ShortMessage[] => [
    user('hi'),
    model(call(id)),
    user(result(id)),
  ];

  test('ids that do not fit change on both ends, the same way each time', () => {
    const { after } = repaired(reply('call_long id'), 'mistral');
    const [one, other] = [after[1]?.content[0], after[2]?.content[0]];
    expect(one).toMatchObject({ id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/) });
    expect(other).toMatchObject({ tool_use_id: (one as { id: string }).id });
    expect(repaired(reply('call_long id'), 'mistral').after).toEqual(after);
    expect(repaired(reply('a b')).after[1]?.content[0]).toMatchObject({ id: 'a_b_1' });
    const long = repaired(reply('x'.repeat(41)), 'openai-chat').after[1]?.content[0];
    expect(long).toMatchObject({ id: expect.stringMatching(/^x{36}_1$/) });
  });

  test('a new id is one that nobody has', () => {
    const history = [
      user('hi'),
      model(call('a b'), call('a_b_1')),
      user(result('a b'), result('a_b_1')),
    ];
    const { after } = repaired(history);
    const ids = after[1]?.content.map((block) => block['id'] as string) ?? [];
    expect(new Set(ids).size).toBe(2);
    expect(ids[1]).toBe('a_b_1');
  });

  test('an id that comes again becomes another for the later call and its result', () => {
    const history = [...reply('a'), model(call('a')), user(result('a', 'later'))];
    const { after } = repaired(history);
    expect(after.slice(3)).toEqual([model(call('a_1')), user(result('a_1', 'later'))]);
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  test('arguments that are not taken are kept inside an object', () => {
    const history = [user('hi'), model(call('a', '{"half')), user(result('a'))];
    const wrapped = model(call('a', { raw: '{"half' }));
    expect(repaired(history).after[1]).toEqual(wrapped);
    expect(repaired(history, 'openai-chat').after[1]).toEqual(wrapped);
    expect(repaired(history, 'openai-responses').after[1]).toEqual(wrapped);
    const list = [user('hi'), model(call('a', [1])), user(result('a'))];
    expect(repaired(list).after[1]).toEqual(model(call('a', { raw: [1] })));
    expect(repaired(list, 'openai-chat').plan.edits).toEqual([]);
    const none = [user('hi'), model(call('a', null)), user(result('a'))];
    expect(repaired(none, 'openai-chat').after[1]).toEqual(model(call('a', {})));
  });

  test('arguments that were encoded twice become what they say', () => {
    const history = [user('hi'), model(call('a', '{"path":"x"}')), user(result('a'))];
    for (const profile of ['anthropic', 'openai-chat', 'openai-responses', 'gemini'] as const) {
      expect(repaired(history, profile).after[1]?.content[0]).toMatchObject({
        input: { path: 'x' },
      });
    }
    // What would not come out as it was written stays the text that it is, inside an object.
    const exact = '{"id":12345678901234567890}';
    const large = [user('hi'), model(call('a', exact)), user(result('a'))];
    expect(repaired(large).after[1]).toEqual(model(call('a', { raw: exact })));
  });

  test('names of tools become ones that are taken', () => {
    const named = (name: unknown): unknown => {
      const history = [
        user('hi'),
        model({ ...call('a'), name } as ContentBlock),
        user(result('a')),
      ];
      return repaired(history).after[1]?.content[0];
    };
    expect(named('fs.read file')).toMatchObject({ name: 'fs_read_file' });
    expect(named(undefined)).toMatchObject({ name: 'unknown_tool' });
  });
});

describe('planRepair of texts', () => {
  test('blank ones go, and a message with nothing else with them', () => {
    const { after, plan } = repaired([user('hi', ' '), model('\n'), user('there')]);
    expect(after).toEqual([user('hi'), user('there')]);
    expect(plan.lost).toEqual([]);
    expect(repaired([user('hi', ' '), model('\n')], 'openai-chat').plan.edits).toEqual([]);
  });

  test('an empty message of the user between two answers says that it was empty', () => {
    const { after } = repaired([user('hi'), model('one'), user(), model('two')]);
    expect(after[2]).toEqual(user('[This message was empty.]'));
  });

  test('half a character becomes the sign for a lost one, also in names and arguments', () => {
    const history = [
      user('a\ud83d'),
      model(call('a', { 'k\ude00': ['\ud800'] })),
      user(result('a')),
    ];
    const { after } = repaired(history, 'openai-responses');
    expect(after[0]).toEqual(user('a\ufffd'));
    expect(after[1]).toEqual(model(call('a', { 'k\ufffd': ['\ufffd'] })));
  });

  test('white space at the end of the last answer is trimmed', () => {
    expect(repaired([user('hi'), model('done \n')]).after[1]).toEqual(model('done'));
    expect(repaired([user('hi'), model('done \n'), user('on')]).plan.edits).toEqual([]);
  });

  test('an error without a word gets one where that is refused', () => {
    const mute = synthetic('a', '');
    const { after } = repaired([user('hi'), model(call('a')), user(mute)], 'bedrock');
    expect(after[2]?.content[0]).toMatchObject({ content: '[The tool failed and said nothing.]' });
  });
});
