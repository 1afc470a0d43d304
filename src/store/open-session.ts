/**
 * Opening and creating sessions for writing: the part of the protocol between writers that decides
 * who owns a session. A free lock proves nothing: a dying process drops its locks one by one, in
 * any order. The head decides: a session that is attached to a writer that still counts is complete
 * only after that writer was recovered.
 */
import { HoldfastError } from '../base/errors.ts';
import { shown } from '../base/shown.ts';
import { toHex, viewOf } from '../format/bytes.ts';
import { newHead } from '../format/head.ts';
import type { Head } from '../format/head.ts';
import { HistoryFile } from '../history/history-file.ts';
import type { Lock } from '../platform/locks.ts';
import { isGone, lockedError, takeLock, withGate } from '../recovery/gate.ts';
import { journalPaths, sessionIdFault, sessionPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import { emptyReading, openReading } from '../recovery/open-reading.ts';
import { recoverDead } from '../recovery/recover.ts';
import { createDirectories } from '../platform/create-directories.ts';
import { removeTree } from '../recovery/remove-tree.ts';
import { attachedTo, requireNoStray, scanSession } from '../recovery/scan.ts';
import { readWriters } from '../recovery/store-files.ts';
import type { StoreSettings } from './options.ts';
import { SessionWriter } from './session-writer.ts';
import type { SessionHost } from './session-host.ts';
import { requireExpected, requireSound, requireWhole, sessionNotFound } from './soundness.ts';
import { waitOf } from './writer.ts';

/** What opening works with. */
export interface OpenContext {
  readonly host: SessionHost;
  readonly layout: Layout;
  readonly settings: StoreSettings;
  /** `expectAtLeast`, without the sessions that this store has deleted since. */
  readonly expected: Map<string, number>;
}

/** INVALID for an id that is none. */
export function requireSessionId(id: unknown): asserts id is string {
  const fault = sessionIdFault(id);
  if (fault === null) return;
  const message = `Cannot use ${shown(id)} as a session id: ${fault}`;
  throw new HoldfastError('INVALID', message, { path: 'id' });
}

/**
 * Makes a session that is not there: complete and durable, lock and all, before it has its name.
 */
export async function createSession(context: OpenContext, id: string): Promise<SessionWriter> {
  const { host, layout } = context;
  const { parts, writer } = host;
  const { fileSystem, clock, random } = parts;
  const paths = sessionPaths(layout, id);
  if ((await fileSystem.stat(paths.directory)) !== null) {
    requireNoStray(await scanSession(parts, layout, id));
    throw sessionExists(id);
  }
  // It was there, and an empty one in its place would hide that it is gone.
  requireExpected(id, { lastSeq: 0, inDoubt: null }, context.expected.get(id) ?? 0);
  const { aside, lock } = await makeAside(context);
  try {
    const head = newHead({
      salt: viewOf(random.bytes(8)).getBigUint64(0, true),
      incarnation: random.bytes(16),
      attached: writer.idBytes,
      sessionId: id,
      createdMs: clock.nowMs(),
    });
    const made = await HistoryFile.create(parts, `${aside}/history`, head);
    await made.close();
    try {
      await fileSystem.rename(aside, paths.directory);
    } catch (error) {
      // Somebody else was first: a directory that is not empty cannot be replaced.
      if ((await fileSystem.stat(paths.directory)) !== null) throw sessionExists(id);
      throw error;
    }
    lock.moved(paths.lock);
    const history = await unlessFailed(context, id, toHex(head.incarnation), async () => {
      await host.syncNames();
      return HistoryFile.open(parts, paths.history, head, 'write');
    });
    const reading = emptyReading();
    return new SessionWriter(host, { id, lock, history, reading, attached: true });
  } catch (error) {
    // What is left of it is garbage in any case, which the next start removes.
    await removeTree(fileSystem, aside).catch(() => undefined);
    lock.release();
    throw error;
  }
}

/**
 * Makes the name durable and opens what it names, or takes it away again: whoever is told that this
 * failed made no session, and nobody who finds it later may believe a sync that then succeeds. It
 * goes to the trash, which is emptied with care: were the content removed before the name is
 * durably gone, power loss could bring a session back that has lost its history.
 */
async function unlessFailed<T>(
  { host, layout }: OpenContext,
  id: string,
  incarnation: string,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { fileSystem } = host.parts;
    const { directory } = sessionPaths(layout, id);
    // What cannot be taken away stays, a session without entries; the caller hears of the failure.
    await createDirectories(fileSystem, layout.trash)
      .then(() => fileSystem.rename(directory, `${layout.trash}/${id}.${incarnation}`))
      .catch(() => fileSystem.rename(directory, `${layout.sessions}/.new-${incarnation}`))
      .catch(() => undefined);
    throw error;
  }
}

/** How often another process may clear a directory away between its making and its locking. */
const asideAttemptsMax = 16;

/** A directory beside the sessions, and the lock in it. */
async function makeAside(
  context: OpenContext,
): Promise<{ readonly aside: string; readonly lock: Lock }> {
  const { parts } = context.host;
  for (let attempt = 1; ; attempt += 1) {
    const aside = `${context.layout.sessions}/.new-${toHex(parts.random.bytes(16))}`;
    await parts.fileSystem.createDirectory(aside);
    try {
      const wait = waitOf(context.settings);
      return { aside, lock: await takeLock(parts, `${aside}/LOCK`, 'the new session', wait) };
    } catch (error) {
      // Another process took it for what a killed one had left behind.
      if (!isGone(error) || attempt === asideAttemptsMax) throw error;
    }
  }
}

/**
 * Opens a session that is there. LOCKED, NOT_FOUND, INVALID, DAMAGED, NEWER_FORMAT, UNDECODABLE,
 * FULL, IO.
 */
export async function openSession(context: OpenContext, id: string): Promise<SessionWriter> {
  const { host, layout, settings } = context;
  const { parts } = host;
  const endMs = parts.clock.monotonicMs() + settings.lockWaitMs;
  const paths = sessionPaths(layout, id);
  for (let gone = 0; ; ) {
    const stat = await parts.fileSystem.stat(paths.directory);
    if (stat === null) throw sessionNotFound(id);
    // Nothing is locked through a link, or in what is no directory; the scan says what it is.
    if (stat.kind !== 'directory') requireSound(layout, await scanSession(parts, layout, id));
    const lock = await lockSession(context, id, endMs);
    if (lock === null) {
      gone += 1;
      if (gone === goneMax) throw keepsGoing(id, paths.lock);
      continue;
    }
    let kept = false;
    try {
      const scan = await scanSession(parts, layout, id);
      const head = requireSound(layout, scan);
      const writer = attachedTo(head);
      if (host.hasOpen(id)) throw openHere(host, id, lock.path);
      const foreign = writer !== null && writer !== host.writer.id;
      const counts = foreign && (await readWriters(parts.fileSystem, layout)).includes(writer);
      if (!counts) {
        // That its writer left the file may not be durable yet, and is relied on from here on.
        if (foreign) await parts.fileSystem.syncDirectory(layout.root);
        const session = await openLocked(context, id, { lock, head });
        kept = true;
        return session;
      }
      lock.release();
      await awaitRecovery(context, id, { writer, endMs });
    } finally {
      if (!kept) lock.release();
    }
  }
}

/** How often a session may be deleted, and made again, between a look at it and its locking. */
const goneMax = 64;

function keepsGoing(id: string, path: string): HoldfastError<'LOCKED'> {
  const message =
    `Cannot lock session ${JSON.stringify(id)}: its directory went away ${goneMax} times while ` +
    'it was being locked; find out what removes it';
  return new HoldfastError('LOCKED', message, { path, owner: null });
}

/** How often it is looked at whether a handle of this store has the session. */
const lookMs = 50;

/** Null when the session was deleted since it was seen. */
async function lockSession(context: OpenContext, id: string, endMs: number): Promise<Lock | null> {
  const { layout, host } = context;
  const { parts } = host;
  const { lock: path } = sessionPaths(layout, id);
  const what = `session ${JSON.stringify(id)}`;
  for (;;) {
    // Looked at again and again: two who open it at the same time both find it free.
    if (host.holds(id)) throw openHere(host, id, path);
    const restMs = Math.max(0, endMs - parts.clock.monotonicMs());
    try {
      return await takeLock(parts, path, what, { lockWaitMs: Math.min(restMs, lookMs) });
    } catch (error) {
      if (isGone(error)) return null;
      if (!HoldfastError.is(error, 'LOCKED') || restMs <= lookMs) throw error;
    }
  }
}

/** The session's newest entries are in a foreign journal: recover it when its writer is dead. */
async function awaitRecovery(
  context: OpenContext,
  id: string,
  other: { readonly writer: string; readonly endMs: number },
): Promise<void> {
  const { host, layout, settings } = context;
  const { parts } = host;
  const { lock } = journalPaths(layout, other.writer);
  const state = await withGate(parts, layout, waitOf(settings), async () => {
    const listed = async (): Promise<boolean> =>
      (await readWriters(parts.fileSystem, layout)).includes(other.writer);
    if (!(await listed())) return 'gone';
    if (parts.locks.probe(lock) === 'held') return 'alive';
    const { lockWaitMs, expectAtLeast } = settings;
    await recoverDead(parts, layout, { lockWaitMs, expectAtLeast });
    return (await listed()) ? 'stuck' : 'gone';
  });
  if (state === 'gone') return;
  if (state === 'stuck') {
    throw new HoldfastError(
      'NEEDS_RECOVERY',
      `Cannot open session ${JSON.stringify(id)}: the journal of writer ${other.writer} holds ` +
        'its newest entries and cannot be recovered; run `recover scan`',
      { writer: other.writer },
    );
  }
  // Its owner is dying, closing, or being recovered: its locks fall one by one.
  if (parts.clock.monotonicMs() >= other.endMs) {
    throw lockedError(`session ${JSON.stringify(id)}`, lock, parts.locks.owner(lock));
  }
  await parts.clock.sleep(5);
}

async function openLocked(
  context: OpenContext,
  id: string,
  found: { readonly lock: Lock; readonly head: Head },
): Promise<SessionWriter> {
  const { host, layout, expected } = context;
  const { lock, head } = found;
  const { history: path } = sessionPaths(layout, id);
  const { fileSystem } = host.parts;
  const reading = await openReading(fileSystem, path, head, null);
  requireWhole(layout, id, reading);
  const inDoubt = reading.notes.at(-1)?.note.inDoubt ?? null;
  const known = { lastSeq: head.vouched.seq, inDoubt };
  requireExpected(id, known, expected.get(id) ?? 0);
  const history = await HistoryFile.open(host.parts, path, head, 'write');
  return new SessionWriter(host, { id, lock, history, reading, attached: false });
}

/** A second handle in this store: its own lock does not see it when LOCK was removed by hand. */
function openHere(host: SessionHost, id: string, path: string): HoldfastError {
  const owner = { ...host.owner, since: null };
  return lockedError(`session ${JSON.stringify(id)}`, path, owner);
}

/** EXISTS for this id. */
export function sessionExists(id: string): HoldfastError<'EXISTS'> {
  const message = `Cannot create session ${JSON.stringify(id)}: it exists; open it, or choose another id`;
  return new HoldfastError('EXISTS', message, { id });
}
