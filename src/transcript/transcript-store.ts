/**
 * Sources that are not one file with one session: databases and folders. A place in them has no
 * offset, and its id is that of the row or of the file.
 */
import type { Place } from '../integrity/conversation.ts';
import { HoldfastError } from '../base/errors.ts';
import type { FormatName, Transcript } from './transcript.ts';

/** One session, as a list shows it. */
export interface StoredSession {
  readonly id: string;
  readonly title: string | null;
  readonly cwd: string | null;
  /** Milliseconds since 1970; null when the store does not say. */
  readonly updatedMs: number | null;
  readonly messages: number;
  /** The session that started this one, for a task of its own. */
  readonly parentId: string | null;
}

/** Many sessions in one place. Only read. */
export interface TranscriptStore {
  readonly format: FormatName;
  /** The newest first. */
  sessions(): readonly StoredSession[];
  /** Throws `NOT_FOUND` for an id that is not there. */
  open(id: string): Transcript;
  close(): void;
}

/** The place of a row; `record` is its number in the session. */
export function rowPlace(record: number, id: string): Place {
  return { record, offset: null, length: 0, line: null, id };
}

/** Refuses a session that is not there. */
export function noSuchSession(id: string): never {
  throw new HoldfastError('NOT_FOUND', `No session ${JSON.stringify(id)} is in this store`, {
    what: id,
  });
}
