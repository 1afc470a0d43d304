/** Plain message lists: what is read, and what edits write, in every container. */
import { describe, expect, it } from 'vitest';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import { bytesSource } from '../../../src/transcript/byte-source.ts';
import { detectFormat, openTranscript } from '../../../src/transcript/formats.ts';
import { applySplices } from '../../../src/transcript/splice.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';

function open(text: string): Transcript {
  const walk = openTranscript(bytesSource(Buffer.from(text)));
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}

/** The file after the edits. */
function edited(text: string, ...edits: readonly Bare[]): string {
  const told = edits.map((edit): Edit => ({ reason: 'DANGLING_TOOL_CALL', told: '', ...edit }));
  const splices = open(text).write?.(told) ?? [];
  const parts = [...applySplices(bytesSource(Buffer.from(text)), splices)];
  return Buffer.concat(parts.map((part) => Buffer.from(part))).toString();
}

type Bare = Edit extends infer E ? (E extends Edit ? Omit<E, 'reason' | 'told'> : never) : never;

const messagesOf = (text: string): unknown[] =>
  [...open(text).conversation()].map(({ role, content }) => ({ role, content }));

const call = (id: string, text: string): object => ({
  id,
  type: 'function',
  function: { name: 'run', arguments: text },
});

const chat = [
  { role: 'developer', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Go' }] },
  {
    role: 'assistant',
    content: null,
    tool_calls: [call('c1', '{"a": 1}'), call('c2', '{"a"'), call('c3', '2')],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'done' },
];

const result = {
  type: 'tool_result',
  tool_use_id: 'c2',
  content: 'unknown',
  is_error: true,
} as const;

describe('openai-messages', () => {
  it('gives calls with parsed arguments, and results as messages of the user', () => {
    expect(messagesOf(JSON.stringify(chat))).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Go' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'c1', name: 'run', input: { a: 1 } },
          { type: 'tool_use', id: 'c2', name: 'run', input: '{"a"' },
          { type: 'tool_use', id: 'c3', name: 'run', input: 2 },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'done' }] },
    ]);
  });

  it('reads lines, lists, request bodies and SWE-agent trajectories', () => {
    const first = messagesOf(JSON.stringify(chat));
    const lines = chat.map((message) => JSON.stringify(message)).join('\n');
    const body = JSON.stringify({ model: 'gpt', messages: chat, tools: [] }, null, 2);
    const history = JSON.stringify({ trajectory: [{ messages: chat }], history: chat, info: {} });
    for (const text of [lines, body, history]) {
      expect(detectFormat(bytesSource(Buffer.from(text)))?.name).toBe('openai-messages');
      expect(messagesOf(text)).toEqual(first);
    }
    expect(open(body).facts.model).toBe('gpt');
  });

  it('writes a result as a message of its own, in the layout of the list', () => {
    const pretty = JSON.stringify(chat, null, 4);
    const insert: Bare = { kind: 'insert-message', before: 4, role: 'user', content: [result] };
    const fresh = { role: 'tool', content: 'unknown', tool_call_id: 'c2' };
    expect(edited(pretty, insert)).toBe(JSON.stringify([...chat, fresh], null, 4));
    const lines = `${chat.map((message) => JSON.stringify(message)).join('\n')}\n`;
    expect(edited(lines, insert)).toBe(`${lines}${JSON.stringify(fresh)}\n`);
  });

  it('writes a result that is put into a message of results behind it', () => {
    const at = { message: 3, block: 1 };
    const text = edited(JSON.stringify(chat), { kind: 'insert-block', at, content: result });
    expect(JSON.parse(text)).toEqual([
      ...chat,
      { role: 'tool', content: 'unknown', tool_call_id: 'c2' },
    ]);
  });

  it('takes a call out and keeps the spelling of the arguments that stay', () => {
    const text = edited(JSON.stringify(chat), {
      kind: 'remove-block',
      at: { message: 2, block: 1 },
    });
    const calls = (JSON.parse(text) as typeof chat)[2]?.tool_calls;
    expect(calls).toEqual([call('c1', '{"a": 1}'), call('c3', '2')]);
  });

  it('leaves no empty list of calls behind', () => {
    const remove = [0, 1, 2].map(
      (block): Bare => ({ kind: 'remove-block', at: { message: 2, block } }),
    );
    const said: Bare = {
      kind: 'insert-block',
      at: { message: 2, block: 0 },
      content: { type: 'text', text: 'Stopped.' },
    };
    const message: unknown = (
      JSON.parse(edited(JSON.stringify(chat), said, ...remove)) as object[]
    )[2];
    expect(message).toEqual({ role: 'assistant', content: 'Stopped.' });
  });

  it('gives new messages of a trajectory the members that its reader asks for', () => {
    const history = chat.map((message) => ({ ...message, agent: 'main', message_type: 'action' }));
    const insert: Bare = { kind: 'insert-message', before: 4, role: 'user', content: [result] };
    const text = edited(JSON.stringify({ history, info: 1 }), insert);
    expect((JSON.parse(text) as { history: unknown[] }).history[4]).toEqual({
      role: 'tool',
      content: 'unknown',
      agent: 'main',
      message_type: 'observation',
      tool_call_ids: ['c2'],
    });
  });

  it('refuses an edit that it has no words for', () => {
    const at = { message: 2, block: 0 };
    expect(() =>
      edited(JSON.stringify(chat), { kind: 'insert-block', at, content: result }),
    ).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});

const anthropic = [
  { role: 'user', content: 'Go' },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm', signature: 'x' },
      { type: 'tool_use', id: 't1', name: 'run', input: { n: 1 } },
    ],
  },
];

describe('anthropic-messages', () => {
  it('gives the blocks as they are', () => {
    expect(messagesOf(JSON.stringify(anthropic))).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Go' }] },
      anthropic[1],
    ]);
  });

  it('changes only the bytes of the blocks that change', () => {
    const text = JSON.stringify({ system: 's', messages: anthropic }, null, 2)
      .replace('"n": 1', '"n": 12345678901234567890.0')
      .replace('"Hm"', '"H\\u006d"');
    const note = { type: 'text', text: 'Note' } as const;
    const grown = edited(text, {
      kind: 'insert-block',
      at: { message: 2, block: 0 },
      content: note,
    });
    expect(grown).toContain('12345678901234567890.0');
    expect(grown).toContain('H\\u006d');
    expect(grown.replace(/\{\n {10}"type": "text",\n {10}"text": "Note"\n {8}\},\n {8}/, '')).toBe(
      text,
    );
    const shrunk = edited(grown, { kind: 'remove-block', at: { message: 2, block: 0 } });
    expect(shrunk).toBe(text);
  });

  it('gives what stands in system as the first message, and writes what changes of it', () => {
    const cached = { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } };
    const told: readonly (readonly [unknown, readonly object[]])[] = [
      ['Be brief.', [{ type: 'text', text: 'Be brief.' }]],
      [
        [cached, { type: 'text', text: ' ' }],
        [cached, { type: 'text', text: ' ' }],
      ],
      [[{ text: 'As Bedrock has it.' }], [{ type: 'text', text: 'As Bedrock has it.' }]],
    ];
    for (const [system, content] of told) {
      const body = JSON.stringify({ messages: anthropic, system, max_tokens: 5 }, null, 2);
      expect(messagesOf(body)[0]).toEqual({ role: 'system', content });
      expect(messagesOf(body)).toHaveLength(3);
      const systemIn = (text: string): unknown => (JSON.parse(text) as { system: unknown }).system;
      const without = edited(body, { kind: 'remove-message', message: 0 });
      expect([systemIn(without), messagesOf(without)]).toEqual([[], messagesOf(body).slice(1)]);
      const at = { message: 0, block: content.length - 1 };
      const fresh = { type: 'text', text: 'Anew.' } as const;
      const other = edited(body, { kind: 'replace-block', at, content: fresh });
      const list = Array.isArray(system) ? (system as readonly unknown[]) : [];
      const kept = typeof system === 'string' ? 'Anew.' : [...list.slice(0, -1), fresh];
      expect(systemIn(other)).toEqual(kept);
      // Edits of the messages in the list count the system prompt too.
      const last = edited(body, { kind: 'remove-message', message: 2 });
      expect(messagesOf(last)).toEqual(messagesOf(body).slice(0, 2));
    }
    expect(messagesOf(JSON.stringify({ messages: anthropic, system: '' }))).toHaveLength(2);
  });

  it('reads a system prompt that is longer than what is held of a member', () => {
    const system = 'Be brief. '.repeat(200_000);
    const [first] = messagesOf(JSON.stringify({ system, messages: anthropic }));
    expect(first).toEqual({ role: 'system', content: [{ type: 'text', text: system }] });
  });

  it('turns words into blocks when a block is added to them', () => {
    const at = { message: 0, block: 0 };
    const text = edited(JSON.stringify(anthropic), { kind: 'insert-block', at, content: result });
    expect((JSON.parse(text) as unknown[])[0]).toEqual({
      role: 'user',
      content: [result, { type: 'text', text: 'Go' }],
    });
  });

  it('takes messages out of every place of a list and of lines', () => {
    const list = [1, 2, 3].map((n) => ({
      role: 'user',
      content: [{ type: 'text', text: `${n}` }],
    }));
    for (const message of [0, 1, 2]) {
      const rest = list.filter((_, index) => index !== message);
      for (const indent of [0, 2]) {
        const text = edited(JSON.stringify(list, null, indent), {
          kind: 'remove-message',
          message,
        });
        expect(text).toBe(JSON.stringify(rest, null, indent));
      }
      const lines = edited(list.map((each) => `${JSON.stringify(each)}\n`).join(''), {
        kind: 'remove-message',
        message,
      });
      expect(lines).toBe(rest.map((each) => `${JSON.stringify(each)}\n`).join(''));
    }
  });
});

describe('openTranscript', () => {
  it('says what it saw, and what it knows, when it knows no such format', () => {
    const told = (text: string): string => {
      try {
        return open(text).format;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(told('')).toMatch(/it holds no bytes; known formats are .*openai-messages/);
    expect(told('Hello')).toMatch(/no JSON at its beginning/);
    expect(told('{"a":1,"b":2}')).toMatch(/an object with "a", "b"/);
    expect(told('[\n1,\n2\n]')).toMatch(/it holds one list, first a number;/);
  });
});
