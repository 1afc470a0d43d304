/**
 * What an edit is not about keeps its spelling, also inside of a record that is written anew:
 * numbers that no double holds, names that come twice, the order of members, escapes and blanks.
 */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/integrity/plan/apply-edits.ts';
import type { Edit } from '../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../src/session/message.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import { compactStyle } from '../../src/transcript/json-style.ts';
import { respelled } from '../../src/transcript/respelled.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';
import { spliced } from '../helpers/edit-lab.ts';

/** Members that say less after they were parsed and written again. */
const odd =
  '"big":12345678901234567890, "far":1e400,"deep":0.1000000000000000055,"zero":-0,' +
  '"twice":"one","twice":"two", "esc":"\\u00e9\\/","n":1.50';

/** A conversation of a question, a call and its result in the words of each format. */
const files: Readonly<Record<string, string>> = {
  'claude-code': [
    `{"type":"user","uuid":"a","parentUuid":null,"sessionId":"s","message":{"role":"user","content":"Hi \\u00e9"}}`,
    `{"type":"assistant","uuid":"b","parentUuid":"a","sessionId":"s",${odd},"message":{"id":"m","role":"assistant","content":[{"type":"text","text":"so"}, {"type":"tool_use","id":"old id","name":"run","input":{${odd}},"more":{${odd}}} ]}}`,
    `{"type":"user","uuid":"c","parentUuid":"b","sessionId":"s","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"old id","content":"done"}]}}`,
    '',
  ].join('\n'),
  codex: [
    `{"timestamp":"2026-01-01T00:00:00.000Z","type":"session_meta","payload":{"id":"s","cwd":"/w"}}`,
    `{"timestamp":"2026-01-01T00:00:01.000Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi \\u00e9"}]}}`,
    `{"timestamp":"2026-01-01T00:00:02.000Z","type":"response_item", "payload":{"type":"function_call",${odd},"name":"run","arguments":"{\\"big\\":12345678901234567890}","call_id":"old id"}}`,
    `{"timestamp":"2026-01-01T00:00:03.000Z","type":"response_item","payload":{"type":"function_call_output","call_id":"old id","output":"done"}}`,
    '',
  ].join('\n'),
  'codex, replaced': [
    `{"timestamp":"2026-01-01T00:00:00.000Z","type":"session_meta","payload":{"id":"s","cwd":"/w"}}`,
    `{"timestamp":"2026-01-01T00:00:02.000Z","type":"compacted","payload":{"message":"","replacement_history":[ {"type":"message","role":"user",${odd},"content":[{"type":"input_text","text":"Hi"}]}, {"type":"function_call",${odd},"name":"run","arguments":"{\\"big\\":12345678901234567890}","call_id":"old id"},{"type":"function_call_output","call_id":"old id","output":"done"} ]}}`,
    '',
  ].join('\n'),
  'gemini-cli': [
    `{"sessionId":"s","projectHash":"h","startTime":"t","lastUpdated":"t","kind":"main"}`,
    `{"id":"a","timestamp":"t","type":"user","content":"Hi \\u00e9"}`,
    `{"id":"b","timestamp":"t","type":"gemini",${odd},"content":"so","toolCalls":[ {"id":"old id","name":"run","args":{${odd}},${odd},"status":"success","result":[{"functionResponse":{"id":"old id","name":"run","response":{"output":"done"}}}]} ]}`,
    '',
  ].join('\n'),
  'gemini-cli, saved': `[ {"role":"user","parts":[{"text":"Hi \\u00e9"}]},
  {"role":"model",${odd},"parts":[{"functionCall":{"id":"old id","name":"run","args":{${odd}}}},{"text":"so"}]},
  {"role":"user","parts":[{"functionResponse":{"id":"old id","name":"run","response":{"output":"done"}}}]}
]
`,
  cline: `[
  {"role":"user","content":[{"type":"text","text":"Hi \\u00e9"}],"ts":1},
  {"role":"assistant",${odd},"content":[{"type":"text","text":"so"},{"type":"tool_use","id":"old id","name":"run","input":{${odd}}}],"ts":2},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"old id","content":"done"}],"ts":3}
]
`,
  pi: [
    `{"type":"session","version":3,"id":"s","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/w"}`,
    `{"type":"message","id":"a","parentId":null,"timestamp":"2026-01-01T00:00:00.000Z","message":{"role":"user","content":[{"type":"text","text":"Hi \\u00e9"}],"timestamp":1}}`,
    `{"type":"message","id":"b","parentId":"a",${odd},"timestamp":"2026-01-01T00:00:00.000Z","message":{"role":"assistant",${odd},"content":[{"type":"text","text":"so"}, {"type":"toolCall","id":"old id","name":"run","arguments":{${odd}}}],"api":"x","provider":"y","model":"z","timestamp":2}}`,
    `{"type":"message","id":"c","parentId":"b","timestamp":"2026-01-01T00:00:00.000Z","message":{"role":"toolResult","toolCallId":"old id","toolName":"run","content":[{"type":"text","text":"done"}],"isError":false,"timestamp":3}}`,
    '',
  ].join('\n'),
  'openai-messages': [
    `{"role":"user","content":"Hi \\u00e9"}`,
    `{"role":"assistant",${odd},"content":"so","tool_calls":[ {"id":"old id","type":"function",${odd},"function":{"name":"run",${odd},"arguments":"{\\"big\\":12345678901234567890}"}} ]}`,
    `{"role":"tool","tool_call_id":"old id","content":"done"}`,
    '',
  ].join('\n'),
  'anthropic-messages': `[{"role":"user","content":"Hi \\u00e9"},
 {"role":"assistant",${odd},"content":[{"type":"text","text":"so"},{"type":"tool_use","id":"old id","name":"run","input":{${odd}}}]},
 {"role":"user","content":[{"type":"tool_result","tool_use_id":"old id","content":"done"}]}]
`,
};

function opened(text: string): Transcript {
  const walk = openTranscript(bytesSource(Buffer.from(text)));
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}

/** Edits that give every block another one. */
function edits(transcript: Transcript, other: (block: ContentBlock) => ContentBlock): Edit[] {
  return [...transcript.conversation()].flatMap(({ content }, message) =>
    content.flatMap((block, at): Edit[] => {
      const fresh = other(block);
      if (fresh === block) return [];
      const told = { reason: 'BAD_CALL_ID', told: 'A test.' } as const;
      return [{ ...told, kind: 'replace-block', at: { message, block: at }, content: fresh }];
    }),
  );
}

function written(text: string, transcript: Transcript, wanted: readonly Edit[]): string {
  const splices = transcript.write?.(wanted) ?? [];
  return spliced(Buffer.from(text), splices).toString();
}

describe('writers', () => {
  it.each(Object.entries(files))('change an id of %s and no other byte', (_name, text) => {
    const transcript = opened(text);
    const renamed = edits(transcript, (block) => {
      if (block.type === 'tool_use') return { ...block, id: 'new' } as ContentBlock;
      if (block.type !== 'tool_result') return block;
      return { ...block, tool_use_id: 'new' } as ContentBlock;
    });
    expect(renamed).toHaveLength(2);
    expect(written(text, transcript, renamed)).toBe(text.replaceAll('"old id"', '"new"'));
  });

  it.each(Object.entries(files))(
    'take a text of %s away and change no other byte',
    (_name, text) => {
      const transcript = opened(text);
      const messages = [...transcript.conversation()];
      const gone = messages.flatMap(({ role, content }, message) =>
        content.flatMap((block, at): Edit[] => {
          if (role !== 'assistant' || block.type !== 'text') return [];
          const told = { reason: 'EMPTY_TEXT', told: 'A test.' } as const;
          return [{ ...told, kind: 'remove-block', at: { message, block: at } }];
        }),
      );
      const after = written(text, transcript, gone);
      const blocks = (of: Iterable<{ readonly content: readonly ContentBlock[] }>): unknown[] =>
        [...of].flatMap(({ content }) => content);
      const said = blocks(applyEdits(messages, gone));
      expect(blocks(opened(after).conversation())).toEqual(said);
      expect(after.split(odd)).toHaveLength(text.split(odd).length);
      if (gone.length === 0) expect(after).toBe(text);
    },
  );
});

describe('a call that a plan moves', () => {
  it.each(Object.entries(files))('keeps the text of its arguments in %s', (_name, text) => {
    const transcript = opened(text);
    const messages = [...transcript.conversation()];
    const message = messages.findIndex(({ content }) => content.some(isCall));
    const content = messages[message]?.content ?? [];
    const call = content.find(isCall);
    if (call === undefined) throw new Error('the file has a call');
    const told = { reason: 'CONTENT_AFTER_CALL', told: 'A test.' } as const;
    const moved = written(text, transcript, [
      { ...told, kind: 'remove-block', at: { message, block: content.indexOf(call) } },
      { ...told, kind: 'insert-message', before: message + 1, role: 'assistant', content: [call] },
    ]);
    // The arguments are a value with the odd members, or a text with a number in it.
    const own = /"(?:input|args|arguments)":(?:\{"big".*?1\.50\}|"\{[^}]*\}")/u.exec(text)?.[0];
    expect(moved.split(own ?? '?')).toHaveLength(2);
    expect(written(moved, opened(moved), [])).toBe(moved);
  });
});

describe('records whose values are the same and whose texts are not', () => {
  const codes = (text: string): string[] =>
    opened(text)
      .findings.map(({ code }) => code)
      .toSorted();

  it('are two, of Claude Code', () => {
    const record = (digits: string): string =>
      `{"type":"user","uuid":"a","parentUuid":null,"sessionId":"s","n":${digits},"message":{"role":"user","content":"Hi"}}\n`;
    expect(codes(record('9007199254740993') + record('9007199254740992'))).toEqual([
      'CONFLICTING_RECORD',
      'NUMBER_ROUNDED',
    ]);
    expect(codes(record('9007199254740993').repeat(2))).toEqual([
      'DUPLICATE_RECORD',
      'NUMBER_ROUNDED',
      'NUMBER_ROUNDED',
    ]);
  });

  it('are two, of Codex', () => {
    const head = `{"timestamp":"2026-01-01T00:00:00.000Z","type":"session_meta","payload":{"id":"s"}}\n`;
    const record = (digits: string): string =>
      `{"timestamp":"2026-01-01T00:00:01.000Z","type":"response_item","payload":{"type":"message","role":"user","n":${digits},"content":[]}}\n`;
    const two = head + record('9007199254740992') + record('9007199254740993');
    expect(codes(two)).toEqual(['NUMBER_ROUNDED']);
    expect(codes(two + record('9007199254740993'))).toContain('DUPLICATE_RECORD');
  });

  it.each([
    '[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"n":1}}},{"text":"so"},{"functionCall":{"name":"f","args":{"n":9007199254740993}}},{"functionCall":{"name":"f","args":{"n":9007199254740992}}}]}]',
    '{"sessionId":"s","projectHash":"h"}\n{"id":"b","timestamp":"t","type":"gemini","content":[{"functionCall":{"name":"f","args":{"n":1}}},{"text":"so"},{"functionCall":{"name":"f","args":{"n":9007199254740993}}},{"functionCall":{"name":"f","args":{"n":9007199254740992}}}]}\n',
  ])('stay two calls of Gemini beside a text that goes', (text) => {
    const transcript = opened(text);
    const at = { message: 0, block: 1 };
    const gone = { kind: 'remove-block', at, reason: 'EMPTY_TEXT', told: 'A test.' } as const;
    expect(written(text, transcript, [gone])).toBe(text.replace('{"text":"so"},', ''));
  });
});

function isCall({ type }: ContentBlock): boolean {
  return type === 'tool_use';
}

/** A value with the spellings that its numbers have in a file. */
const spelling = fc.constantFrom('1.50', '12345678901234567890', '-0', '1E400', '7', '0.10');
interface Spelled {
  readonly text: string;
}
const spelled = fc.letrec<{ value: Spelled; list: Spelled; object: Spelled }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    spelling.map((text) => ({ text })),
    fc.constantFrom('"\\u0041"', '"a"', 'null', 'true', '""').map((text) => ({ text })),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }).map((items) => ({
    text: `[ ${items.map(({ text }) => text).join(' ,')}]`,
  })),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', '\\u0061', '__proto__'), tie('value')), {
      maxLength: 5,
    })
    .map((members) => ({
      text: `{${members.map(([name, { text }]) => `"${name}" :${text}`).join(', ')} }`,
    })),
}));

/** The value as it is read; what JSON cannot say again is null there. */
function read(text: string): unknown {
  return JSON.parse(JSON.stringify(JSON.parse(text)));
}

describe('respelled', () => {
  it('gives the wanted value, whatever stood there', () => {
    fc.assert(
      fc.property(spelled.value, spelled.value, fc.boolean(), (one, other, compact) => {
        const style = compact
          ? compactStyle
          : { ...compactStyle, indent: ' ', colon: ': ' as const };
        const after: unknown = JSON.parse(other.text);
        const text = respelled(Buffer.from(one.text), JSON.parse(one.text), after, style);
        expect(read(text.toString())).toEqual(read(other.text));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps every byte of what stays in an object and a list', () => {
    fc.assert(
      fc.property(spelled.object, spelled.list, spelled.value, (object, list, fresh) => {
        const text = `{"x":${object.text}, "y":1, "z" : [${list.text},2 ]}`;
        const before = JSON.parse(text) as Record<string, unknown>;
        const put: unknown = JSON.parse(fresh.text);
        const after = { ...before, y: put, z: [...(before['z'] as unknown[]).slice(0, 1), put] };
        const now = respelled(Buffer.from(text), before, after).toString();
        expect(now).toContain(`{"x":${object.text}, "y":`);
        expect(now).toContain(`"z" : [${list.text},`);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a value of any depth', () => {
    const deep = (leaf: string): string => '[{"a":'.repeat(500) + leaf + '}]'.repeat(500);
    const text = respelled(Buffer.from(deep('1')), JSON.parse(deep('1')), JSON.parse(deep('2')));
    expect(text.toString()).toBe(deep('2'));
  });
});
