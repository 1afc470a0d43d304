/**
 * Sessions of a store that are gone while messages of theirs are there: the tool lists them no
 * more, and what they say was written all the same.
 */
import type { TranscriptFinding } from '../integrity/finding.ts';
import { recordFinding } from './fault-finding.ts';
import type { StoredSession } from './transcript-store.ts';
import { rowPlace } from './transcript-store.ts';

/** What is told of such a session; `what` is what kept it, such as its row. */
export function lostSessionFinding(id: string, what: 'row' | 'file'): TranscriptFinding {
  const meaning = `The ${what} of session ${id} is gone, and what was said in it is still there.`;
  const finding = recordFinding('MISSING_PARENT', 'error', rowPlace(0, id), meaning);
  return { ...finding, fix: `Take the ${what} of session ${id} from a backup.` };
}

/** Such a session in a list. */
export function lostSession(id: string, messages: number): StoredSession {
  return { id, title: null, cwd: null, updatedMs: null, messages, parentId: null };
}

/** Each session once: a table without a key may hold rows twice. */
export function eachOnce(sessions: readonly StoredSession[]): readonly StoredSession[] {
  const known = new Set<string>();
  return sessions.filter(({ id }) => !known.has(id) && known.add(id));
}
