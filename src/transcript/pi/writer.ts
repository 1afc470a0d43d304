/**
 * Edits as splices of a session of pi. An entry that no edit touches keeps its bytes; of one whose
 * words change, only its content is written anew.
 *
 * - A new message is an entry right behind the one that it follows, with its time and an id made of
 *   it, so that the same plan gives the same bytes. Entries that followed get the new one as their
 *   parent: of them, only that value changes.
 * - An entry that goes leaves a `custom` entry with its id and parent in its place. pi sends
 *   nothing for it, and the tree, the end of the session and what a compaction keeps stay as they
 *   are.
 * - When a summary is taken away or something comes in front of it, the compaction becomes the
 *   messages that it stands for, as a new root of what it kept.
 * - In files without ids, a compaction counts records; its number follows what comes in before it.
 */
import type { Edit } from '../../integrity/plan/edit.ts';
import { changedItems, refuse } from '../changed-items.ts';
import { asObject } from '../json-value.ts';
import type { Splice } from '../splice.ts';
import { EntryChanges } from './entry-changes.ts';
import { CallNames } from './made-messages.ts';
import type { Session, SessionMessage } from './session.ts';

/** Splices that carry the edits out. Throws `INVALID` for an edit that pi has no words for. */
export function writeSession(session: Session, edits: readonly Edit[]): Splice[] {
  if (edits.length === 0) return [];
  const calls = new CallNames();
  const { changed, alone } = changedItems(messagesWithCalls(session, calls), edits);
  const changes = new EntryChanges(session, calls);
  for (const change of changed) changes.take(change);
  if (alone.length > 0) changes.takeAlone(alone);
  const splices = changes.splices();
  const { mends } = session.scan.found;
  const isHit = splices.some((edit) =>
    mends.some(
      (mend) => mend.offset < edit.offset + edit.length && edit.offset < mend.offset + mend.length,
    ),
  );
  if (isHit) refuse('The plan edits an entry whose bytes are damaged; mend the file first');
  return splices;
}

/** The conversation; on the way every call tells how it is named in the file. */
function* messagesWithCalls(session: Session, calls: CallNames): Generator<SessionMessage, void> {
  for (const message of session.messages()) {
    if (message.role === 'assistant') {
      for (const { item } of message.shares) {
        calls.see(asObject(session.shown(session.path.rows.at(item))?.['message']) ?? {});
      }
    }
    yield message;
  }
}
