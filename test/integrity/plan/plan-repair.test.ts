/** What a plan does about each fault, as conversations before and after. */
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../src/integrity/plan/apply-edits.ts';
import type { PolicyName } from '../../../src/integrity/plan/edit.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import type { Plan, PlanOptions } from '../../../src/integrity/plan/plan.ts';
import { profileNames } from '../../../src/integrity/profile.ts';
import type { ProfileName } from '../../../src/integrity/profile.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import * as short from '../../helpers/short-history.ts';
import type { ShortMessage } from '../../helpers/short-history.ts';

const { user, model, system, call, result, thought, text } = short;

function repaired(
  messages: readonly ShortMessage[],
  profile: ProfileName = 'anthropic',
  policy: PolicyName = 'annotate',
  options: PlanOptions = {},
): { readonly after: readonly ShortMessage[]; readonly plan: Plan } {
  const before = short.placed(messages);
  const plan = planRepair(before, profile, policy, options);
  return { after: short.bare(applyEdits(before, plan.edits)), plan };
}

function synthetic(id: string, words: string): ContentBlock {
  return { type: 'tool_result', tool_use_id: id, content: words, is_error: true };
}

const unknown =
  'Nobody recorded the outcome of this call; it may have run. Check before running it again.';

const healthy = [user('do it'), model('well', call('a')), user(result('a')), model('done')];

describe('planRepair', () => {
  test.each(profileNames)('leaves what %s takes as it is', (profile) => {
    const id = profile === 'mistral' ? 'abcdefghi' : 'a';
    const signed = { ...call(id), thought_signature: 's' } as ContentBlock;
    const history = [user('do it'), model('well', signed), user(result(id)), model('done')];
    expect(repaired(history, profile).plan).toEqual({ edits: [], lost: [], unmended: [] });
  });

  test('never takes an answer at the end away', () => {
    expect(repaired([user('hi'), model('hello')], 'gemini').plan.edits).toEqual([]);
    expect(repaired([user('hi'), model('hello')], 'mistral', 'drop').plan.edits).toEqual([]);
  });
});

describe('planRepair of calls without a result', () => {
  const open = [user('do it'), model(call('a'), call('b')), user(result('b')), user('so?')];

  test('annotate adds a result that says that the outcome is unknown', () => {
    const { after, plan } = repaired(open);
    expect(after[2]).toEqual(user(result('b'), synthetic('a', unknown)));
    expect(plan.lost).toEqual([]);
    expect(plan.edits).toMatchObject([
      { kind: 'insert-block', at: { message: 2, block: 1 }, reason: 'DANGLING_TOOL_CALL' },
    ]);
  });

  test('annotate adds a message at the end, and between answers that are sent one by one', () => {
    expect(repaired([user('do it'), model(call('a'))]).after.at(-1)).toEqual(
      user(synthetic('a', unknown)),
    );
    expect(repaired([user('do it'), model(call('a')), model('x')], 'openai-chat').after[2]).toEqual(
      user(synthetic('a', unknown)),
    );
  });

  test.each(['anthropic', 'bedrock', 'gemini', 'openai-responses', 'openai-chat'] as const)(
    'annotate answers an open call in front of the next answer for %s',
    (profile) => {
      const signed = { ...call('a'), thought_signature: 's' } as ContentBlock;
      const history = [user('do it'), model('well', signed), model('done'), user('so?')];
      const { after, plan } = repaired(history, profile);
      expect(after).toEqual([
        user('do it'),
        model('well', signed),
        user(synthetic('a', unknown)),
        model('done'),
        user('so?'),
      ]);
      expect(plan.edits).toMatchObject([{ kind: 'insert-message', before: 2 }]);
      const mistral = [user('do it'), model(call('abcdefghi')), model('done')];
      expect(repaired(mistral, 'mistral').after[2]).toEqual(user(synthetic('abcdefghi', unknown)));
    },
  );

  test('calls of two answers in a row are each answered behind their own', () => {
    const history = [
      user('do it'),
      model(call('a'), call('b')),
      model(call('c')),
      user(result('c')),
    ];
    const { after } = repaired(history, 'anthropic');
    expect(after).toEqual([
      user('do it'),
      model(call('a'), call('b')),
      user(synthetic('a', unknown), synthetic('b', unknown)),
      model(call('c')),
      user(result('c')),
    ]);
    const mixed = [user('do it'), model(call('a'), call('b')), model('x'), user(result('b'))];
    expect(repaired(mixed, 'anthropic').after).toEqual([
      user('do it'),
      model(call('a'), call('b')),
      user(synthetic('a', unknown), result('b')),
      model('x'),
    ]);
  });

  test('annotate tells what a journal knows of the call', () => {
    const told = (outcome: 'not-started' | 'finished'): unknown =>
      repaired([user('do it'), model(call('a'))], 'generic', 'annotate', {
        outcomeOf: () => outcome,
      }).after.at(-1)?.content[0];
    expect(told('not-started')).toEqual(
      synthetic(
        'a',
        'This call was never started: the session ended before the tool ran. It can be run again.',
      ),
    );
    expect(told('finished')).toMatchObject({ content: expect.stringContaining('result was lost') });
  });

  test('drop takes the call out and names it', () => {
    const { after, plan } = repaired(open, 'anthropic', 'drop');
    expect(after).toEqual([user('do it'), model(call('b')), user(result('b')), user('so?')]);
    expect(plan.lost).toMatchObject([
      { at: { message: 1, block: 0 }, kind: 'call', callId: 'a', text: 'bash({})' },
    ]);
  });

  test('drop takes the thoughts with it that led to nothing else', () => {
    const alone = [user('do it'), model(thought('hm', 's'), call('a'))];
    const { after, plan } = repaired(alone, 'anthropic', 'drop');
    expect(after).toEqual([user('do it')]);
    expect(plan.lost.map(({ kind }) => kind)).toEqual(['thinking', 'call']);
    const beside = [
      user('do it'),
      model(thought('hm', 's'), call('a'), call('b')),
      user(result('b')),
    ];
    expect(repaired(beside, 'anthropic', 'drop').after[1]).toEqual(
      model(thought('hm', 's'), call('b')),
    );
  });

  test('truncate cuts behind the last turn in which everything is answered', () => {
    const history = [...healthy, user('more'), model(call('b')), user('stop')];
    const { after, plan } = repaired(history, 'anthropic', 'truncate-to-last-complete-turn');
    expect(after).toEqual([...healthy, user('more')]);
    expect(plan.lost.map(({ kind, text: said }) => [kind, said])).toEqual([
      ['call', 'bash({})'],
      ['text', 'stop'],
    ]);
    expect(plan.edits.every(({ reason }) => reason === 'UNFINISHED_TURN')).toBe(true);
  });

  test.each(profileNames)('truncate ends at the same turn for %s', (profile) => {
    const [one, two] = ['abcdefgh1', 'abcdefgh2'];
    const begin = [user('do it'), model('done'), user('more')];
    const ends = [
      [model('well', call(one))],
      [model('well', call(one)), user('so?')],
      [model('well', call(one)), model('done')],
      [model('well', call(one)), system('be brief'), model('done')],
      [model(call(one)), model(call(two)), user(result(two))],
    ];
    for (const end of ends) {
      const history = [...begin, ...end];
      const { after, plan } = repaired(history, profile, 'truncate-to-last-complete-turn');
      expect(after).toEqual(begin);
      expect(plan.lost).toHaveLength(end.flatMap(({ content }) => content).length);
      expect(plan.lost.every(({ at }) => at.message >= begin.length)).toBe(true);
    }
  });

  test('truncate mends what lies before a complete turn, and keeps results of kept calls', () => {
    const history = [
      user('do it'),
      model(call('a')),
      user('go on'),
      model(call('b')),
      user('and'),
      model(call('c')),
      user(result('b')),
    ];
    const { after } = repaired(history, 'anthropic', 'truncate-to-last-complete-turn');
    expect(after).toEqual([
      user('do it'),
      model(call('a')),
      user(synthetic('a', unknown)),
      user('go on'),
      model(call('b')),
      user(result('b')),
      user('and'),
    ]);
  });
});

describe('planRepair of results', () => {
  const lone = [user('hi'), model('yes?'), user(result('x', 'secret')), model('ok')];

  test('an orphan is quoted by annotate, with its images, and goes by drop', () => {
    const quote = text('[The result of a call (x) that is missing here:]\nsecret');
    expect(repaired(lone).after[2]).toEqual(user(quote));
    const dot = { type: 'image', source: {} } as const;
    const pictured: ContentBlock = {
      type: 'tool_result',
      tool_use_id: 'x',
      content: [{ type: 'text', text: 'secret' }, dot],
    };
    expect(repaired([user('hi', pictured)]).after).toEqual([user('hi', quote, dot)]);
    const odd = {
      type: 'tool_result',
      name: 'sh',
      result: { out: 'x' },
    } as unknown as ContentBlock;
    expect(repaired([user('hi', odd)]).after[0]?.content[1]).toEqual(
      text('[The result of a call that is missing here:]\n{"name":"sh","result":{"out":"x"}}'),
    );
    const dropped = repaired(lone, 'anthropic', 'drop');
    expect(dropped.after).toEqual([user('hi'), model('yes?'), model('ok')]);
    expect(dropped.plan.lost).toMatchObject([{ kind: 'result', callId: 'x', text: 'secret' }]);
  });

  test('one that stands elsewhere moves to where the provider wants it', () => {
    const late = [user('hi'), model(call('a')), user('wait'), model('ok'), user(result('a'))];
    expect(repaired(late).after).toEqual([
      user('hi'),
      model(call('a')),
      user(result('a')),
      user('wait'),
      model('ok'),
    ]);
    expect(repaired(late, 'bedrock').after[2]).toEqual(user(result('a'), 'wait'));
    expect(repaired(late, 'openai-responses').plan.edits).toEqual([]);
    const behind = [user('hi'), model(call('a')), user('wait', result('a'))];
    expect(repaired(behind).plan.edits.map(({ reason }) => reason)).toEqual([
      'CONTENT_BEFORE_RESULT',
      'CONTENT_BEFORE_RESULT',
    ]);
    expect(repaired(behind).after[2]).toEqual(user(result('a'), 'wait'));
  });

  test('one in front of its call moves behind it, unless somebody spoke in between', () => {
    const early = [user('hi'), user(result('a')), model(call('a'))];
    expect(repaired(early, 'generic').after).toEqual([
      user('hi'),
      model(call('a')),
      user(result('a')),
    ]);
    const other = [user('hi'), user(result('a')), user('new'), model(call('a'))];
    expect(repaired(other, 'generic').after.at(-1)).toEqual(user(synthetic('a', unknown)));
  });

  test('a second one goes, and is named when it says something else', () => {
    const twice = (second: string): readonly ShortMessage[] => [
      user('hi'),
      model(call('a')),
      user(result('a', 'one'), result('a', second)),
    ];
    expect(repaired(twice('one')).plan.lost).toEqual([]);
    expect(repaired(twice('one')).after[2]).toEqual(user(result('a', 'one')));
    expect(repaired(twice('two')).plan.lost).toMatchObject([{ kind: 'result', text: 'two' }]);
  });

  test('one that stands in for a lost one gives way to it', () => {
    const history = [
      user('hi'),
      model(call('a')),
      user(synthetic('a', unknown)),
      user(result('a', 'real')),
    ];
    const { after, plan } = repaired(history);
    expect(after[2]).toEqual(user(result('a', 'real')));
    expect(plan.lost).toEqual([]);
  });

  test('the newest turn that has the id is answered', () => {
    const reused = [
      user('hi'),
      model(call('a', { n: 1 })),
      user('on'),
      model(call('a', { n: 2 })),
      user(result('a')),
    ];
    const { after } = repaired(reused, 'openai-chat');
    expect(after.slice(2, 4)).toEqual([user(synthetic('a', unknown)), user('on')]);
    expect(after[5]).toEqual(user(result('a')));
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

describe('planRepair of thoughts and signatures', () => {
  test('an unsigned thought of the latest turn becomes a text, or goes by drop', () => {
    const history = [user('hi'), model(thought('hm'), 'well')];
    expect(repaired(history).after[1]).toEqual(model('hm', 'well'));
    const dropped = repaired(history, 'anthropic', 'drop');
    expect(dropped.after[1]).toEqual(model('well'));
    expect(dropped.plan.lost).toMatchObject([{ kind: 'thinking', text: 'hm' }]);
    expect(repaired([...history, user('on'), model('ok')]).plan.edits).toEqual([]);
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  test('a signature does not outlive a change of its thought', () => {
    const history = [user('hi'), model(thought('a\ud83d', 's'), 'well'), user('on')];
    expect(repaired(history).after[1]).toEqual(model(thought('a\ufffd'), 'well'));
    expect(repaired(history.slice(0, 2)).after[1]).toEqual(model('a\ufffd', 'well'));
  });

  test('an unsigned thought in front of a signed one goes: the signed one must be first', () => {
    const history = [user('hi'), model(thought('hm'), thought('so', 's'), 'well')];
    expect(repaired(history).after[1]).toEqual(model(thought('so', 's'), 'well'));
  });

  test('Gemini gets a signature that stands for none, as long as the loop goes on', () => {
    const history = [user('hi'), model(call('a'), call('b')), user(result('a'), result('b'))];
    const signed = { ...call('a'), thought_signature: 'skip_thought_signature_validator' };
    expect(repaired(history, 'gemini').after[1]).toEqual(model(signed as ContentBlock, call('b')));
    expect(repaired([...history, model('done')], 'gemini').plan.edits).toEqual([]);
    const older = short.placed(history, 'gemini-2.5-pro');
    expect(planRepair(older, 'gemini', 'annotate').edits).toEqual([]);
  });

  test('reasoning that led to nothing goes, and no item comes twice', () => {
    const item = (id: string, words: string): ContentBlock =>
      ({ type: 'reasoning', id, summary: [{ text: words }] }) as unknown as ContentBlock;
    const idle = repaired([user('hi'), model(item('r', 'hm')), user('on')], 'openai-responses');
    expect(idle.after).toEqual([user('hi'), user('on')]);
    expect(idle.plan.lost).toMatchObject([{ kind: 'thinking', text: 'hm' }]);
    const twice = [user('hi'), model(item('r', 'a'), item('r', 'a'), item('r', 'b'), 'x')];
    const { after } = repaired(twice, 'openai-responses');
    expect(after[1]?.content.map((block) => block['id'] as unknown)).toEqual([
      'r',
      undefined,
      undefined,
    ]);
    expect(after[1]?.content).toHaveLength(3);
  });

  test('a tool of the provider without its other half is quoted, or dropped', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } };
    const history = [user('hi'), model(search as ContentBlock, 'well')];
    expect(repaired(history).after[1]?.content[0]).toEqual(
      text('[A call that the provider runs itself has no result here: web_search({"query":"q"})]'),
    );
    expect(repaired(history, 'anthropic', 'drop').after[1]).toEqual(model('well'));
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });
});

describe('planRepair of roles', () => {
  test('halves of a tool of the provider on two sides of a prompt are no pair', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'w', input: {} } as ContentBlock;
    const found = { type: 'web_search_tool_result', tool_use_id: 's', content: 'x' };
    const history = [user('hi'), model(search), user('on'), model(found as ContentBlock)];
    expect(repaired(history, 'anthropic', 'drop').after).toEqual([user('hi'), user('on')]);
    const between = history.with(2, user(result('a'))).with(1, model(search, call('a')));
    expect(repaired(between).plan.edits).toEqual([]);
  });

  test('a beginning that is missing is told', () => {
    const { after } = repaired([system('rules'), model('hello')]);
    expect(after).toEqual([
      system('rules'),
      user('[The beginning of this conversation is missing.]'),
      model('hello'),
    ]);
    expect(repaired([model('hello')], 'openai-chat').plan.edits).toEqual([]);
  });

  test('messages of one side in a row are joined only where they must take turns', () => {
    const history = [user('a'), user('b'), model('c'), model(call('d')), user(result('d'))];
    expect(repaired(history).plan.edits).toEqual([]);
    expect(repaired(history, 'bedrock').after).toEqual([
      user('a', 'b'),
      model('c', call('d')),
      user(result('d')),
    ]);
  });

  test('what stands behind a call moves in front of it for Claude', () => {
    const history = [user('hi'), model(call('a'), 'wait'), user(result('a'))];
    expect(repaired(history).after[1]).toEqual(model('wait', call('a')));
    expect(repaired(history, 'openai-chat').plan.edits).toEqual([]);
  });

  test('the model speaks between results and the user for Mistral', () => {
    const id = 'abcdefghi';
    const history = [user('hi'), model(call(id)), user(result(id), 'and')];
    expect(repaired(history, 'mistral').after.slice(2)).toEqual([
      user(result(id)),
      model('[The answer to these results is missing.]'),
      user('and'),
    ]);
  });

  test('the user speaks in front of instructions for Mistral', () => {
    const id = 'abcdefghi';
    const history = [user('hi'), model(call(id)), user(result(id)), system('rules')];
    expect(repaired(history, 'mistral').after.slice(3)).toEqual([
      model('[The answer to these results is missing.]'),
      user('[Instructions follow.]'),
      system('rules'),
    ]);
  });

  test('a thought that is not of the model is quoted, or dropped', () => {
    const history = [user('hi', thought('hm', 's'))];
    expect(repaired(history).after).toEqual([user('hi', '[A thought that is nobody’s: hm]')]);
    expect(repaired(history, 'generic', 'drop').plan.lost).toMatchObject([{ text: 'hm' }]);
  });

  test('unknown roles become the user, and calls that nobody made are quoted', () => {
    const told = { role: 'narrator', content: [text('meanwhile')] };
    expect(repaired([told]).after).toEqual([user('meanwhile')]);
    const quoted = repaired([user('hi', call('a', { n: 1 }))]).after[0]?.content[1];
    expect(quoted).toEqual(text('[A call of a tool that nobody made: bash({"n":1})]'));
  });

  test('a picture that is too large is told, where it is and where many make it so', () => {
    const picture = (width: number, height: number): ContentBlock => {
      const bytes = Buffer.alloc(33);
      bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
      bytes.writeUInt32BE(13, 8);
      bytes.write('IHDR', 12, 'latin1');
      bytes.writeUInt32BE(width, 16);
      bytes.writeUInt32BE(height, 20);
      const source = { type: 'base64', media_type: 'image/png', data: bytes.toString('base64') };
      return { type: 'image', source } as ContentBlock;
    };
    const told = (...pictures: readonly ContentBlock[]): readonly string[] =>
      repaired([user('look'), user(...pictures)]).plan.unmended.map((one) => one.told);
    expect(told(picture(8001, 10))).toMatchObject([expect.stringContaining('8001 pixels')]);
    expect(told(picture(8000, 2001))).toEqual([]);
    const many = Array.from({ length: 20 }, () => picture(2000, 10));
    expect(told(...many)).toEqual([]);
    expect(told(picture(2001, 10), ...many)).toMatchObject([
      expect.stringContaining('2001 pixels'),
    ]);
  });

  test('too many images are told and not touched', () => {
    const many = Array.from({ length: 101 }, (): ContentBlock => ({ type: 'image', source: {} }));
    const { plan } = repaired([user('look', ...many)]);
    expect(plan.edits).toEqual([]);
    expect(plan.unmended).toEqual([
      {
        reason: 'IMAGE_LIMIT',
        told: expect.stringContaining('There are 101 pictures; a request may hold 100.'),
      },
    ]);
  });
});
