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
    open.set(call.message, [...(open.get(call.message) ?? []), call]);
  }
  if (open.size === 0) return;
  for (const { side, messages } of runsOf(draft, needs)) {
    if (side !== 'assistant') continue;
    for (const [at, message] of messages.entries()) {
      const calls = open.get(message);
      if (calls === undefined || !messages.slice(at + 1).some(says)) continue;
      const [first] = calls;
      if (first === undefined) continue;
      const results = draft.insertMessage(message, 'user', missingResult(mending, first));
      for (const call of calls) {
        const result = syntheticResult(call.id, mending.outcomeOf(call.id));
        draft.insert(results, results.blocks.length, result, missingResult(mending, call));
      }
    }
  }
};

function says({ blocks }: DraftMessage): boolean {
  return blocks.some(({ content }) => !isBlankText(content));
}
