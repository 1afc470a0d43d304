/** Conversations before and after a plan of repair, in short words. */
import { applyEdits } from '../../../src/integrity/plan/apply-edits.ts';
import type { PolicyName } from '../../../src/integrity/plan/edit.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import type { Plan, PlanOptions } from '../../../src/integrity/plan/plan.ts';
import type { ProfileName } from '../../../src/integrity/profile.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import * as short from '../../helpers/short-history.ts';
import type { ShortMessage } from '../../helpers/short-history.ts';

/** What a plan makes of a conversation, and the plan. */
export function repaired(
  messages: readonly ShortMessage[],
  profile: ProfileName = 'anthropic',
  policy: PolicyName = 'annotate',
  options: PlanOptions = {},
): { readonly after: readonly ShortMessage[]; readonly plan: Plan } {
  const before = short.placed(messages);
  const plan = planRepair(before, profile, policy, options);
  return { after: short.bare(applyEdits(before, plan.edits)), plan };
}

/** A result that stands in for one that nobody recorded. */
export function synthetic(id: string, words: string): ContentBlock {
  return { type: 'tool_result', tool_use_id: id, content: words, is_error: true };
}

/** What such a result says by itself. */
export const unknown =
  'Nobody recorded the outcome of this call; it may have run. Check before running it again.';
