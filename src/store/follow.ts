/**
 * Follows a session that others write: every entry once it is durable, in order, each exactly once,
 * for as long as the session is there. Writers come and go meanwhile, entries move from journals to
 * the history, segments are retired; the sequence of the session is what tells apart what was given
 * and what was not, wherever it stands.
 *
 * Nothing is locked and nobody is told, so files are looked at again and again. A look that finds
 * nothing costs a `stat` of the history and a read of 64 bytes of the journal; the head is read
 * when the history has changed, and once a second, because a time stamp may be too coarse to tell
 * two changes apart. What is new in a journal is read from where the last look ended. Only when a
 * writer comes or goes is the session opened again.
 */
import { HoldfastError } from '../base/errors.ts';
import { followPollMs, followRereadMs } from '../base/quantities.ts';
import type { Head } from '../format/head.ts';
import { isEntryType } from '../format/control.ts';
import { LiveJournal } from '../journal/live-journal.ts';
import type { FileStat } from '../platform/file-system.ts';
import { journalPaths, sessionPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { entryOf } from '../recovery/read-session.ts';
import { attachedTo, incarnationOf, scanSession } from '../recovery/scan.ts';
import type { Entry } from '../session/event.ts';
import { isPassedOver } from '../session/frame-types.ts';
import type { FollowOptions, Session } from './api.ts';
import { boundOf } from './content.ts';
import { requireKnown } from '../base/known-options.ts';
import { requireSound } from './soundness.ts';

/** A session as it is now: a reader of it, which the caller closes; null when it is gone. */
export type OpenNow = () => Promise<Session | null>;

/** The session that is followed, and what following needs of its store. */
export interface Followed {
  readonly parts: Parts;
  readonly layout: Layout;
  /** Its head when it was opened: another life of the same id is another session. */
  readonly head: Head;
  readonly openNow: OpenNow;
  /** CLOSED once the handle that is followed from was closed. */
  assertOpen(): void;
}

/**
 * Ends when the session is deleted; throws the signal's reason when that aborts, DAMAGED and the
 * like as opening does.
 */
export async function* follow(
  followed: Followed,
  options: FollowOptions,
): AsyncGenerator<Entry, void> {
  requireKnown(options, ['from', 'signal'], 'follow');
  const { signal } = options;
  const follower = new Follower(followed, Math.max(1, boundOf('from', options.from ?? 1)));
  try {
    for (;;) {
      signal?.throwIfAborted();
      followed.assertOpen();
      for await (const entry of follower.look()) {
        yield entry;
        signal?.throwIfAborted();
      }
      if (follower.isGone) return;
      await followed.parts.clock.sleep(followPollMs, signal);
    }
  } finally {
    await follower.close();
  }
}

class Follower {
  readonly #followed: Followed;
  readonly #incarnation: string;
  /** Seq of the next entry to give. */
  #next: number;
  isGone = false;
  #stat: FileStat | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;
  /** The writer whose journal is read along; undefined before the first look. */
  #writer: string | null | undefined = undefined;
  #journal: LiveJournal | null = null;

  constructor(followed: Followed, from: number) {
    this.#followed = followed;
    this.#incarnation = incarnationOf(followed.head);
    this.#next = from;
  }

  /** What is new since the last look. */
  async *look(): AsyncGenerator<Entry, void> {
    yield* this.#readAlong();
    if (!(await this.#isElsewhere())) return;
    yield* this.#openAgain();
    yield* this.#readAlong();
  }

  async close(): Promise<void> {
    const journal = this.#journal;
    this.#journal = null;
    await journal?.close();
  }

  /** What the journal has behind what was given. */
  async *#readAlong(): AsyncGenerator<Entry, void> {
    for (;;) {
      const frames = (await this.#journal?.take()) ?? [];
      if (frames.length === 0) return;
      for (const frame of frames) {
        // Behind a gap another writer had the session meanwhile, and the head tells where it is.
        if (!isEntryType(frame.type) || frame.streamSeq !== this.#next) continue;
        this.#next = frame.streamSeq + 1;
        if (!isPassedOver(frame.type)) yield entryOf(frame);
      }
    }
  }

  /** True when what is read along is not, or may not be, where the session's newest entries are. */
  async #isElsewhere(): Promise<boolean> {
    const { parts, layout, head } = this.#followed;
    const stat = await parts.fileSystem.stat(sessionPaths(layout, head.sessionId).history);
    const nowMs = parts.clock.monotonicMs();
    const isDue = nowMs - this.#readAtMs >= followRereadMs;
    if (stat !== null && this.#stat !== null && isSame(stat, this.#stat) && !isDue) return false;
    this.#stat = stat;
    this.#readAtMs = nowMs;
    const found = await this.#head();
    if (found === null) return false;
    // The second: its writer may have lent the session to another one, and have it again.
    if (attachedTo(found) !== this.#writer || found.vouched.seq >= this.#next) return true;
    if (this.#writer === null) return false;
    return isDue && (this.#journal === null || (await this.#journal.isLeft()));
  }

  /** The head as it is now; null when the session, or this life of it, is gone. */
  async #head(): Promise<Head | null> {
    const { parts, layout, head } = this.#followed;
    const scan = await scanSession(parts, layout, head.sessionId);
    this.isGone = scan.fault === 'gone';
    const found = this.isGone ? null : requireSound(layout, scan);
    if (found !== null && incarnationOf(found) !== this.#incarnation) this.isGone = true;
    return this.isGone ? null : found;
  }

  /**
   * Gives what is durable by now, and takes up the journal of the writer that the session has now.
   * The journal first: whatever it holds in front of the place at which reading along begins is
   * then durable, and the session as it is opened behind it has that.
   */
  async *#openAgain(): AsyncGenerator<Entry, void> {
    const { parts, layout, openNow } = this.#followed;
    const found = await this.#head();
    if (found === null) return;
    await this.close();
    this.#writer = attachedTo(found);
    if (this.#writer !== null) {
      const { directory } = journalPaths(layout, this.#writer);
      const { fileSystem } = parts;
      this.#journal = await LiveJournal.open(fileSystem, directory, this.#incarnation);
    }
    const session = await openNow();
    if (session === null) {
      this.isGone = true;
      return;
    }
    try {
      for await (const entry of session.entries({ from: this.#next })) {
        this.#next = entry.seq + 1;
        yield entry;
      }
      // Sequences that are lost, and accepted as lost, are not waited for.
      this.#next = Math.max(this.#next, session.state.lastSeq + 1);
    } catch (error) {
      // Deleted between its opening and its reading.
      if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
      this.isGone = true;
    } finally {
      await session.close();
    }
  }
}

/** True when nobody has changed the file between the two, as far as its times can tell. */
function isSame(one: FileStat, other: FileStat): boolean {
  const sameFile = one.inode === other.inode && one.device === other.device;
  return sameFile && one.size === other.size && one.modifiedMs === other.modifiedMs;
}
