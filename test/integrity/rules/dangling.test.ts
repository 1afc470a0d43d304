/** Calls without a result are told apart: what to do next differs. */
import { describe, expect, test } from 'vitest';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import type { PlanOptions } from '../../../src/integrity/plan/plan.ts';
import { checkConversation, type CheckOptions } from '../../../src/integrity/rules/check.ts';
import { assistant, call, result, user } from '../../helpers/conversation-words.ts';
import { placed, type PlainMessage } from '../../helpers/placed.ts';

const ask = user('Read my notes.');

/** Severity and meaning of what is said of each call without a result. */
function told(messages: readonly PlainMessage[], options: CheckOptions = {}): readonly string[] {
  return checkConversation(placed(messages), 'anthropic', options)
    .findings.filter(({ code }) => code === 'DANGLING_TOOL_CALL')
    .map(({ severity, callId, meaning }) => `${severity} ${String(callId)}: ${meaning}`);
}

describe('UNFINISHED_TURN', () => {
  const unfinished = (messages: readonly PlainMessage[]): readonly (string | null)[] =>
    checkConversation(placed(messages), 'generic')
      .findings.filter(({ code }) => code === 'UNFINISHED_TURN')
      .flatMap(({ meaning, fix }) => [meaning, fix]);

  test('UNFINISHED_TURN tells how many results are missing, or that the answer is', () => {
    const two = unfinished([ask, assistant(call('a'), call('b'))]);
    expect(two[0]).toBe('The last turn waits for 2 results.');
    expect(two[1]).toMatch(/^Go on with it/);
    expect(unfinished([ask, assistant(call('a'))])[0]).toBe('The last turn waits for a result.');
    expect(unfinished([ask])).toEqual([
      'The conversation ends before the assistant has answered.',
      null,
    ]);
  });
});

describe('DANGLING_TOOL_CALL', () => {
  test('DANGLING_TOOL_CALL is still open at the end of a history that may go on', () => {
    expect(told([ask, assistant(call('a'))])).toEqual([
      'warning a: The call "a" waits for its result, which may still come.',
    ]);
  });

  test('DANGLING_TOOL_CALL is of unknown outcome when the user spoke and nothing else is known', () => {
    const messages = [ask, assistant(call('a')), user('[interrupted by user]')];
    const [found = ''] = told(messages);
    expect(found).toMatch(/^error a: .*outcome is unknown: it may have run/);
    expect(told([ask, assistant(call('a'))], { end: 'resumed' })).toEqual([found]);
  });

  test('DANGLING_TOOL_CALL has lost its result when others of its turn are there', () => {
    const messages = [ask, assistant(call('a'), call('b')), user(result('b'), 'Go on.')];
    expect(told(messages)[0]).toMatch(
      /^error a: .*lost its result: other results of the same turn/,
    );
  });

  test('DANGLING_TOOL_CALL is told what the plan does: a lost result says nothing of the tool', () => {
    const messages = [ask, assistant(call('a'), call('b')), user(result('b'), 'Go on.')];
    const history = placed(messages);
    const fixOf = (options: CheckOptions): string | null | undefined =>
      checkConversation(history, 'anthropic', options).findings.find(({ callId }) => callId === 'a')
        ?.fix;
    const addedFor = (options: PlanOptions): string =>
      JSON.stringify(planRepair(history, 'anthropic', 'annotate', options).edits);
    expect(fixOf({})).toMatch(/says the outcome is unknown; check before it is run again/);
    expect(addedFor({})).toContain('it may have run. Check before running it again.');
    const lookup = (): 'finished' => 'finished';
    expect(fixOf({ lookup })).toMatch(/ran and its result was lost; check what it did before/);
    expect(addedFor({ outcomeOf: lookup })).toContain('ran to its end, but its result was lost');
  });

  test('DANGLING_TOOL_CALL has lost its result when the assistant went on by itself', () => {
    const messages = [ask, assistant(call('a')), user(), assistant('Done.'), user('Thanks.')];
    expect(told(messages)[0]).toMatch(/^error a: .*lost its result: the assistant went on/);
  });

  test('DANGLING_TOOL_CALL is of unknown outcome when the user spoke before it went on', () => {
    const messages = [ask, assistant(call('a')), user('Go on.'), assistant('Done.')];
    expect(told(messages)[0]).toMatch(/^error a: .*outcome is unknown/);
  });

  test.each(['running', 'executing'])(
    'DANGLING_TOOL_CALL is of unknown outcome when its source says %s, beside results of others',
    (status) => {
      const calls = assistant(call('a', { status }), call('b'));
      expect(told([ask, calls, user(result('b'), 'Go on.')])[0]).toMatch(/outcome is unknown/);
    },
  );

  test.each(['pending', 'queued', 'awaiting_approval'])(
    'DANGLING_TOOL_CALL never started when its source says %s',
    (status) => {
      const messages = [ask, assistant(call('a', { status })), user('Go on.'), assistant('Done.')];
      expect(told(messages)[0]).toMatch(/^error a: .*it never started/);
    },
  );

  test('DANGLING_TOOL_CALL does not believe a status that says the tool runs', () => {
    const messages = [ask, assistant(call('a', { status: 'running' })), user('Stop.')];
    expect(told(messages)[0]).toMatch(/outcome is unknown/);
  });

  test.each([
    ['not-started', /it never started/],
    ['unknown', /outcome is unknown/],
    ['finished', /lost its result: its outcome was recorded/],
  ] as const)('DANGLING_TOOL_CALL believes an intent that tells %s', (known, words) => {
    const messages = [
      ask,
      assistant(call('a', { status: 'pending' }), call('b')),
      user(result('b')),
      assistant('Done.'),
    ];
    expect(told(messages, { lookup: (id) => (id === 'a' ? known : null) })[0]).toMatch(words);
  });

  test('DANGLING_TOOL_CALL says of a call whose id comes again that it waits no longer', () => {
    const messages = [ask, assistant(call('a')), user('Go on.'), assistant(call('a'))];
    expect(told(messages).map((line) => line.split(':')[0])).toEqual(['error a', 'warning a']);
  });

  test('DANGLING_TOOL_CALL never proposes to say that the tool failed', () => {
    const conversations = [
      [ask, assistant(call('a'))],
      [ask, assistant(call('a')), user('Go on.')],
      [ask, assistant(call('a', { status: 'pending' })), user('Go on.')],
      [ask, assistant(call('a')), user('Go on.'), assistant('Done.')],
    ];
    for (const messages of conversations) {
      const { findings } = checkConversation(placed(messages), 'generic');
      const fixes = findings.map(({ fix }) => fix ?? '');
      expect(fixes.join()).toMatch(/result that says|If nothing runs/);
      expect(fixes.join()).not.toMatch(/fail/i);
    }
  });
});
