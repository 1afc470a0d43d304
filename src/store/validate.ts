/**
 * Checks the conversation of an open session, as rewinds left it: pairs of calls and results, empty
 * messages, its digest, and where entries are lost.
 */
import { HoldfastError } from '../base/errors.ts';
import { shown } from '../base/shown.ts';
import { validateEntries } from '../integrity/validate.ts';
import type { Validation } from '../integrity/validation.ts';
import type { Session } from './api.ts';
import { gapsOf, gapText } from './gaps.ts';
import { branchOf } from './session-view.ts';

/** Reads the whole session, streaming. Fails as reading it fails. */
export async function validate(session: Session): Promise<Validation> {
  if (typeof session?.entries !== 'function' || typeof session.state !== 'object') {
    const message = `Cannot validate: "session" must be an open session, not ${shown(session)}`;
    throw new HoldfastError('INVALID', message, { path: 'session' });
  }
  const { contentDigest, lastSeq, cuts } = session.state;
  const lost = (await gapsOf(session, cuts)).map((gap) => ({
    code: 'LOST_ENTRIES' as const,
    severity: 'warning' as const,
    seq: gap.from,
    messageIndex: null,
    blockIndex: null,
    callId: null,
    message: gapText(gap),
  }));
  const entries = branchOf(session.entries({ to: lastSeq }), cuts);
  return validateEntries(entries, contentDigest, lost);
}
