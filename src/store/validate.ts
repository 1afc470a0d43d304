/**
 * Checks the conversation of an open session, as rewinds left it: pairs of calls and results, empty
 * messages, its digest.
 */
import { validateEntries } from '../integrity/validate.ts';
import type { Validation } from '../integrity/validation.ts';
import type { Session } from './api.ts';
import { branchOf } from './session-view.ts';

/** Reads the whole session, streaming. Fails as reading it fails. */
export async function validate(session: Session): Promise<Validation> {
  const { contentDigest, lastSeq, cuts } = session.state;
  return validateEntries(branchOf(session.entries({ to: lastSeq }), cuts), contentDigest);
}
