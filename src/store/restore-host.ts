/** What restore points and rewinding need of the session that they belong to. */
import { shown } from '../base/shown.ts';
import { HoldfastError } from '../base/errors.ts';
import type { Entry, SessionEvent } from '../session/event.ts';
import type { Fold } from '../session/fold.ts';
import type { AppendOptions, ReadOptions } from './api.ts';

/** A session, open for writing or reading, as its restore points see it. */
export interface RestoreHost {
  readonly id: string;
  /** When the session was made. */
  readonly createdMs: number;
  /** Every acknowledged entry is in it. */
  fold(): Fold;
  durableUpTo(): number;
  entries(options: ReadOptions): AsyncIterable<Entry>;
  /** The fold of everything up to this seq. */
  foldAt(seq: number): Promise<Fold>;
  /**
   * All or nothing; answers with the seq of the first one. READ_ONLY when the session is open for
   * reading.
   */
  submit(
    events: readonly SessionEvent[],
    options: AppendOptions,
  ): Promise<{ seq: number; timeMs: number }>;
}

/** The session as a noun of a message. */
export function named(host: RestoreHost): string {
  return `session ${JSON.stringify(host.id)}`;
}

/** NOT_FOUND for a snapshot. */
export function noSnapshot(host: RestoreHost, id: number): HoldfastError<'NOT_FOUND'> {
  const what = `snapshot ${shown(id)}`;
  const message = `Cannot find ${what} of ${named(host)}; \`session.snapshots.list()\` shows what is there`;
  return new HoldfastError('NOT_FOUND', message, { what });
}
