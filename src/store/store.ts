/** A store: sessions of agents in one directory, written by any number of processes. */
import { HoldfastError, fromSystem } from '../base/errors.ts';
import { toHex } from '../format/bytes.ts';
import { publishWaiting } from '../platform/diagnostics.ts';
import { absolutePath } from '../platform/process-info.ts';
import { layoutOf, sessionPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import { namingMisplaced } from '../recovery/misplaced.ts';
import { nodeParts } from '../recovery/parts.ts';
import type { Parts } from '../recovery/parts.ts';
import { removeTree } from '../recovery/remove-tree.ts';
import type { RecoveryReport } from '../recovery/report.ts';
import { noDirectory, withoutStore } from '../recovery/scan.ts';
import { readStoreFile } from '../recovery/store-files.ts';
import { encodeEvent } from '../session/event-codec.ts';
import type { Metadata } from '../session/event.ts';
import type {
  CreateSessionOptions,
  OpenSessionOptions,
  Session,
  SessionSummary,
  StoreApi,
  StoreOptions,
} from './api.ts';
import { requireKnown, requirePath } from '../base/known-options.ts';
import { failuresAmong } from './at-once.ts';
import { listSessions } from './listing.ts';
import { createSession, openSession, requireSessionId } from './open-session.ts';
import { readingMetrics } from './metrics.ts';
import type { StoreMetrics } from './metrics-api.ts';
import { resolveOptions } from './options.ts';
import type { StoreSettings } from './options.ts';
import { SessionReader } from './session-reader.ts';
import { deleteOpen } from './delete-session.ts';
import type { SessionWriter } from './session-writer.ts';
import { storePoison } from './session-poison.ts';
import { startWriting } from './write-side.ts';
import type { WriteSide } from './write-side.ts';

/** How often others may make a session and delete it again, while it is to be made or opened. */
const createAttemptsMax = 16;

/** An open store. All handles of it end with its `close`. */
export class Store implements StoreApi {
  readonly root: string;
  readonly mode: 'write' | 'read';
  /** What recovery found and did when the store was opened for writing; null for a reader. */
  readonly recovery: RecoveryReport | null;
  readonly #parts: Parts;
  readonly #layout: Layout;
  readonly #write: WriteSide | null;
  readonly #sessions: Set<SessionWriter>;
  readonly #settings: StoreSettings;
  /** `expectAtLeast`, without the sessions that this store has deleted since. */
  readonly #expected: ReadonlyMap<string, number>;
  readonly #readers = new Set<SessionReader>();
  /** What a close has to wait for: it may still open a session. */
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;
  /**
   * Openings that may wait for other processes, which a close would otherwise wait for. One signal
   * for each: Node warns of one that many listen to.
   */
  readonly #waiting = new Set<AbortController>();

  constructor(parts: Parts, layout: Layout, settings: StoreSettings, write: WriteSide | null) {
    this.root = layout.root;
    this.mode = write === null ? 'read' : 'write';
    this.recovery = write?.writer.recovery ?? null;
    this.#parts = parts;
    this.#layout = layout;
    this.#write = write;
    this.#settings = settings;
    this.#expected = write?.context.expected ?? new Map(Object.entries(settings.expectAtLeast));
    this.#sessions = write?.sessions ?? new Set();
  }

  /**
   * Opens a store, and makes it when the directory is new or empty. Dead writers are recovered
   * first. LOCKED, LOCK_UNAVAILABLE, NOT_FOUND (reading), DAMAGED, NEWER_FORMAT, FULL, IO, INVALID.
   */
  static async open(root: string, options: StoreOptions = {}): Promise<Store> {
    return Store.openWith(await nodeParts(), root, options);
  }

  /** The same on given parts, which a test may simulate. */
  static async openWith(parts: Parts, root: string, options: StoreOptions = {}): Promise<Store> {
    const settings = resolveOptions(options);
    settings.signal?.throwIfAborted();
    requirePath(root, 'root', 'open a store');
    try {
      const path = absolutePath(root);
      if (settings.mode === 'read') return await openRead(parts, path, settings);
      const write = await startWriting(parts, path, settings);
      return new Store(parts, write.context.layout, settings, write);
    } catch (error) {
      if (settings.signal?.aborted && error === settings.signal.reason) throw error;
      const named = await namingMisplaced(parts, absolutePath(root), error);
      throw fromSystem(named, 'open the store', root);
    }
  }

  /** A frozen copy of the numbers; once the store is closed, as they were last. */
  metrics(): StoreMetrics {
    const readersOpen = this.#readers.size;
    if (this.#write === null) return readingMetrics(readersOpen);
    const { metrics, writer } = this.#write;
    const sessionsOpen = this.#sessions.size;
    return metrics.snapshot({
      journal: writer.journal,
      recovery: writer.recovery,
      sessionsOpen,
      readersOpen,
    });
  }

  /** EXISTS, INVALID; DAMAGED for one that was expected to be there. Durable when it resolves. */
  async createSession(options: CreateSessionOptions = {}): Promise<Session> {
    const { context } = this.#writing();
    requireKnown(options, ['id', 'metadata'], 'create the session');
    const id = options.id ?? toHex(this.#parts.random.bytes(16));
    requireSessionId(id);
    const { metadata } = options;
    // What is wrong with it must be told before the session is there.
    if (metadata !== undefined) encodeEvent({ kind: 'metadata', metadata });
    return this.#guarded(`create session ${JSON.stringify(id)}`, async () => {
      const session = await createSession(context, id);
      this.#sessions.add(session);
      if (metadata !== undefined) await this.#describe(session, metadata);
      return session;
    });
  }

  async #describe(session: SessionWriter, metadata: Metadata): Promise<void> {
    try {
      await session.record({ kind: 'metadata', metadata });
    } catch (error) {
      // Nobody gets this handle, so nobody else would let go of the session.
      await session.close().catch(() => undefined);
      throw error;
    }
  }

  /** NOT_FOUND, LOCKED, DAMAGED, IN_DOUBT, NEEDS_RECOVERY, NEWER_FORMAT, UNDECODABLE, INVALID. */
  async openSession(id: string, options: OpenSessionOptions = {}): Promise<Session> {
    this.#assertOpen();
    requireSessionId(id);
    requireKnown(options, ['mode', 'create'], 'open the session');
    const mode = requireMode(options.mode ?? this.mode);
    if (mode === 'read') return this.#read(id, options);
    const { context } = this.#writing();
    try {
      return await this.#guarded(`open session ${JSON.stringify(id)}`, async () => {
        const session = await openSession(context, id);
        this.#sessions.add(session);
        return session;
      });
    } catch (error) {
      if (options.create !== true || !HoldfastError.is(error, 'NOT_FOUND')) throw error;
      return this.#createOrOpen(id, options);
    }
  }

  async #read(id: string, options: OpenSessionOptions): Promise<Session> {
    try {
      return await this.#guarded(`read session ${JSON.stringify(id)}`, async () => {
        const reader = await this.#openReader(id);
        this.#readers.add(reader);
        return reader;
      });
    } catch (error) {
      if (options.create !== true || !HoldfastError.is(error, 'NOT_FOUND')) throw error;
      // It was to be made, and reading makes nothing: READ_ONLY for a whole store.
      this.#writing();
      const message = `Cannot create session ${JSON.stringify(id)}: "mode" is "read"; leave one`;
      throw new HoldfastError('INVALID', message, { path: 'create' });
    }
  }

  async #openReader(id: string): Promise<SessionReader> {
    const { lockWaitMs: waitMs } = this.#settings;
    const opening = new AbortController();
    this.#waiting.add(opening);
    try {
      return await SessionReader.open(this.#parts, this.#layout, id, {
        expected: { seq: this.#expected.get(id) ?? 0, waitMs, signal: opening.signal },
        closed: (one) => this.#readers.delete(one),
      });
    } finally {
      this.#waiting.delete(opening);
    }
  }

  async #createOrOpen(id: string, options: OpenSessionOptions): Promise<Session> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.createSession({ id });
      } catch (error) {
        // Somebody else was faster.
        if (!HoldfastError.is(error, 'EXISTS') || attempt === createAttemptsMax) throw error;
      }
      try {
        return await this.openSession(id, { ...options, create: false });
      } catch (error) {
        // And deleted it again.
        if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
      }
    }
  }

  /** What is known of every session without opening it, by id. */
  sessions(options: { readonly signal?: AbortSignal } = {}): AsyncIterable<SessionSummary> {
    this.#assertOpen();
    requireKnown(options, ['signal'], 'list the sessions');
    const { signal } = options;
    return listSessions(this.#parts, this.#layout, { signal, titleOf: (id) => this.#titleOf(id) });
  }

  /** That of a session which this store has open: the newest, settled or not. */
  #titleOf(id: string): string | null {
    for (const session of this.#sessions) if (session.id === id) return session.title;
    return null;
  }

  /**
   * Removes a session for ever: no crash brings it back. LOCKED while anybody, also this store, has
   * it open for writing.
   */
  async deleteSession(id: string): Promise<void> {
    const { context, settler } = this.#writing();
    requireSessionId(id);
    await this.#guarded(`delete session ${JSON.stringify(id)}`, async () => {
      const session = await openSession(context, id);
      const grave = await deleteOpen(context, session, settler);
      context.expected.delete(id);
      // It is gone for good; what is left of it is garbage, which the next start removes.
      await removeTree(this.#parts.fileSystem, grave).catch(() => undefined);
    });
  }

  /** Moves everything durable from the journal to the histories now. */
  async settle(): Promise<void> {
    const { settler } = this.#writing();
    await this.#guarded('settle', () => settler.settleAll());
  }

  /**
   * Closes every session, then the journal. Idempotent; waits. When something cannot be closed, the
   * rest is, and the first error is thrown: the next open then recovers what is left.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const errors: unknown[] = [];
    for (const opening of this.#waiting) opening.abort(closedError());
    await Promise.allSettled(this.#running);
    const readers = await Promise.allSettled([...this.#readers].map((reader) => reader.close()));
    if (this.#write !== null)
      await this.#closeWriter(this.#write).catch((error: unknown) => errors.push(error));
    // A reader that does not close leaves a file open; what was written is none of its business.
    errors.push(...reasonsOf(readers));
    // A program may end behind this: what it listens for must not wait for a turn that never comes.
    publishWaiting();
    if (errors.length > 0) throw fromSystem(errors[0], 'close the store', this.root);
  }

  async #closeWriter(write: WriteSide): Promise<void> {
    const errors = [...(await failuresAmong(this.#sessions, (session) => session.close()))];
    try {
      // Only now: an append that waits for room needs it.
      await write.settler.stop();
      const isClean = errors.length === 0 && !write.settler.hasKept;
      await (isClean ? write.writer.stop() : write.writer.leaveBehind());
    } catch (error) {
      errors.push(error);
    }
    // Their entries are in the journal, which nobody owns now: whoever recovers it needs the locks.
    const left = await Promise.allSettled([...this.#sessions].map((session) => session.abandon()));
    errors.push(...reasonsOf(left));
    write.unregister();
    if (errors.length > 0) throw errors[0];
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw closedError();
  }

  #writing(): WriteSide {
    this.#assertOpen();
    const write = this.#write;
    if (write !== null) {
      const { poison } = write.writer.journal;
      if (poison !== null) throw this.#parts.ended?.() ?? storePoison(poison);
      return write;
    }
    const message = 'Cannot change the store: it is open for reading; open it with mode "write"';
    throw new HoldfastError('READ_ONLY', message, { what: 'store' });
  }

  async #guarded<T>(action: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw fromSystem(await namingMisplaced(this.#parts, this.root, error), action, this.root);
    } finally {
      this.#running.delete(running);
    }
  }
}

function closedError(): HoldfastError<'CLOSED'> {
  const message = 'Cannot use the store: it is closed; open it again';
  return new HoldfastError('CLOSED', message, { what: 'store' });
}

async function openRead(parts: Parts, root: string, settings: StoreSettings): Promise<Store> {
  const { fileSystem } = parts;
  if ((await fileSystem.stat(root)) === null) throw noDirectory(root);
  const layout = layoutOf(await fileSystem.realPath(root));
  const store = await readStoreFile(fileSystem, layout);
  if (store === null) throw await withoutStore(parts, layout);
  await requireDirectory(parts, layout.sessions);
  return new Store(parts, layout, settings, null);
}

/** Otherwise every session would seem not to be there. What is not there yet has none. */
async function requireDirectory({ fileSystem }: Parts, path: string): Promise<void> {
  const stat = await fileSystem.stat(path);
  // Fails as the machine does for what is none, and leads to none.
  if (stat !== null && stat.kind !== 'directory') await fileSystem.list(path);
}

function requireMode(mode: unknown): 'read' | 'write' {
  if (mode === 'read' || mode === 'write') return mode;
  const message = 'Cannot open the session: "mode" must be "read" or "write"';
  throw new HoldfastError('INVALID', message, { path: 'mode' });
}

function reasonsOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
}

/** Where a session's files stand, for tools. */
export function sessionDirectory(root: string, id: string): string {
  return sessionPaths(layoutOf(root), id).directory;
}
