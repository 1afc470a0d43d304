/** The validator and the rules judge the same histories, and must agree. */
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/integrity/plan/apply-edits.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { profileNames } from '../../src/integrity/profile.ts';
import { disagreement } from './agreement.ts';
import { randomHistory } from './random-history.ts';

const firstSeed = 1;
const seeds = 1500;

test('accepts and checkConversation agree over random histories, before and after repair', () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const profile = profileNames[seed % profileNames.length] ?? 'generic';
    const { messages } = randomHistory(seed);
    const after = applyEdits(messages, planRepair(messages, profile, 'annotate').edits);
    for (const history of [messages, after]) {
      expect(disagreement(history, profile), `history of seed ${seed}`).toBeNull();
    }
  }
});
