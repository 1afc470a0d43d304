/**
 * Checks the conversation of an open session: pairs of calls and results, empty messages, its
 * digest.
 */
import { validateEntries } from '../integrity/validate.ts';
import type { Validation } from '../integrity/validation.ts';
import type { Session } from './api.ts';

/** Reads the whole session, streaming. Fails as reading it fails. */
export async function validate(session: Session): Promise<Validation> {
  const { contentDigest, lastSeq } = session.state;
  return validateEntries(session.entries({ to: lastSeq }), contentDigest);
}
