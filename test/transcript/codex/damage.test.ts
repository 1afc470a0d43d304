/** Rollouts and sessions that anything may have happened to: read, mended, repaired, read again. */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { accepts } from '../../../src/integrity/acceptance/accepts.ts';
import { policyNames, type PolicyName } from '../../../src/integrity/plan/edit.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import { codex } from '../../../src/transcript/codex/reader.ts';
import { pi } from '../../../src/transcript/pi/reader.ts';
import type { FormatReader } from '../../../src/transcript/transcript.ts';
import { damaged } from '../../helpers/damaged-lines.ts';
import { jsonl, opened, spliced } from '../../helpers/edit-lab.ts';
import { runs } from '../../helpers/transcript-lab.ts';
import { randomSession } from '../pi/random-session.ts';
import { randomRollout } from './random-rollout.ts';

const policies = fc.constantFrom(...policyNames);
const damage = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 4 });

/** As many as the command takes. */
const stagesMax = 4;

/** Mends, plans, writes and reads again, as `recover apply` does. */
function expectRepair(reader: FormatReader, bytes: Buffer, policy: PolicyName): void {
  let mended = bytes;
  let transcript = opened(reader, mended);
  expect(Array.isArray([...transcript.conversation()])).toBe(true);
  // What is mended may show what stood behind it, so `recover apply` mends in stages, too.
  for (let stage = 0; stage < stagesMax && transcript.mends.length > 0; stage += 1) {
    mended = spliced(mended, transcript.mends);
    transcript = opened(reader, mended);
  }
  expect(transcript.mends).toEqual([]);
  const { profile } = transcript;
  const plan = planRepair([...transcript.conversation()], profile, policy);
  const after = opened(reader, spliced(mended, transcript.write?.(plan.edits) ?? []));
  const messages = [...after.conversation()];
  if (plan.unmended.length === 0) expect(accepts(messages, profile)).toEqual([]);
  expect(planRepair(messages, profile, policy).edits).toEqual([]);
  expect(after.mends).toEqual([]);
}

describe('codex', () => {
  test('a damaged rollout is mended and repaired until its provider takes it', () => {
    fc.assert(
      fc.property(randomRollout, damage, policies, ({ records }, picks, policy) => {
        expectRepair(codex, damaged(jsonl(records), picks), policy);
      }),
      runs(100),
    );
  });
});

describe('pi', () => {
  test('a damaged session is mended and repaired until its provider takes it', () => {
    fc.assert(
      fc.property(randomSession, damage, policies, (records, picks, policy) => {
        expectRepair(pi, damaged(jsonl(records), picks), policy);
      }),
      runs(100),
    );
  });
});
