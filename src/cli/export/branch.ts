/** The conversation of a session as it stands, whole, and what its journal knows of its calls. */
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { CallOutcome } from '../../integrity/plan/plan.ts';
import { placedMessage } from '../../provider/session-messages.ts';
import { isCut } from '../../session/cuts.ts';
import type { OpenCall } from '../../session/state.ts';
import type { Session } from '../../store/api.ts';

/** A conversation in memory. */
export interface Branch {
  readonly messages: readonly PlacedMessage[];
  /** What became of a call that has no result. */
  readonly outcomeOf: (callId: string) => CallOutcome;
}

/** Reads the branch. Only its messages are held. */
export async function branchOfSession(session: Session, signal: AbortSignal): Promise<Branch> {
  const { cuts, openCalls } = session.state;
  const messages: PlacedMessage[] = [];
  let announces = false;
  for await (const { seq, event } of session.entries({ signal })) {
    if (event.kind === 'intent') announces = true;
    if (event.kind !== 'message' || isCut(cuts, seq)) continue;
    messages.push(placedMessage({ seq, message: event.message }));
  }
  const progress = new Map(openCalls.map((call) => [call.callId, call.progress]));
  return {
    messages,
    outcomeOf: (callId) => outcomeOf(progress.get(callId), announces),
  };
}

/** Only where calls are announced does a missing announcement say that a tool never ran. */
function outcomeOf(progress: OpenCall['progress'] | undefined, announces: boolean): CallOutcome {
  if (progress === 'finished') return 'finished';
  return progress === 'not-started' && announces ? 'not-started' : 'unknown';
}
