/**
 * What every writer of a file of lines promises, for random sessions and random edits: what is
 * written reads as the edits say, and lines that no edit touches stay.
 */
import fc from './fast-check.ts';
import { expect } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { TranscriptFinding } from '../../src/integrity/finding.ts';
import type { ContentBlock } from '../../src/session/message.ts';
import type { FormatReader } from '../../src/transcript/transcript.ts';
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
} from './edit-lab.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One writer before the law. */
export interface WriterCase {
  readonly reader: FormatReader;
  /** The records of a session. */
  readonly records: fc.Arbitrary<readonly unknown[]>;
  /** A block that an edit puts in. */
  readonly block: (role: string, pick: number) => ContentBlock;
  /** A block without what the format has no words for. */
  readonly comparable: (block: Fields) => unknown;
  /** A line without what is numbered or linked anew; null for one that any edit may change. */
  readonly kept: (line: string) => string | null;
  /** Whether the finding may be there in a session that was written. */
  readonly isUsual: (finding: TranscriptFinding) => boolean;
  /** What the writer says when it has no words for an edit; null when it never does. */
  readonly refusal: RegExp | null;
}

/** Text, calls of the assistant, and results of the user, for `WriterCase.block`. */
export function madeBlock(resultId: (pick: number) => string): WriterCase['block'] {
  return (role, pick) => {
    if (pick % 2 === 0) return { type: 'text', text: `new ${pick}` };
    if (role === 'assistant') {
      return { type: 'tool_use', id: `new_${pick}`, name: 'read', input: { n: pick } };
    }
    if (role !== 'user') return { type: 'text', text: `more ${pick}` };
    const content = `unknown ${pick}`;
    return { type: 'tool_result', tool_use_id: resultId(pick), content, is_error: true };
  };
}

/** Holds the writer against the law; refusals are counted, and must be rare. */
export function expectLawful(law: WriterCase): void {
  const { reader, block, refusal } = law;
  let [ran, refused] = [0, 0];
  const picked = fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(law.records, picked, (records, picks) => {
      const bytes = jsonl(records);
      const before = opened(reader, bytes);
      expect(before.findings.filter((finding) => !law.isUsual(finding))).toEqual([]);
      const messages = [...before.conversation()];
      const edits = randomEdits(messages, picks, { block });
      let after: Buffer;
      try {
        after = spliced(bytes, before.write?.(edits) ?? []);
      } catch (error) {
        if (refusal === null || !HoldfastError.is(error, 'INVALID')) throw error;
        expect(error.message).toMatch(refusal);
        refused += 1;
        return;
      }
      ran += 1;
      const again = opened(reader, after);
      expect(again.findings.filter((finding) => !law.isUsual(finding))).toEqual([]);
      const said = (pairs: readonly unknown[]): unknown[] =>
        (pairs as readonly [string, Fields][]).map(([role, one]) => [role, law.comparable(one)]);
      expect(said(flat(again.conversation()))).toEqual(said(flat(edited(messages, edits))));
      const touched = touchedLines(messages, edits);
      const lines = (text: Buffer): (string | null)[] => text.toString().split('\n').map(law.kept);
      const kept = lines(bytes).filter((line, at) => line !== null && !touched.has(at + 1));
      const written = lines(after).filter((line) => line !== null);
      expect(isSubsequence(kept as string[], written)).toBe(true);
    }),
    { numRuns: randomRuns },
  );
  expect(refused).toBeLessThanOrEqual(ran / 8);
}
