/** Validation against numbers that were counted by hand, and each rule by itself. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateEntries } from '../../src/integrity/validate.ts';
import type { Issue } from '../../src/integrity/validation.ts';
import { emptyDigest, nextDigest } from '../../src/session/content-digest.ts';
import type { Entry, SessionEvent } from '../../src/session/event.ts';
import type { ContentBlock, Message } from '../../src/session/message.ts';

const call = (id: string): ContentBlock => ({ type: 'tool_use', id, name: 'read', input: {} });
const result = (id: string): ContentBlock => ({ type: 'tool_result', tool_use_id: id });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content });
const said = (text: string): ContentBlock => ({ type: 'text', text });

function entriesOf(events: readonly (Message | SessionEvent)[]): Entry[] {
  return events.map((event, index) => ({
    seq: index + 1,
    timeMs: 1_700_000_000_000 + index,
    event:
      'kind' in event ? (event as SessionEvent) : { kind: 'message', message: event as Message },
  }));
}

/** Issues in short: `CODE@message.block callId`. */
function short(issues: readonly Issue[]): string[] {
  return issues.map(({ code, messageIndex, blockIndex, callId }) => {
    const place = blockIndex === null ? `${messageIndex}` : `${messageIndex}.${blockIndex}`;
    return callId === null ? `${code}@${place}` : `${code}@${place} ${callId}`;
  });
}

async function judge(...events: (Message | SessionEvent)[]): Promise<{ e: string[]; w: string[] }> {
  const { errors, warnings } = await validateEntries(entriesOf(events));
  return { e: short(errors), w: short(warnings) };
}

describe('the conversation that was counted by hand', () => {
  const path = new URL('../../fixtures/conversations/hand-counted.jsonl', import.meta.url);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const messages = lines.map((line) => JSON.parse(line) as Message);

  it('validateEntries counts what was counted by hand', async () => {
    const { counters, valid } = await validateEntries(entriesOf(messages));
    expect(valid).toBe(false);
    expect(counters).toEqual({
      messages: 25, // lines
      userMessages: 14, // lines 1 3 5 6 8 10 12 13 15 17 20 22 23 25
      assistantMessages: 9, // lines 2 4 7 9 11 14 16 21 24; line 18 is system, 19 narrator
      toolUses: 9, // 1 in line 2, 3 in 4, 1 each in 9, 14, 16, 2 in 24
      toolResults: 9, // 1 in line 3, 2 in 5, 1 each in 6, 12, 13, 2 in 17, 1 in 25
      orphanedResults: 1, // call_ghost in line 12
      danglingCalls: 2, // call_b1 in line 9, call_d2 in line 24
      emptyMessages: 3, // lines 8, 11 and 22
    });
  });

  it('validateEntries finds the faults that were put in, in their order, and no other', async () => {
    const { errors, warnings } = await validateEntries(entriesOf(messages));
    expect(short(errors)).toEqual([
      'EMPTY_MESSAGE@7',
      'DANGLING_TOOL_CALL@8.1 call_b1',
      'EMPTY_MESSAGE@10',
      'ORPHANED_TOOL_RESULT@11.0 call_ghost',
      'RESULT_BEFORE_CALL@12.0 call_c1',
      'DUPLICATE_TOOL_CALL_ID@15.0 call_a1',
      'DUPLICATE_TOOL_RESULT@16.1 call_a1',
      'EMPTY_MESSAGE@21',
    ]);
    expect(short(warnings)).toEqual([
      'EMPTY_TEXT@8.0',
      'UNKNOWN_ROLE@18',
      'LONE_SURROGATE@19',
      'DANGLING_TOOL_CALL@23.1 call_d2',
    ]);
  });

  it('validateEntries takes an asynchronous source and gives the digest of the whole', async () => {
    async function* stream(): AsyncIterable<Entry> {
      yield* entriesOf(messages);
    }
    const { contentDigest } = await validateEntries(stream());
    expect(contentDigest).toBe(messages.reduce(nextDigest, emptyDigest));
  });
});

describe('the conversation build-a-parser', () => {
  const path = new URL('../../fixtures/conversations/build-a-parser.jsonl', import.meta.url);
  const text = readFileSync(path, 'utf8');

  it('validateEntries finds nothing wrong with it', async () => {
    const lines = text.trimEnd().split('\n');
    const messages = lines.map((line) => JSON.parse(line) as Message);
    const { errors, warnings, counters } = await validateEntries(entriesOf(messages));
    expect([...errors, ...warnings]).toEqual([]);
    expect(counters).toMatchObject({ messages: 354, toolUses: counters.toolResults });
  });

  it('conversation of the script gives the same bytes as the fixture', async () => {
    const script = new URL('../../scripts/make-conversation.mjs', import.meta.url);
    const made = (await import(script.href)) as { conversation(): unknown[] };
    const lines = made.conversation().map((message) => `${JSON.stringify(message)}\n`);
    expect(lines.join('') === text).toBe(true);
  });
});

describe('a sound conversation', () => {
  it('validateEntries finds nothing in one, and nothing in none', async () => {
    const sound = [
      user(said('hi')),
      assistant(said('one moment'), call('a'), call('b')),
      user(result('b'), result('a')),
      assistant(said('done')),
    ];
    expect(await judge(...sound)).toEqual({ e: [], w: [] });
    const nothing = await validateEntries([]);
    expect(nothing).toMatchObject({ valid: true, errors: [], contentDigest: emptyDigest });
  });

  it('validateEntries accepts results that are spread over several messages', async () => {
    const spread = [assistant(call('a'), call('b')), user(result('a')), user(result('b'))];
    expect(await judge(...spread)).toEqual({ e: [], w: [] });
  });
});

describe('calls without a result', () => {
  it('validateEntries warns while the turn is open and can still be answered', async () => {
    const open = { e: [], w: ['DANGLING_TOOL_CALL@0.0 a'] };
    expect(await judge(assistant(call('a')))).toEqual(open);
    expect(await judge(assistant(call('a'), call('b')), user(result('b')))).toEqual(open);
  });

  it('validateEntries takes assistant messages in a row for one turn', async () => {
    const verdict = await judge(assistant(call('a')), assistant(call('b')), user(result('b')));
    expect(verdict).toEqual({ e: [], w: ['DANGLING_TOOL_CALL@0.0 a'] });
  });

  it('validateEntries calls it an error once other content has followed', async () => {
    const broken = { e: ['DANGLING_TOOL_CALL@0.0 a'], w: [] };
    expect(await judge(assistant(call('a')), user(said('stop')))).toEqual(broken);
    const mixed = [assistant(call('a'), call('b')), user(result('b'), said('stop'))];
    expect(await judge(...mixed)).toEqual(broken);
    const later = [assistant(call('a'), call('b')), user(result('b')), assistant(said('ok'))];
    expect(await judge(...later)).toEqual(broken);
  });

  it('validateEntries calls it an error when a later call took the id', async () => {
    const events = [assistant(call('a')), user(said('x')), assistant(call('a')), user(result('a'))];
    const { errors, counters } = await validateEntries(entriesOf(events));
    expect(short(errors)).toEqual(['DANGLING_TOOL_CALL@0.0 a', 'DUPLICATE_TOOL_CALL_ID@2.0 a']);
    expect(counters.danglingCalls).toBe(1);
  });
});

describe('results', () => {
  it('validateEntries lets each call of a reused id have its own result', async () => {
    const turns = [
      assistant(call('a')),
      user(result('a')),
      assistant(call('a')),
      user(result('a')),
    ];
    expect(await judge(...turns)).toEqual({ e: ['DUPLICATE_TOOL_CALL_ID@2.0 a'], w: [] });
  });

  it('validateEntries counts an early result as one fault', async () => {
    const { errors, counters } = await validateEntries(
      entriesOf([user(result('a'), result('a')), assistant(call('a')), user(said('x'))]),
    );
    expect(short(errors)).toEqual(['RESULT_BEFORE_CALL@0.0 a', 'DUPLICATE_TOOL_RESULT@0.1 a']);
    expect(counters).toMatchObject({ orphanedResults: 0, danglingCalls: 0 });
  });

  it('validateEntries counts every orphaned result', async () => {
    const { counters } = await validateEntries(entriesOf([user(result('a'), result('a'))]));
    expect(counters.orphanedResults).toBe(2);
  });
});

describe('empty messages', () => {
  it('validateEntries warns of an empty answer at the very end, as providers take it', async () => {
    expect(await judge(user(said('x')), assistant())).toEqual({ e: [], w: ['EMPTY_MESSAGE@1'] });
    expect((await judge(user(said('x')), user())).e).toEqual(['EMPTY_MESSAGE@1']);
  });

  it('validateEntries does not take blocks other than text for nothing', async () => {
    const thought: ContentBlock = { type: 'thinking', thinking: '' };
    expect(await judge(assistant(thought))).toEqual({ e: [], w: [] });
  });
});

describe('intents and digests', () => {
  const intent = (id: string): SessionEvent => ({ kind: 'intent', call: { id, name: 'bash' } });

  it('validateEntries warns of an intent that has neither outcome nor result', async () => {
    const done: SessionEvent = { kind: 'outcome', callId: 'b', outcome: { status: 'ok' } };
    const turn = [
      assistant(call('a'), call('b'), call('c')),
      intent('a'),
      intent('b'),
      intent('c'),
    ];
    const { warnings } = await validateEntries(
      entriesOf([...turn, done, user(result('c'), result('b'))]),
    );
    expect(warnings.map(({ code, seq, callId }) => [code, seq, callId])).toEqual([
      ['DANGLING_TOOL_CALL', 1, 'a'],
      ['UNKNOWN_OUTCOME', 2, 'a'],
    ]);
  });

  it('validateEntries compares with the digest that was expected', async () => {
    const entries = entriesOf([user(said('hi'))]);
    const { contentDigest } = await validateEntries(entries);
    expect((await validateEntries(entries, contentDigest)).valid).toBe(true);
    const other = await validateEntries(entries, emptyDigest);
    expect(other.valid).toBe(false);
    expect(other.errors).toMatchObject([{ code: 'DIGEST_MISMATCH', seq: null }]);
  });

  it('validateEntries finds half characters deep inside a block, and in names', async () => {
    const input = { list: [{ '\ud83d': 1 }] };
    const deep = { type: 'tool_use', id: 'a', name: 'x', input } as const;
    const { w } = await judge(user(said('x\udc00')), assistant(deep), user(result('a')));
    expect(w).toEqual(['LONE_SURROGATE@0.0', 'LONE_SURROGATE@1.0']);
  });
});
