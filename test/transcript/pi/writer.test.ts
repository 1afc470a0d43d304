/** Edits of sessions of pi, written and read again. */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../../src/base/errors.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { pi } from '../../../src/transcript/pi/reader.ts';
import {
  edited,
  flat,
  isSubsequence,
  jsonl,
  opened,
  randomEdits,
  randomRuns,
  spliced,
  touchedLines,
} from '../../helpers/edit-lab.ts';
import { randomSession } from './random-session.ts';

function madeBlock(role: string, pick: number): ContentBlock {
  if (pick % 2 === 0) return { type: 'text', text: `new ${pick}` };
  if (role === 'assistant') {
    return { type: 'tool_use', id: `new_${pick}`, name: 'read', input: { n: pick } };
  }
  const id = `call_${'abcde'[pick % 5]}`;
  return { type: 'tool_result', tool_use_id: id, content: `unknown ${pick}`, is_error: true };
}

/** pi knows results as lists of parts only. */
function comparable(pairs: readonly unknown[]): unknown[] {
  return pairs.map((pair) => {
    const [role, block] = pair as [string, Record<string, unknown>];
    const { content, is_error: isError, ...rest } = block;
    if (block['type'] !== 'tool_result') return [role, block];
    const told = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return [role, { ...rest, content: told, is_error: isError === true }];
  });
}

/** A line without what is linked anew when an entry comes in before it. */
function unlinked(line: string): string {
  return line
    .replace(/"parentId":("[^"]*"|null)/, '')
    .replace(/"firstKeptEntry(Id|Index)":("[^"]*"|\d+)/, '');
}

describe('pi', () => {
  test('write gives what the edits say, when it is read again, and leaves the rest', () => {
    let refused = 0;
    let ran = 0;
    fc.assert(
      fc.property(
        randomSession,
        fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 5 }),
        (records, picks) => {
          const bytes = jsonl(records);
          const before = opened(pi, bytes);
          const messages = [...before.conversation()];
          const edits = randomEdits(messages, picks, { block: madeBlock });
          let after: Buffer;
          try {
            after = spliced(bytes, before.write?.(edits) ?? []);
          } catch (error) {
            if (!HoldfastError.is(error, 'INVALID')) throw error;
            expect(error.message).toMatch(/compaction/);
            refused += 1;
            return;
          }
          ran += 1;
          const again = opened(pi, after);
          const graph = again.findings.filter(({ code }) => code !== 'MULTIPLE_LEAVES');
          expect(graph).toEqual([]);
          expect(comparable(flat(again.conversation()))).toEqual(
            comparable(flat(edited(messages, edits))),
          );
          const touched = touchedLines(messages, edits);
          const old = bytes.toString().split('\n');
          const kept = old.filter(
            (line, at) => !touched.has(at + 1) && !line.includes('"type":"compaction"'),
          );
          const lines = after.toString().split('\n');
          expect(isSubsequence(kept.map(unlinked), lines.map(unlinked))).toBe(true);
        },
      ),
      { numRuns: randomRuns },
    );
    expect(refused).toBeLessThan(ran / 8);
  });
});
