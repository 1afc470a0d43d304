/** Edits of rollouts, written and read again. */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import type { ContentBlock } from '../../../src/session/message.ts';
import { codex } from '../../../src/transcript/codex/reader.ts';
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
import { randomRollout } from './random-rollout.ts';

function madeBlock(role: string, pick: number): ContentBlock {
  if (pick % 2 === 0) return { type: 'text', text: `new ${pick}` };
  if (role === 'assistant') {
    return { type: 'tool_use', id: `new_${pick}`, name: 'read', input: { n: pick } };
  }
  if (role !== 'user') return { type: 'text', text: `more ${pick}` };
  const id = `${['', 'p', 's', 'l'][pick % 4]}call_${'abcdef'[pick % 6]}`;
  return { type: 'tool_result', tool_use_id: id, content: `unknown ${pick}`, is_error: true };
}

/** Blocks without the ids of items, which stay with the first part of a message. */
function comparable(pairs: readonly unknown[]): unknown[] {
  return pairs.map((pair) => {
    const [role, block] = pair as [string, Record<string, unknown>];
    const { item_id: _, ...rest } = block;
    return [role, block['type'] === 'text' ? rest : block];
  });
}

describe('codex', () => {
  test('write gives what the edits say, when it is read again, and leaves the rest', () => {
    fc.assert(
      fc.property(
        randomRollout,
        fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 5 }),
        ({ records }, picks) => {
          const bytes = jsonl(records);
          const before = opened(codex, bytes);
          expect(before.findings).toEqual([]);
          const messages = [...before.conversation()];
          const edits = randomEdits(messages, picks, { block: madeBlock });
          const after = spliced(bytes, before.write?.(edits) ?? []);
          const again = opened(codex, after);
          expect(again.findings).toEqual([]);
          expect(comparable(flat(again.conversation()))).toEqual(
            comparable(flat(edited(messages, edits))),
          );
          expect(again.facts).toEqual(before.facts);
          const old = bytes.toString().split('\n').map(withoutOrdinal);
          const touched = touchedLines(messages, edits);
          const kept = old.filter((line, at) => !touched.has(at + 1) && !isCompacted(line));
          expect(isSubsequence(kept, after.toString().split('\n').map(withoutOrdinal))).toBe(true);
        },
      ),
      { numRuns: randomRuns },
    );
  });
});

function withoutOrdinal(line: string): string {
  return line.replace(/"ordinal":\d+,/, '');
}

function isCompacted(line: string): boolean {
  return line.includes('"type":"compacted"');
}
