/** What a plan does about results that are lone, displaced or doubled, before and after. */
import { describe, expect, test } from 'vitest';
import type { ContentBlock } from '../../../src/session/message.ts';
import type { ShortMessage } from '../../helpers/short-history.ts';
import { user, model, call, result, text } from '../../helpers/short-history.ts';
import { repaired, synthetic, unknown } from './repaired.ts';

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
    const unnamed = repaired([user('hi', result('', 'secret'))]);
    expect(unnamed.after[0]?.content[1]).toEqual(
      text('[The result of a call that is missing here:]\nsecret'),
    );
    expect(unnamed.plan.edits[0]?.told).toMatch(/^The result of an unnamed call has no call/);
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
