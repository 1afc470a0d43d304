/**
 * Files of JSON lines that lost their last line end, as editors leave them: what a plan appends
 * ends its line, so that the next record of the tool stands on a line of its own.
 */
import { describe, expect, it } from 'vitest';
import type { Edit } from '../../src/integrity/plan/edit.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { claudeCode } from '../../src/transcript/claude-code/reader.ts';
import { codex } from '../../src/transcript/codex/reader.ts';
import { gemini } from '../../src/transcript/gemini-cli/reader.ts';
import { anthropicMessages } from '../../src/transcript/messages/reader.ts';
import { openaiMessages } from '../../src/transcript/messages/reader.ts';
import { pi } from '../../src/transcript/pi/reader.ts';
import type { FormatReader } from '../../src/transcript/transcript.ts';
import { openBytes, spliced } from '../helpers/transcript-lab.ts';

const time = '2026-05-01T10:00:00.000Z';
const ask = { role: 'user', content: 'Read a.txt' };
const use = { type: 'tool_use', id: 'toolu_1', name: 'read', input: {} };

function ofClaude(parentUuid: string | null, uuid: string, message: object): object {
  const { role } = message as { role: string };
  const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2' };
  return { parentUuid, ...own, type: role, message, uuid, timestamp: time };
}

const ofCodex = (payload: object): object => {
  return { timestamp: time, type: 'response_item', payload };
};

/** Sessions that end in a call whose result nobody wrote. */
const sessions: Readonly<Record<string, readonly [FormatReader, readonly object[]]>> = {
  'Claude Code': [
    claudeCode,
    [
      ofClaude(null, 'u1', ask),
      ofClaude('u1', 'u2', { role: 'assistant', id: 'm', model: 'c', content: [use] }),
    ],
  ],
  Codex: [
    codex,
    [
      { timestamp: time, type: 'session_meta', payload: { id: 's', timestamp: time, cwd: '/p' } },
      ofCodex({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Read' }] }),
      ofCodex({ type: 'function_call', name: 'read', arguments: '{}', call_id: 'call_1' }),
    ],
  ],
  'Gemini CLI': [
    gemini,
    [
      { sessionId: 's', projectHash: 'p', startTime: time, lastUpdated: time, kind: 'main' },
      { id: 'm1', timestamp: time, type: 'user', content: 'Read' },
      {
        id: 'm2',
        timestamp: time,
        type: 'gemini',
        content: [{ functionCall: { id: 'c1', name: 'read', args: {} }, thoughtSignature: 'c2ln' }],
      },
    ],
  ],
  pi: [
    pi,
    [
      { type: 'session', version: 3, id: 's', timestamp: time, cwd: '/p' },
      { type: 'message', id: 'e1', parentId: null, timestamp: time, message: ask },
      {
        type: 'message',
        id: 'e2',
        parentId: 'e1',
        timestamp: time,
        message: {
          role: 'assistant',
          content: [{ type: 'toolCall', id: 'toolu_1', name: 'read', arguments: {} }],
          provider: 'anthropic',
          model: 'c',
          stopReason: 'toolUse',
        },
      },
    ],
  ],
  'messages of Anthropic': [anthropicMessages, [ask, { role: 'assistant', content: [use] }]],
  'messages of OpenAI': [
    openaiMessages,
    [
      ask,
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'read', arguments: '{}' } },
        ],
      },
    ],
  ],
};

describe.each(Object.entries(sessions))('a file of %s', (_name, [reader, records]) => {
  const whole = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const bare = whole.slice(0, -1);
  const written = (bytes: string, added: readonly Edit[]): string =>
    spliced(bytes, openBytes(reader, bytes).write?.(added) ?? []).toString();
  const planned = (bytes: string): string => {
    const transcript = openBytes(reader, bytes);
    const { edits } = planRepair([...transcript.conversation()], transcript.profile, 'annotate');
    return written(bytes, edits);
  };

  it('gets a message that ends its line, also where the last record did not end its own', () => {
    const before = [...openBytes(reader, bare).conversation()].length;
    const told = { reason: 'ROLE_ORDER', told: 'One more is asked' } as const;
    const content = [{ type: 'text', text: 'Go on' }] as const;
    const more = [{ kind: 'insert-message', before, role: 'user', content, ...told }] as const;
    const mended = written(bare, more);
    expect(mended.slice(0, bare.length + 1)).toBe(`${bare}\n`);
    expect(mended.endsWith('}\n')).toBe(true);
    expect(mended.split('\n')).toHaveLength(records.length + 2);
    expect(mended).toBe(written(whole, more));
  });

  it('gets the result that it lacks in whole lines', () => {
    const mended = planned(bare);
    expect(mended).not.toBe(bare);
    // Gemini CLI keeps a result in the record of its call, which gets no line of its own.
    const isInPlace = reader === gemini;
    expect(isInPlace ? `${mended}\n` : mended).toBe(planned(whole));
  });

  it('that needs no result keeps its bytes, with or without the last line end', () => {
    const first = records.slice(0, -1).map((record) => JSON.stringify(record));
    const clean = first.join('\n');
    expect(planned(clean)).toBe(clean);
    expect(openBytes(reader, clean).findings).toEqual([]);
  });
});
