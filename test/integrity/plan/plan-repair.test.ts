/** What a plan does about calls without a result, as conversations before and after. */
import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../src/integrity/profile.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { user, model, system, call, result, thought } from '../../helpers/short-history.ts';
import { repaired, synthetic, unknown } from './repaired.ts';

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
    // In the order of the calls.
    expect(after[2]).toEqual(user(synthetic('a', unknown), result('b')));
    expect(plan.lost).toEqual([]);
    expect(plan.edits).toMatchObject([
      { kind: 'insert-block', at: { message: 2, block: 0 }, reason: 'DANGLING_TOOL_CALL' },
    ]);
    const more = [
      user('do it'),
      model(call('a'), call('b'), call('c')),
      user(result('a'), result('c')),
    ];
    expect(repaired(more).after[2]).toEqual(
      user(result('a'), synthetic('b', unknown), result('c')),
    );
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
