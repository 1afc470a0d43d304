/**
 * Gemini signs the first call of each answer, and wants the signature back as long as the loop of
 * calls goes on: since somebody spoke, until an answer without a call. For calls that it did not
 * make itself it takes a value that says so. Models before the third do not ask.
 */
import type { Pass } from './pass.ts';
import { heldIn, isPrompt, runsOf } from './runs.ts';
import type { Held, Run } from './runs.ts';
import { hasSignature, isCall, withMembers } from './shapes.ts';

/** What Google's documentation gives for calls that no signature can be had for. */
const standIn = 'skip_thought_signature_validator';

function firstCall(run: Run | undefined): Held | undefined {
  return heldIn(run?.messages ?? []).find(({ block }) => isCall(block.content));
}

/** Gives a signature to first calls of the current loop that have none. */
export const signCalls: Pass = ({ draft, needs }) => {
  if (!needs.signedCalls) return;
  const start = draft.messages.findLastIndex(isPrompt);
  const current = new Set(draft.messages.slice(start + 1));
  const answers = runsOf(draft, needs).filter(({ side }) => side === 'assistant');
  if (firstCall(answers.at(-1)) === undefined) return;
  for (const run of answers) {
    if (!run.messages.some((message) => current.has(message))) continue;
    const first = firstCall(run);
    if (first === undefined || hasSignature(first.block.content, 'thought_signature')) continue;
    const model = first.message.from === null ? null : draft.before[first.message.from]?.model;
    if (/gemini-[12]\b/iu.test(model ?? '')) continue;
    const signed = withMembers(first.block.content, { thought_signature: standIn });
    draft.replace(first.block, signed, {
      reason: 'MISSING_THOUGHT_SIGNATURE',
      told: 'The first call of an answer has no signature; it gets the value that stands for none.',
    });
  }
};
