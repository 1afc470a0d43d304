/** Records that are made to break a reader: nested deeper than a stack, or of the wrong types. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { cline } from '../../src/transcript/cline/reader.ts';
import { copilot } from '../../src/transcript/copilot-cli/reader.ts';
import { gemini } from '../../src/transcript/gemini-cli/reader.ts';
import { goose } from '../../src/transcript/goose/reader.ts';
import { kimi } from '../../src/transcript/kimi/reader.ts';
import { opencode } from '../../src/transcript/opencode/reader.ts';
import type { FormatReader } from '../../src/transcript/transcript.ts';
import { openBytes, runs, saidIn, spliced } from '../helpers/transcript-lab.ts';

const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

/** Records of each tool, with a hole where any value may stand. */
const records: readonly [FormatReader, readonly string[]][] = [
  [
    gemini,
    [
      '{"id":"u","type":"user","content":#}\n',
      '{"id":"g","type":"gemini","content":#,"thoughts":#,"model":#}\n',
      '{"id":"g","type":"gemini","content":"x","toolCalls":#}\n',
      '{"id":"g","type":"gemini","content":"","toolCalls":[{"id":#,"name":#,"args":#,"result":#}]}\n',
      '{"id":"g","type":"gemini","content":[{"functionResponse":{"id":#,"response":#}}]}\n',
      '{"$set":{"messages":#}}\n',
      '{"$rewindTo":#}\n',
      '[{"role":"user","parts":#}]',
      '[{"role":"user","parts":[{"inlineData":#,"text":#}]}]',
      '{"history":#}',
    ],
  ],
  [
    cline,
    [
      '[{"role":"user","content":#,"ts":1}]',
      '[{"role":#,"content":[#]}]',
      '{"messages":#,"agent":#}',
    ],
  ],
  [
    goose,
    [
      '{"role":"user","created":1,"content":#,"metadata":#}\n',
      '{"role":#,"content":[{"type":"toolResponse","id":#,"toolResult":#}]}\n',
      '{"role":"user","content":[{"type":"toolResponse","toolResult":{"value":{"content":[#]}}}]}\n',
      '{"role":"user","content":[{"type":"toolRequest","toolCall":{"value":#}}]}\n',
    ],
  ],
  [
    opencode,
    [
      '{"info":#,"messages":[{"info":#,"parts":#}]}',
      '{"info":{"revert":#},"messages":[{"info":{"role":"assistant","error":#},"parts":[#]}]}',
      '{"messages":[{"info":{"role":"assistant"},"parts":[{"type":"tool","state":#,"callID":#}]}]}',
      '{"messages":[{"info":{"role":"assistant"},"parts":[{"type":"tool","state":{"status":"completed","output":#,"attachments":#}}]}]}',
    ],
  ],
  [
    copilot,
    [
      '{"type":"assistant.message","data":#,"id":#,"parentId":null}\n',
      '{"type":"assistant.message","data":{"toolRequests":[#],"content":#},"id":"a","parentId":#}\n',
      '{"type":"session.snapshot_rewind","data":{"upToEventId":#},"id":"b","parentId":null}\n',
    ],
  ],
  [
    kimi,
    [
      '{"type":"context.append_message","message":#}\n',
      '{"type":"context.append_message","message":{"role":"tool","content":#,"toolCalls":[#]}}\n',
      '{"type":"context.append_loop_event","event":#}\n',
      '{"type":"context.append_loop_event","event":{"type":"step.begin","uuid":#}}\n',
      '{"type":"context.append_loop_event","event":{"type":"tool.result","toolCallId":#,"result":#}}\n',
      '{"type":"context.apply_compaction","summary":#,"compactedCount":#,"keptUserMessageCount":#}\n',
      '{"type":"context.undo","count":#}\n',
    ],
  ],
];

describe.each(records)('$name', (reader, lines) => {
  it('reads values that are nested deeper than any stack', () => {
    for (const line of lines) {
      const bytes = line.replaceAll('#', deep);
      const transcript = openBytes(reader, bytes);
      saidIn(transcript);
      expect(spliced(bytes, transcript.write?.([]) ?? []).length).toBe(bytes.length);
    }
  });

  it('reads any value in any place', () => {
    const value = fc.oneof(
      fc.constantFrom('null', '""', '"x"', '0', '-1', '1e999', '{}', '[]', '[null]', '{"type":1}'),
      fc.constantFrom('true', '[[]]', '"__proto__"', '{"__proto__":{"role":"user"}}', '"\\ud800"'),
      fc.json({ maxDepth: 3 }),
    );
    const line = fc
      .tuple(fc.constantFrom(...lines), fc.array(value, { minLength: 5, maxLength: 5 }))
      .map(([words, values]) => {
        let next = 0;
        return words.replaceAll('#', () => values[next++ % values.length] ?? 'null');
      });
    const isLines = (words: string): boolean => words.endsWith('\n');
    const file = fc.oneof(
      line,
      fc.array(line.filter(isLines), { minLength: 1, maxLength: 6 }).map((all) => all.join('')),
    );
    const some = lines.some(isLines) ? file : line;
    fc.assert(
      fc.property(some, (bytes) => {
        const transcript = openBytes(reader, bytes);
        for (const { role, content } of saidIn(transcript)) {
          expect(typeof role).toBe('string');
          for (const block of content) expect(typeof block.type).toBe('string');
        }
      }),
      runs(300),
    );
  });
});
