/**
 * Two answers in a row, of which the first made calls that nothing answers: whoever wrote them had
 * results in between, so those that say what is known go there. Senders that join answers would
 * else put what was said second in front of the call.
 */
import type { DraftMessage } from './draft.ts';
import { pairCalls } from './pairing.ts';
import type { PairedCall } from './pairing.ts';
import type { Pass } from './pass.ts';
import { missingResult } from './results.ts';
import { runsOf } from './runs.ts';
import { isBlankText } from './shapes.ts';
import { syntheticResult } from './synthetic.ts';

/** Answers open calls in front of the next answer of the same turn. */
export const answerBetween: Pass = (mending) => {
  const { draft, needs } = mending;
  if (!needs.joinsAnswers) return;
  const open = new Map<DraftMessage, PairedCall[]>();
  for (const call of pairCalls(draft, needs).calls) {
    if (call.answer !== null) continue;
    const calls = open.get(call.message);
    if (calls === undefined) open.set(call.message, [call]);
    else calls.push(call);
  }
  if (open.size === 0) return;
  for (const { side, messages } of runsOf(draft, needs)) {
    if (side !== 'assistant') continue;
    const last = messages.findLastIndex(says);
    for (const message of messages.slice(0, Math.max(last, 0))) {
      const calls = open.get(message);
      if (calls === undefined) continue;
      const [first] = calls;
      if (first === undefined) continue;
      const results = draft.insertMessage(message, 'user', missingResult(mending, first));
      const coming = calls.map((call) => ({
        content: syntheticResult(call.id, mending.outcomeOf(call.id)),
        why: missingResult(mending, call),
      }));
      draft.put(results, 0, coming);
    }
  }
};

function says({ blocks }: DraftMessage): boolean {
  return blocks.some(({ content }) => !isBlankText(content));
}
