/**
 * Long work in steps: between two of them a signal is heard and the progress is drawn. Whatever
 * runs longer than a step without coming here is deaf to Ctrl-C.
 */
import { setImmediate } from 'node:timers/promises';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { Plan } from '../../integrity/plan/plan.ts';
import type { Transcript } from '../../transcript/transcript.ts';

/** Messages between two looks at the signal. */
export const messagesPerStep = 256;

/** Lets everything else have its turn; throws when the command is to stop. */
export async function breath(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Runs a plan to its end, one pass at a time. */
export async function planned(
  steps: Generator<void, Plan, void>,
  signal: AbortSignal,
): Promise<Plan> {
  for (;;) {
    await breath(signal);
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The messages of a transcript, held in memory. `each` is told of every one. */
export async function messagesOf(
  transcript: Transcript,
  signal: AbortSignal,
  each: (message: PlacedMessage) => void = () => undefined,
): Promise<readonly PlacedMessage[]> {
  const messages: PlacedMessage[] = [];
  for (const message of transcript.conversation()) {
    each(message);
    messages.push(message);
    if (messages.length % messagesPerStep === 0) await breath(signal);
  }
  return messages;
}
