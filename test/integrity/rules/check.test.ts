/** The check as a whole: bounded, streaming, the same each time, and never thrown off. */
import { describe, expect, test } from 'vitest';
import type { PlacedMessage } from '../../../src/integrity/conversation.ts';
import { profileNames } from '../../../src/integrity/profile.ts';
import { checkConversation, ConversationChecker } from '../../../src/integrity/rules/check.ts';
import { validateEntries } from '../../../src/integrity/validate.ts';
import { Prng } from '../../../src/platform/sim/prng.ts';
import {
  assistant,
  by,
  call,
  result,
  text,
  thinking,
  user,
} from '../../helpers/conversation-words.ts';
import { placed, type PlainMessage } from '../../helpers/placed.ts';
import { bytesHeld } from '../../helpers/bytes-held.ts';
import { testSeed } from '../../helpers/seed.ts';

const ask = user('Read my notes.');

describe('checkConversation', () => {
  test('checkConversation counts what it saw', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      user('Höre zu.', { type: 'image', source: { type: 'url', url: 'https://example.org/a' } }),
      assistant(thinking(), { type: 'redacted_thinking', data: 'eA==' }, call('a')),
      user(result('a', { content: [text('drei'), { type: 'image', source: {} }] })),
      assistant({ type: 'reasoning', id: 'rs_1' }, 'Ja.'),
    ];
    expect(checkConversation(placed(messages), 'anthropic').counters).toEqual({
      messages: 5,
      userMessages: 2,
      assistantMessages: 2,
      calls: 1,
      results: 1,
      thinkingBlocks: 3,
      images: 2,
      textCharacters: 9 + 8 + 19 + 4 + 3,
    });
  });

  test('checkConversation keeps 10,000 findings and counts all of them', () => {
    const messages = Array.from({ length: 12_000 }, () => assistant('\n', '\n', 'x', '\n'));
    const check = checkConversation(placed(messages), 'anthropic');
    expect(check.findings).toHaveLength(10_000);
    expect(check.counts).toContainEqual({ code: 'EMPTY_TEXT', severity: 'error', count: 36_000 });
    expect([check.errors, check.warnings, check.notes]).toEqual([36_001, 0, 0]);
  });

  test('checkConversation sums up by severity', () => {
    const messages = [ask, assistant('\n'), user(result('a')), { role: 'x', content: 'y' }, ask];
    const { errors, warnings, notes } = checkConversation(placed(messages), 'anthropic');
    expect([errors, warnings, notes]).toEqual([2, 1, 1]);
  });

  test('checkConversation names the call that a result has none of', () => {
    const messages = [ask, user(result('a'), result('', { tool_use_id: null })), ask];
    const { findings } = checkConversation(placed(messages), 'generic');
    const orphans = findings.filter(({ code }) => code === 'ORPHANED_TOOL_RESULT');
    expect(orphans.map(({ callId }) => callId)).toEqual(['a', null]);
    expect(orphans[0]?.meaning).toContain('No call has the id of the result, "a"');
    expect(orphans[1]?.meaning).toContain('The result names no call');
  });

  test('checkConversation sorts findings by place, whenever a rule found them', () => {
    const messages = [
      assistant('Hello.'),
      user('\n', 'Read.'),
      assistant(thinking({}), call('a', { input: 1 })),
      user('\n', 'Go on.'),
      assistant(call('b')),
    ];
    const { findings } = checkConversation(placed(messages), 'anthropic');
    const places = findings.map(
      ({ messageIndex, blockIndex }) => (messageIndex ?? 0) * 10 + (blockIndex ?? -1),
    );
    expect(places.length).toBeGreaterThan(5);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test('checkConversation says the same step by step as in one go', () => {
    const messages = placed([ask, assistant(call('a')), user('Go on.'), assistant('\n')]);
    const checker = new ConversationChecker('mistral');
    for (const message of messages) checker.add(message);
    expect(checker.finish()).toEqual(checkConversation(messages, 'mistral'));
  });

  test('checkConversation finds nothing in nothing', () => {
    for (const profile of profileNames) {
      const check = checkConversation([], profile);
      expect([check.findings, check.counts, check.errors]).toEqual([[], [], 0]);
    }
  });

  test('checkConversation ends its sentences', () => {
    const messages = [
      assistant(call('', { input: 1, name: '?' }), call('a'), 'x', thinking({}), '\n'),
      user(result('b'), '\ud800', result('a'), result('a')),
      { role: 'narrator', content: '' },
      by('m', assistant(thinking())),
      by('n', assistant({ type: 'reasoning', id: 'rs' }, { type: 'server_tool_use', id: 's' })),
    ];
    for (const profile of profileNames) {
      for (const end of ['open', 'sent'] as const) {
        for (const { meaning, fix } of checkConversation(placed(messages), profile, { end })
          .findings) {
          expect(meaning).toMatch(/^[A-Z].{10,}\.$/);
          if (fix !== null) expect(fix).toMatch(/^[A-Z].{5,}\.$/);
        }
      }
    }
  });

  test('checkConversation is not thrown off by blocks that lack what they should have', () => {
    const odd = [
      { type: 'text' },
      { type: 'text', text: 5 },
      { type: 'tool_use' },
      { type: 'tool_use', id: 5, name: null, input: undefined },
      { type: 'tool_result' },
      { type: 'tool_result', tool_use_id: 'a', content: [null, 5, 'x', {}, { type: 5 }, []] },
      { type: 'tool_result', tool_use_id: 'a', content: { text: 'x' } },
      { type: 'thinking' },
      { type: 'redacted_thinking', data: 5 },
      { type: 'reasoning', id: 5 },
      { type: 'server_tool_use' },
      { type: '_tool_result' },
      { type: 'image' },
      { type: 'image', source: null },
      { type: 'image', source: { data: 'iVBORw0KGgo=' } },
      { type: 'image', source: { url: 'data:image/jpeg,' } },
      { type: 'image', source: { data: '/9j/' } },
      { type: 'constructor' },
      { type: '' },
    ];
    for (const profile of profileNames) {
      for (const role of ['user', 'assistant', 'system', 'tool', '', '__proto__']) {
        const messages = [ask, { role, content: odd }, { role, content: [] }, ask];
        expect(() => checkConversation(placed(messages), profile)).not.toThrow();
      }
    }
  });

  test('checkConversation takes values that are nested as deeply as JSON allows', () => {
    const depth = 100_000;
    const input = JSON.parse(`${'['.repeat(depth)}"\\ud800"${']'.repeat(depth)}`) as unknown;
    const { findings } = checkConversation(
      placed([ask, assistant(call('a', { input }))]),
      'gemini',
    );
    expect(findings.map(({ code }) => code)).toContain('LONE_SURROGATE');
  });

  test('checkConversation holds ids and open calls, and no content', () => {
    const checker = new ConversationChecker('anthropic');
    const held = (): number => bytesHeld().heap;
    const page = 'x'.repeat(2000);
    const turns = 100_000;
    const before = held();
    for (let turn = 0; turn < turns; turn += 1) {
      const id = `toolu_${String(turn)}`;
      const content = `${page}${String(turn)}`;
      for (const message of turnOf(turn * 3, id, content)) checker.add(message);
    }
    const after = held();
    const check = checker.finish();
    expect(check.errors).toBe(0);
    expect(check.counters.textCharacters).toBeGreaterThan(400_000_000);
    // 16 to 32 bytes an id, a table that is just growing, and what the engine compiled meanwhile.
    expect(after - before).toBeLessThan(20_000_000);
  });
});

function turnOf(index: number, id: string, content: string): readonly PlacedMessage[] {
  const turn = [user(content), assistant(content, call(id)), user(result(id, { content }))];
  return placed(turn).map((message, at) => ({
    ...message,
    place: { ...message.place, record: index + at },
  }));
}

describe('CallRule', () => {
  const seed = testSeed();
  const repeat = `HOLDFAST_SEED=${String(seed)} npx vitest run test/integrity/rules/check.test.ts`;

  test(`CallRule pairs as validate does (repeat: ${repeat})`, async () => {
    const prng = Prng.fromSeed(seed);
    const codes = new Set([
      'DANGLING_TOOL_CALL',
      'ORPHANED_TOOL_RESULT',
      'RESULT_BEFORE_CALL',
      'DUPLICATE_TOOL_CALL_ID',
      'DUPLICATE_TOOL_RESULT',
    ]);
    for (let round = 0; round < 2000; round += 1) {
      const messages = randomPairs(prng);
      const entries = messages.map((message, index) => ({
        seq: index + 1,
        timeMs: 0,
        event: { kind: 'message' as const, message },
      }));
      const { errors, warnings } = await validateEntries(entries as never);
      const issues = [...errors, ...warnings]
        .filter(({ code }) => codes.has(code))
        .map(({ code, messageIndex, blockIndex }) => [code, messageIndex, blockIndex].join(' '));
      const findings = checkConversation(placed(messages), 'generic')
        .findings.filter(({ code }) => codes.has(code))
        .map(({ code, messageIndex, blockIndex }) => [code, messageIndex, blockIndex].join(' '));
      expect(findings.toSorted(), JSON.stringify(messages)).toEqual(issues.toSorted());
    }
  });
});

/** Messages of calls and results with few ids, so that all of them collide. */
function randomPairs(prng: Prng): readonly PlainMessage[] {
  return Array.from({ length: 1 + prng.below(8) }, () => {
    const blocks = Array.from({ length: prng.below(4) }, () => {
      const id = prng.pick(['a', 'b', 'c']);
      return prng.chance(0.2) ? text('x') : prng.chance(0.5) ? call(id) : result(id);
    });
    return { role: prng.pick(['user', 'assistant']), content: blocks };
  });
}
