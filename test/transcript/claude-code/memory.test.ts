/** What is held of a large file of Claude Code: numbers for each record, and nothing of its text. */
import { describe, expect, test } from 'vitest';
import { EarlyCheck } from '../../../src/cli/transcripts/early-check.ts';
import type { ByteSource } from '../../../src/transcript/byte-source.ts';
import { claudeCode } from '../../../src/transcript/claude-code/reader.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';
import { bytesHeld } from '../../helpers/bytes-held.ts';

function held(): number {
  const { heap, buffers } = bytesHeld();
  return heap + buffers;
}

const recordsOfTurn = 4;

/** A prompt, a call, its result and an answer, each behind the one in front of it. */
function turn(number: number, words: string): Buffer {
  const name = (at: number): string => String(number * recordsOfTurn + at).padStart(8, '0');
  const record = (at: number, type: 'user' | 'assistant', content: unknown): string => {
    const uuid = `${name(at)}-0000-4000-8000-000000000000`;
    const parent = `${name(at - 1)}-0000-4000-8000-000000000000`;
    const message = { id: `msg_${name(at)}`, role: type, content };
    const parentUuid = number + at === 0 ? null : parent;
    return `${JSON.stringify({ parentUuid, sessionId: 's', type, message, uuid })}\n`;
  };
  const id = `toolu_${name(0)}`;
  return Buffer.from(
    [
      record(0, 'user', words),
      record(1, 'assistant', [{ type: 'tool_use', id, name: 'Bash', input: {} }]),
      record(2, 'user', [{ type: 'tool_result', tool_use_id: id, content: words }]),
      record(3, 'assistant', [{ type: 'text', text: words }]),
    ].join(''),
  );
}

/** A file of so many turns that is made as it is read. */
function turns(count: number, words: string): ByteSource {
  const [first, other] = [turn(0, words), turn(1, words)];
  const size = first.length + (count - 1) * other.length;
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      const ahead = offset - first.length;
      let number = ahead < 0 ? 0 : 1 + Math.floor(ahead / other.length);
      const skipped = ahead < 0 ? offset : ahead % other.length;
      const parts: Buffer[] = [];
      for (let made = -skipped; made < wanted; number += 1) {
        const part = turn(number, words);
        parts.push(part);
        made += part.length;
      }
      return Buffer.concat(parts).subarray(skipped, skipped + wanted);
    },
  };
}

/** What a file of so many turns comes to, and the bytes that are held for each record of it. */
function checked(count: number, words: string): { transcript: Transcript; bytes: number } {
  const before = held();
  const early = new EarlyCheck(null);
  const steps = claudeCode.open(turns(count, words), early);
  for (;;) {
    const step = steps.next();
    if (step.done !== true) continue;
    const bytes = held() - before;
    expect(early.checkOf(step.value)?.counters.messages).toBe(recordsOfTurn * count);
    return { transcript: step.value, bytes };
  }
}

describe('claudeCode', () => {
  test('open holds less than a hundred bytes for a record, however long it is', () => {
    const count = 8192;
    // The first run makes what every later one uses.
    checked(64, 'Warm.');
    const [small, large, long] = [
      checked(count, 'Look.'),
      checked(2 * count, 'Look.'),
      checked(count, 'Look there. '.repeat(100)),
    ];
    expect(large.transcript.records).toBe(2 * small.transcript.records);
    const perRecord = (large.bytes - small.bytes) / (recordsOfTurn * count);
    expect(perRecord).toBeLessThan(100);
    // Of a text of 1200 characters nothing; the last buffers of the file may still be there.
    expect((long.bytes - small.bytes) / (recordsOfTurn * count)).toBeLessThan(100);
  });
});
