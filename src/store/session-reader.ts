/**
 * A session that is open for reading: what its writer had noted as durable when it was opened,
 * without a lock and without changing a byte. The note comes with the writer's next write, or after
 * some quiet milliseconds. Journals are read before the history: what is settled meanwhile is then
 * in both, and never in neither.
 */
import { framesWhere } from '../journal/frame-table.ts';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { Head } from '../format/head.ts';
import { sessionPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { openReading } from '../recovery/open-reading.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import { attachedTo, incarnationOf, scanSession } from '../recovery/scan.ts';
import type { Entry } from '../session/event.ts';
import { snapshotState } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import type { SessionState } from '../session/state.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type {
  FollowOptions,
  MessageReadOptions,
  ReadMessage,
  ReadOptions,
  RecoveryNotice,
  Session,
} from './api.ts';
import { readEntries } from './content.ts';
import type { ContentView, TailPlace } from './content.ts';
import { foldAt } from './fold-at.ts';
import { follow } from './follow.ts';
import type { Followed } from './follow.ts';
import { foldLive, readTailOf } from './journal-tail.ts';
import type { JournalTail } from './journal-tail.ts';
import type { RewindOptions, RewindResult } from './restore-api.ts';
import type { RestoreHost } from './restore-host.ts';
import { rewind } from './rewind.ts';
import { messagesOf, noticesOf } from './session-view.ts';
import { Snapshots } from './snapshots.ts';
import { requireExpected, requireSound, requireWhole } from './soundness.ts';

/** How often a look is repeated when the writer moved on in the middle of it. */
const looksMax = 20;

/** How often a writer at work is looked at for the entries that are expected of it. */
const lookMs = 20;

/** What whoever opens a session for reading knows of it. */
export interface Expected {
  /** It must hold at least this entry; 0 for any. */
  readonly seq: number;
  /** How long a writer at work is waited for, which notes what is durable a little later. */
  readonly waitMs: number;
  /** Ends the wait, with its reason. */
  readonly signal?: AbortSignal;
}

const anything: Expected = { seq: 0, waitMs: 0 };

/** A session that does not change under its reader. */
export class SessionReader implements Session {
  readonly id: string;
  readonly recoveries: readonly RecoveryNotice[];
  readonly mode = 'read';
  readonly snapshots: Snapshots;
  readonly checkpointer = null;
  readonly #content: ContentView;
  readonly #fold: Fold;
  readonly #fileSystem: FileSystem;
  readonly #follow: (options: FollowOptions) => AsyncIterable<Entry>;
  #closed = false;
  #onClose: (reader: SessionReader) => void = () => undefined;

  constructor(parts: Parts, layout: Layout, reading: SessionReading, view: ContentView) {
    this.id = view.head.sessionId;
    this.recoveries = noticesOf(reading.notes);
    this.#fold = reading.fold;
    this.#fileSystem = parts.fileSystem;
    this.#content = view;
    this.snapshots = new Snapshots(this.#restoreHost, reading.walk.damagedSnapshots);
    const assertOpen = (): void => this.#assertReadable();
    const { head } = view;
    this.#follow = (options) => SessionReader.follow({ parts, layout, head, assertOpen }, options);
  }

  /** Follows this life of a session, by opening it for reading as often as that is needed. */
  static follow(place: Omit<Followed, 'openNow'>, options: FollowOptions): AsyncIterable<Entry> {
    const { parts, layout, head } = place;
    const openNow = async (): Promise<SessionReader | null> => {
      try {
        const reader = await SessionReader.open(parts, layout, head.sessionId, {});
        if (incarnationOf(reader.#content.head) === incarnationOf(head)) return reader;
        await reader.close();
      } catch (error) {
        if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
      }
      return null;
    };
    return follow({ ...place, openNow }, options);
  }

  /** NOT_FOUND, DAMAGED, IN_DOUBT, LOCKED, NEWER_FORMAT, NEEDS_RECOVERY, IO. */
  static async open(
    parts: Parts,
    layout: Layout,
    id: string,
    own: { readonly expected?: Expected; readonly closed?: (reader: SessionReader) => void },
  ): Promise<SessionReader> {
    const { expected = anything, closed } = own;
    const endMs = parts.clock.monotonicMs() + expected.waitMs;
    for (let look = 0; look < looksMax; ) {
      try {
        const reader = await tryOpen(parts, layout, id, expected.seq);
        if (reader !== null) {
          if (closed !== undefined) reader.#onClose = closed;
          return reader;
        }
        look += 1;
        await parts.clock.sleep(1);
      } catch (error) {
        const isOver = parts.clock.monotonicMs() >= endMs;
        if (!HoldfastError.is(error, 'LOCKED') || isOver) throw error;
        await parts.clock.sleep(lookMs, expected.signal);
      }
    }
    throw new HoldfastError(
      'NEEDS_RECOVERY',
      `Cannot read session ${JSON.stringify(id)}: its journal changes faster than it can be ` +
        'read, or is on its way out; try again',
      { writer: '' },
    );
  }

  get durableUpTo(): number {
    return this.#fold.lastSeq;
  }

  get state(): SessionState {
    return snapshotState(this.#fold, this.durableUpTo, this.#content.head.createdMs);
  }

  entries(options: ReadOptions = {}): AsyncIterable<Entry> {
    this.#assertReadable();
    return readEntries(this.#fileSystem, () => this.#content, options);
  }

  follow(options: FollowOptions = {}): AsyncIterable<Entry> {
    this.#assertReadable();
    return this.#follow(options);
  }

  messages(options: MessageReadOptions = {}): AsyncIterable<ReadMessage> {
    this.#assertReadable();
    return messagesOf((range) => this.entries(range), options, this.#fold.cuts);
  }

  /** Only a dry run; READ_ONLY otherwise. */
  rewind(options: RewindOptions): Promise<RewindResult> {
    return rewind(this.#restoreHost, options);
  }

  get #restoreHost(): RestoreHost {
    return {
      id: this.id,
      createdMs: this.#content.head.createdMs,
      fold: () => this.#fold,
      durableUpTo: () => this.durableUpTo,
      entries: (range) => this.entries(range),
      foldAt: (seq) =>
        foldAt(
          this.#fileSystem,
          () => this.#content,
          (range) => this.entries(range),
          seq,
        ),
      submit: () => Promise.reject(readOnly(this.id)),
    };
  }

  append(): Promise<never> {
    return Promise.reject(readOnly(this.id));
  }
  appendAll(): Promise<never> {
    return Promise.reject(readOnly(this.id));
  }
  record(): Promise<never> {
    return Promise.reject(readOnly(this.id));
  }
  intend(): Promise<never> {
    return Promise.reject(readOnly(this.id));
  }
  complete(): Promise<never> {
    return Promise.reject(readOnly(this.id));
  }
  flush(): Promise<never> {
    return Promise.reject(readOnly(this.id));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this);
    await this.#content.source?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assertReadable(): void {
    if (!this.#closed) return;
    const what = `session ${JSON.stringify(this.id)}`;
    throw new HoldfastError('CLOSED', `Cannot read ${what}: it is closed; open it again`, { what });
  }
}

/**
 * Null when somebody settled, closed or recovered in the middle: look again. A session that is
 * deleted, and perhaps made again, under this look seems damaged, because its path has nothing or
 * another file by then. So whatever goes wrong counts only when the head is still the same.
 */
async function tryOpen(
  parts: Parts,
  layout: Layout,
  id: string,
  expected: number,
): Promise<SessionReader | null> {
  const first = requireSound(layout, await scanSession(parts, layout, id));
  try {
    return await openAs(parts, layout, first, expected);
  } catch (error) {
    const now = requireSound(layout, await scanSession(parts, layout, id));
    if (!isSameFile(now, first)) return null;
    throw fromSystem(error, `read session ${JSON.stringify(id)}`, null);
  }
}

/** The session as this head has it; null when it has another one by the end of the look. */
async function openAs(
  parts: Parts,
  layout: Layout,
  first: Head,
  expected: number,
): Promise<SessionReader | null> {
  const { sessionId: id } = first;
  const tail = await readTailOf(parts, layout, id, first);
  if (tail === null) return null;
  let reader: SessionReader | null = null;
  try {
    const head = requireSound(layout, await scanSession(parts, layout, id));
    if (isSameFile(head, first)) reader = await readBehind(parts, layout, head, { tail, expected });
    return reader;
  } finally {
    if (reader === null) await tail.source?.close();
  }
}

/** True for two heads of one file and one owner: what one says of places holds for the other. */
function isSameFile(one: Head, other: Head): boolean {
  const sameLife = incarnationOf(one) === incarnationOf(other) && one.salt === other.salt;
  return sameLife && attachedTo(one) === attachedTo(other);
}

/** The history first, then what the journal has behind it without a gap. */
async function readBehind(
  parts: Parts,
  layout: Layout,
  head: Head,
  { tail, expected }: { readonly tail: JournalTail; readonly expected: number },
): Promise<SessionReader | null> {
  const { path, source } = { path: sessionPaths(layout, head.sessionId).history, ...tail };
  const frames = framesWhere(tail.frames, (frame) => frame.streamSeq > head.vouched.seq);
  const next = frames.at(0)?.streamSeq ?? head.vouched.seq + 1;
  if (next !== head.vouched.seq + 1) return null;
  const crashed = source !== null && tail.crashed ? { frames, source } : null;
  const reading = await openReading(parts.fileSystem, path, head, crashed);
  requireWhole(layout, head.sessionId, reading);
  if (source !== null && !tail.crashed) await foldLive(reading, frames, source);
  const places: TailPlace[] = Array.from(frames, (frame) => {
    const { segment, offset, payloadBytes, streamSeq } = frame;
    return { segment, offset, payloadBytes, seq: streamSeq };
  });
  const { fold, index } = reading;
  const { lastSeq } = fold;
  requireReached(head, reading, tail, expected);
  const view = { path, head, index, tail: places, source, lastSeq };
  return new SessionReader(parts, layout, reading, view);
}

/**
 * DAMAGED or IN_DOUBT, as opening for writing answers, for a session that is shorter than the
 * caller knows. LOCKED while its writer is at work: that one has what nobody else can see yet.
 */
function requireReached(
  head: Head,
  { fold, notes }: SessionReading,
  tail: JournalTail,
  expected: number,
): void {
  const { sessionId: id, vouched } = head;
  const lastSeq = Math.max(fold.lastSeq, vouched.seq);
  if (tail.atWork === null || lastSeq >= expected) {
    const inDoubt = tail.crashed ? tail.inDoubt : (notes.at(-1)?.note.inDoubt ?? null);
    requireExpected(id, { lastSeq, inDoubt }, expected);
    return;
  }
  const { path, owner } = tail.atWork;
  const pid = owner?.pid ?? null;
  throw new HoldfastError(
    'LOCKED',
    `Cannot read session ${JSON.stringify(id)} with at least ${expected} entries: ` +
      `${pid === null ? 'its writer' : `process ${pid}`} has noted entry ${lastSeq} as durable ` +
      'so far, and may hold more; try again, or open without the expectation',
    { path, owner },
  );
}

function readOnly(id: string): HoldfastError<'READ_ONLY'> {
  const what = `session ${JSON.stringify(id)}`;
  const message = `Cannot change ${what}: it is open for reading; open it with mode "write"`;
  return new HoldfastError('READ_ONLY', message, { what });
}
