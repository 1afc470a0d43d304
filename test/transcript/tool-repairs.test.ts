/**
 * A plan for a random session, written in the words of its tool: the provider accepts what is read.
 */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { accepts } from '../../src/integrity/acceptance/accepts.ts';
import { applyEdits } from '../../src/integrity/plan/apply-edits.ts';
import { policyNames } from '../../src/integrity/plan/edit.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { gemini } from '../../src/transcript/gemini-cli/reader.ts';
import { checkpoint, linesFile, wholeFile } from '../helpers/gemini-files.ts';
import { openBytes, runs, spliced } from '../helpers/transcript-lab.ts';

describe.each([
  ['lines', linesFile],
  ['a whole file', wholeFile],
  ['a checkpoint', checkpoint],
])('a repair of %s of Gemini CLI', (_name, files) => {
  it('is accepted after it was written and read again, and needs no second one', () => {
    let repaired = 0;
    fc.assert(
      fc.property(files, fc.constantFrom(...policyNames), (bytes, policy) => {
        const transcript = openBytes(gemini, bytes);
        const messages = [...transcript.conversation()];
        const { edits } = planRepair(messages, 'gemini', policy);
        if (edits.length > 0) repaired += 1;
        const planned = applyEdits(messages, edits);
        expect(accepts(planned, 'gemini')).toEqual([]);
        const after = spliced(bytes, transcript.write?.(edits) ?? []);
        const again = [...openBytes(gemini, after).conversation()];
        expect(accepts(again, 'gemini')).toEqual([]);
        expect(planRepair(again, 'gemini', policy).edits).toEqual([]);
      }),
      runs(150),
    );
    expect(repaired).toBeGreaterThan(50);
  });
});
