/** Whether the runtime of a session announces its calls before it runs them. */
import type { Session } from '../store/api.ts';

/**
 * True when there is any intent. That a call was never started is only said in such a session:
 * without any intent, the lack of one says nothing.
 */
export async function announcesCalls(session: Session, signal: AbortSignal): Promise<boolean> {
  for await (const { event } of session.entries({ signal })) {
    if (event.kind === 'intent') return true;
  }
  return false;
}
