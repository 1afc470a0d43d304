/** Lists as long as a file can hold: no stack is too small for them, and twice as many cost twice. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { RolloutTable } from '../../src/transcript/codex/table.ts';
import { elementsWalked } from '../helpers/counted-work.ts';
import { eachInItsFolder, file, recover } from './rollouts.ts';

eachInItsFolder();

const say = (text: string): unknown => ({ type: 'text', text });
const call = (id: string): unknown => ({ type: 'tool_use', id, name: 'b', input: {} });
const called = (id: string): unknown => ({
  id,
  type: 'function',
  function: { name: 'b', arguments: '{}' },
});
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A question, and an answer with this in it. */
function asked(answer: object): unknown[] {
  return [
    { role: 'user', content: 'hi' },
    { role: 'assistant', ...answer },
  ];
}

const words = many(130_000, () => say('x'));

describe('a flat list that is longer than a stack', () => {
  test.each([
    ['blocks of an answer', asked({ content: [...words, call('a')] }), 'anthropic'],
    ['blocks behind a call', asked({ content: [call('a'), ...words] }), 'anthropic'],
    [
      'calls of an answer',
      asked({ content: null, tool_calls: many(130_000, (index) => called(`c${index}`)) }),
      'openai-chat',
    ],
    ['messages of one side', many(130_000, () => ({ role: 'user', content: 'x' })), 'bedrock'],
  ])('%s are planned as short ones are, and not told as nested', async (_what, list, profile) => {
    const path = file('flat.json', JSON.stringify(list));
    const told = await recover('plan', path, '--profile', profile);
    expect(told.stdout + told.stderr).not.toContain('nested');
    expect([told.code, told.stderr]).toEqual([10, '']);
  });
});

describe('twice as many', () => {
  const shapes: readonly [string, (count: number) => unknown[]][] = [
    [
      'calls that repeat ids',
      (count) => asked({ content: many(count, (at) => [call(`t${at % 50}`), say('x')]).flat() }),
    ],
    [
      'blocks behind a call',
      (count) => asked({ content: [call('a'), ...many(count, () => say('x'))] }),
    ],
  ];

  test.each(shapes)('%s cost a plan about twice the work', async (_what, shape) => {
    const work = async (count: number): Promise<number> => {
      const path = file(`list-${count}.json`, JSON.stringify(shape(count)));
      return elementsWalked(async () => expect((await recover('plan', path)).code).toBe(10));
    };
    const [once, twice] = [await work(1000), await work(2000)];
    expect(once).toBeGreaterThan(1000);
    expect(twice / once).toBeLessThan(2.5);
  });

  test('rollbacks of Codex cost about twice the looks at their items', async () => {
    const line = (type: string, payload: object): string =>
      JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', type, payload });
    const input = [{ type: 'input_text', text: 'q' }];
    const turn = (at: number): string[] => [
      line('response_item', { type: 'message', role: 'user', content: input }),
      line('response_item', {
        type: 'function_call',
        name: 'b',
        arguments: '{}',
        call_id: `c${at}`,
      }),
      line('event_msg', { type: 'thread_rolled_back', num_turns: at % 2 }),
    ];
    const flags = vi.spyOn(RolloutTable.prototype, 'flags');
    onTestFinished(() => flags.mockRestore());
    const work = async (count: number): Promise<number> => {
      const head = line('session_meta', { id: 's', cwd: '/' });
      const path = file(`r${count}.jsonl`, `${[head, ...many(count, turn).flat()].join('\n')}\n`);
      flags.mockClear();
      expect((await recover('plan', path)).code).toBe(10);
      return flags.mock.calls.length;
    };
    const [once, twice] = [await work(200), await work(400)];
    expect(once).toBeGreaterThan(200);
    expect(twice / once).toBeLessThan(2.5);
  });
});
