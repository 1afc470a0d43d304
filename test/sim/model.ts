/**
 * What a user knows of the sessions, kept outside of the disk that is made to fail: what was sent, and
 * what was answered and how.
 */

/** How sure the user may be of one append. `failed`: told to have failed; it may be there all the same. */
export type Certainty = 'sent' | 'acknowledged' | 'durable' | 'failed';

/** Messages that were appended together. */
export interface Group {
  readonly texts: readonly string[];
  certainty: Certainty;
}

/** One session as its user sees it. */
export interface SessionModel {
  readonly id: string;
  /** In the order in which they were submitted. */
  readonly groups: Group[];
  created: 'asked' | 'done' | 'failed';
  deleted: 'no' | 'asked' | 'done';
}

/** What ended the process: what was only acknowledged survives a kill and not a power cut. */
export type End = 'kill' | 'power cut';

/** Why this content cannot be what is left of the session, or null when it can. Null for no session. */
export function faultOf(
  model: SessionModel,
  found: readonly string[] | null,
  end: End,
): string | null {
  if (found === null) {
    if (model.deleted !== 'no' || model.created !== 'done') return null;
    return 'the session is gone';
  }
  if (model.deleted === 'done') return 'the session was deleted and is there again';
  let at = 0;
  let isOver = false;
  for (const [index, group] of model.groups.entries()) {
    const { texts, certainty } = group;
    const there = texts.every((text, offset) => found[at + offset] === text);
    if (there && !isOver) {
      at += texts.length;
    } else if (certainty !== 'failed') {
      const needed = certainty === 'durable' || (certainty === 'acknowledged' && end === 'kill');
      if (needed && model.deleted === 'no')
        return `group ${index} was ${certainty} and is not there`;
      // What comes behind something that is lost must be lost too: the rest is a prefix.
      isOver = true;
    }
  }
  return at === found.length ? null : `message ${at} was never appended there: ${found[at]}`;
}
