/** Sessions of opencode read as the tool makes a request of them. */
import { describe, expect, it } from 'vitest';
import type { ContentBlock } from '../../../src/session/message.ts';
import { opencode } from '../../../src/transcript/opencode/reader.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';
import { openBytes, saidIn, spliced } from '../../helpers/transcript-lab.ts';

type Part = Readonly<Record<string, unknown>>;

const model = { providerID: 'anthropic', modelID: 'claude' };

function user(id: string, ...parts: readonly Part[]): object {
  return {
    info: { id, role: 'user', model },
    parts: parts.map((p, n) => ({ id: `${id}p${n}`, ...p })),
  };
}

function assistant(id: string, info: object, ...parts: readonly Part[]): object {
  const numbered = parts.map((part, n) => ({ id: `${id}p${n}`, ...part }));
  return { info: { id, role: 'assistant', ...model, ...info }, parts: numbered };
}

function text(words: string, more: object = {}): Part {
  return { type: 'text', text: words, ...more };
}

function tool(callID: string, state: object): Part {
  return { type: 'tool', callID, tool: 'bash', state: { input: { command: 'ls' }, ...state } };
}

function open(messages: readonly object[], info: object = {}): Transcript {
  return openBytes(opencode, JSON.stringify({ info: { id: 's', ...info }, messages }, null, 2));
}

function statusOf(block: ContentBlock): string {
  const { status } = block as Readonly<Record<string, unknown>>;
  return typeof status === 'string' ? status : '';
}

/** Messages as a role and the short form of each block. */
function short(transcript: Transcript): string[] {
  return saidIn(transcript).map(({ role, content }) => {
    const blocks = content.map((block) => {
      if (block.type === 'text') return block.text;
      if (block.type === 'tool_use') return `call ${block.id} ${statusOf(block)}`;
      if (block.type === 'tool_result') {
        return `${block.is_error === true ? 'error' : 'result'} ${JSON.stringify(block.content)}`;
      }
      return block.type;
    });
    return `${role}: ${blocks.map((block) => block.trim()).join(' | ')}`;
  });
}

describe('opencode reads', () => {
  it('each step as one message, with its results behind it', () => {
    const step = { type: 'step-start' };
    const done = tool('c1', { status: 'completed', output: 'a.txt', title: '', time: {} });
    const transcript = open([
      user('m1', text('go')),
      assistant('m2', {}, step, text('first'), done, step, text('second')),
    ]);
    expect(short(transcript)).toEqual([
      'user: go',
      'assistant: first | call c1',
      'user: result "a.txt"',
      'assistant: second',
    ]);
    expect(transcript).toMatchObject({ profile: 'anthropic', facts: { model: 'claude' } });
  });

  it('tools that were pending or running as calls without a result, and errors as errors', () => {
    const transcript = open([
      assistant(
        'm1',
        {},
        tool('c1', { status: 'pending', input: {}, raw: '{"comm' }),
        tool('c2', { status: 'running' }),
        tool('c3', { status: 'error', error: 'no such file' }),
        tool('c4', {
          status: 'error',
          error: 'x',
          metadata: { interrupted: true, output: 'half' },
        }),
      ),
    ]);
    expect(short(transcript)).toEqual([
      'assistant: call c1 pending | call c2 running | call c3 | call c4',
      'user: error "no such file" | result "half"',
    ]);
  });

  it('nothing from the message on that was taken back, or from its part on', () => {
    const messages = [
      user('m1', text('one')),
      assistant('m2', {}, text('two'), text('three')),
      user('m3', text('four')),
    ];
    expect(short(open(messages, { revert: { messageID: 'm2' } }))).toEqual(['user: one']);
    const part = open(messages, { revert: { messageID: 'm2', partID: 'm2p1' } });
    expect(short(part)).toEqual(['user: one', 'assistant: two']);
    expect(part.sides).toEqual([{ kind: 'rolled-back', id: 'm2', messages: 1 }]);
    expect(short(open(messages, { revert: { messageID: 'gone' } }))).toHaveLength(3);
  });

  it('the summary of a compaction, then the tail that it kept, then the rest', () => {
    const compacted = open([
      user('m1', text('old')),
      user('m2', text('tail')),
      user('m3', { type: 'compaction', auto: true, tail_start_id: 'm2' }),
      assistant('m4', { parentID: 'm3', summary: true, finish: 'stop' }, text('summary')),
      user('m5', text('new')),
    ]);
    expect(short(compacted)).toEqual([
      'user: What did we do so far?',
      'assistant: summary',
      'user: tail',
      'user: new',
    ]);
    expect(compacted.sides).toEqual([{ kind: 'compacted', id: null, messages: 1 }]);
  });

  it('everything while a compaction has no summary yet', () => {
    const compaction = { type: 'compaction', auto: true };
    const failed = { parentID: 'm2', summary: true, finish: 'stop', error: { name: 'APIError' } };
    const transcript = open([
      user('m1', text('old')),
      user('m2', compaction),
      assistant('m3', failed, text('half')),
    ]);
    expect(short(transcript)).toEqual(['user: old', 'user: What did we do so far?']);
  });

  it('an answer that failed not at all, and one that was stopped as far as it came', () => {
    const stopped = { error: { name: 'MessageAbortedError' } };
    const reasoning = { type: 'reasoning', text: 'hm' };
    expect(
      short(
        open([
          assistant('m1', { error: { name: 'APIError' } }, text('lost')),
          assistant('m2', stopped, text('half')),
          assistant('m3', stopped, { type: 'step-start' }, reasoning),
        ]),
      ),
    ).toEqual(['assistant: half']);
  });

  it('signatures and encrypted items where the provider keeps them', () => {
    const reasoning = (metadata: object): Part => ({ type: 'reasoning', text: 'hm', metadata });
    const transcript = open([
      assistant(
        'm1',
        {},
        reasoning({ anthropic: { signature: 'sig' } }),
        reasoning({ anthropic: { redactedData: 'red' } }),
        reasoning({ openai: { itemId: 'rs_1', reasoningEncryptedContent: 'enc' } }),
        { ...tool('c1', { status: 'running' }), metadata: { google: { thoughtSignature: 'th' } } },
      ),
    ]);
    expect(saidIn(transcript)[0]?.content).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'redacted_thinking', data: 'red' },
      {
        type: 'reasoning',
        id: 'rs_1',
        encrypted_content: 'enc',
        summary: [{ type: 'summary_text', text: 'hm' }],
      },
      {
        type: 'tool_use',
        id: 'c1',
        name: 'bash',
        input: { command: 'ls' },
        status: 'running',
        thought_signature: 'th',
      },
    ]);
  });

  it('pictures as pictures, and no file whose text stands beside it', () => {
    const picture = { type: 'file', mime: 'image/png', url: 'data:image/png;base64,AAAA' };
    const plain = { type: 'file', mime: 'text/plain', url: 'file:///a' };
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const state = { status: 'completed', output: 'seen', attachments: [picture] };
    const transcript = open([user('m1', picture, plain), assistant('m2', {}, tool('c1', state))]);
    expect(saidIn(transcript)[0]?.content).toEqual([{ type: 'image', source }]);
    expect(saidIn(transcript)[2]?.content[0]).toMatchObject({
      content: [
        { type: 'text', text: 'seen' },
        { type: 'image', source },
      ],
    });
  });

  it('what stands in front of a tear', () => {
    const whole = JSON.stringify({
      info: { id: 's' },
      messages: [user('m1', text('a')), user('m2', text('b'))],
    });
    const torn = whole.slice(0, -20);
    const transcript = openBytes(opencode, torn);
    expect(short(transcript)).toEqual(['user: a']);
    expect(transcript.findings.map(({ code }) => code)).toEqual(['TORN_RECORD']);
    expect(JSON.parse(spliced(torn, transcript.mends).toString())).toMatchObject({
      messages: [{ info: { id: 'm1' } }],
    });
  });

  it('its exports, and no other object with messages', () => {
    const exported = { info: { id: 's' }, messages: [user('m1', text('a'))] };
    expect(opencode.recognise([exported])).toBe(1);
    expect(opencode.recognise([{ messages: [{ role: 'user', content: 'x' }] }])).toBe(0);
    expect(opencode.recognise([{ info: {}, messages: [{ role: 'user' }] }])).toBe(0);
  });
});
