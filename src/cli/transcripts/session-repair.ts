/**
 * The repair of a session of a store: its end, from the first message that an edit touches, is
 * appended anew behind a rewind, in one batch. What was there stays readable, and
 * `holdfast rewind --undo` takes the repair back.
 */
import { assert } from '../../base/assert.ts';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import { applyEdits } from '../../integrity/plan/apply-edits.ts';
import { messageOf } from '../../integrity/plan/edit.ts';
import type { Edit, PolicyName } from '../../integrity/plan/edit.ts';
import { planSteps } from '../../integrity/plan/plan-repair.ts';
import type { CallOutcome, Plan } from '../../integrity/plan/plan.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import { placedOf } from '../../integrity/session-messages.ts';
import type { Message } from '../../session/message.ts';
import type { Session } from '../../store/api.ts';
import { announcesCalls } from '../announced-calls.ts';
import { planned } from './steps.ts';

/** A session, and what would mend it. */
export interface SessionRepair {
  readonly originals: readonly Message[];
  readonly messages: readonly PlacedMessage[];
  readonly plan: Plan;
}

/** Plans for the conversation of a session as it stands. */
export async function sessionRepairOf(
  session: Session,
  profile: ProfileName,
  policy: PolicyName,
  signal: AbortSignal,
): Promise<SessionRepair> {
  const originals: Message[] = [];
  const messages: PlacedMessage[] = [];
  for await (const { seq, message } of session.messages({ signal })) {
    messages.push(placedOf(message, seq, originals.length));
    originals.push(message);
  }
  const outcomeOf = await outcomesOf(session, signal);
  const plan = await planned(planSteps(messages, profile, policy, { outcomeOf }), signal);
  return { originals, messages, plan };
}

/**
 * What is known of open calls. That one was never started is only said in a session whose runtime
 * announces calls at all: without any intent, the lack of one says nothing.
 */
async function outcomesOf(
  session: Session,
  signal: AbortSignal,
): Promise<(callId: string) => CallOutcome> {
  const { openCalls } = session.state;
  const progress = new Map(openCalls.map((call) => [call.callId, call.progress]));
  const announces = openCalls.length > 0 && (await announcesCalls(session, signal));
  return (callId) => {
    const known = progress.get(callId);
    if (known === 'finished') return 'finished';
    return known === 'not-started' && announces ? 'not-started' : 'unknown';
  };
}

/** Where the old conversation is left, and what goes on from there. */
export interface NewEnd {
  /** So many messages of the old conversation stay. */
  readonly keep: number;
  readonly append: readonly Message[];
}

/**
 * What carries a plan out when this many messages stay; fewer stay than the first edit asks for
 * where a call would be parted from its result.
 */
export function newEndOf(repair: SessionRepair, keep: number): NewEnd {
  const { messages, plan, originals } = repair;
  assert(keep <= firstTouched(plan.edits, messages.length), 'no edit is in front of the new end');
  const mended = applyEdits(messages, plan.edits);
  const append = mended.slice(keep).map((message) => {
    const index = messages.indexOf(message);
    const original = originals[index];
    // Untouched messages go over as they are, with every field that they have.
    if (original !== undefined) return original;
    return { ...fieldsOf(message, repair), role: message.role, content: message.content };
  });
  return { keep, append };
}

/** Number of the first message that an edit touches or stands in front of. */
export function firstTouched(edits: readonly Edit[], messages: number): number {
  return edits.reduce((first, edit) => Math.min(first, messageOf(edit)), messages);
}

/** Id, model and time of the message that a changed one was. */
function fieldsOf(message: PlacedMessage, { originals, messages }: SessionRepair): object {
  const { id } = message.place;
  const index = messages.findIndex((one) => one.place.id === id && one.role === message.role);
  return index < 0 || id === null ? {} : (originals[index] ?? {});
}
