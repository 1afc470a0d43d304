/** A plan as a diff for people and as JSON for programs. */
import { describe, expect, test } from 'vitest';
import { planLines } from '../../../src/integrity/plan/plan-text.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import * as short from '../../helpers/short-history.ts';

const { user, model, call, result } = short;

describe('planLines', () => {
  test('tells where and why, what goes and what comes', () => {
    const history = short.placed([user('hi'), model(call('a')), model('done ')]);
    const plan = planRepair(history, 'openai-responses', 'annotate');
    expect(planLines(history, plan)).toEqual([
      'behind message 2: The call "a" has no result; one is added that says that the outcome is ' +
        'unknown. (DANGLING_TOOL_CALL)',
      '+ {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"Nobody ' +
        'recorded the outcome of this call; it may have run. Check before running it again.",' +
        '"is_error":true}]}',
    ]);
    const changed = short.placed([user('hi'), model(call('a', 'x')), user(result('a'))]);
    const lines = planLines(changed, planRepair(changed, 'anthropic', 'annotate'));
    expect(lines).toEqual([
      'message 2 (assistant), line 2: The arguments of a call are no object; they are kept inside ' +
        'one. (BAD_ARGUMENTS)',
      '- {"type":"tool_use","id":"a","name":"bash","input":"x"}',
      '+ {"type":"tool_use","id":"a","name":"bash","input":{"raw":"x"}}',
    ]);
  });

  test('tells everything that one edit does, up to a handful', () => {
    const calls = Array.from({ length: 12 }, (_, at) => call(`c${at}`));
    const history = short.placed([user('hi'), model(...calls), model(call('a b', '{"x":1}'))]);
    const lines = planLines(history, planRepair(history, 'openai-chat', 'annotate'));
    expect(lines[0]).toMatch(/"c0" has no result.*"c7" has no result.* 4 more of this kind/u);
    const changed = planLines(history, planRepair(history, 'anthropic', 'annotate'));
    expect(changed.join('\n')).toMatch(
      /The arguments of a call are the text.*The id "a b" is not taken|The id "a b".*The arguments/u,
    );
  });

  test('names what is lost, and what is not mended', () => {
    const many = Array.from({ length: 21 }, () => ({ type: 'image', source: 0 }) as const);
    const history = short.placed([user('hi', ...many), model(call('a'))]);
    const lines = planLines(history, planRepair(history, 'bedrock', 'drop'));
    expect(lines.slice(-4)).toEqual([
      'This takes away 1 piece for good:',
      'message 2 (assistant), line 2: The call "a" has no result; it is dropped.',
      '- "bash({})"',
      'Not mended (IMAGE_LIMIT): There are 21 pictures; a request may hold 20. Make it smaller, or ' +
        'leave it out of what is sent.',
    ]);
  });

  test('lets nothing out that a terminal or a reader takes for something else', () => {
    const hostile = short.placed([
      user('\u001b[2J\n+ {"fake"}\u202e\u009b31m'),
      model(call('a b')),
    ]);
    const plan = planRepair(hostile, 'anthropic', 'drop');
    const lost = planLines(hostile, {
      ...plan,
      edits: [{ kind: 'remove-message', message: 0, reason: 'EMPTY_MESSAGE', told: 'Gone.' }],
    });
    expect(lost.join('')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(lost[1]).toContain('\\u001b[2J\\n+ {\\"fake\\"}\\u202e\\u009b31m');
  });

  test('cuts a long content and says so', () => {
    const history = short.placed([user('x'.repeat(5000), result('a'))]);
    const plan = planRepair(history, 'generic', 'drop');
    const gone = {
      ...plan,
      edits: [{ kind: 'remove-message', message: 0, reason: 'EMPTY_MESSAGE', told: 'Gone.' }],
    } as const;
    expect(planLines(history, gone)[1]).toMatch(/x… \d+ more characters$/);
  });
});
