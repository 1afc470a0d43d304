/**
 * Opens a bare log: see, judge, act. Nothing of an old file is changed; what is cut goes to
 * quarantine first, what is not proven to be durable is written again, and only then a writer
 * starts in a new segment. A crash anywhere in between leaves a log that opens to the same entries.
 */
import { errnoOf, fromSystem, HoldfastError } from '../base/errors.ts';
import { initChecksum } from '../format/checksum.ts';
import type { JournalPort, JournalThread } from '../journal/journal-port.ts';
import { hireJournalThread, localPort } from '../journal/journal-ports.ts';
import type { JournalSettings, JournalStart } from '../journal/journal-protocol.ts';
import { Journal } from '../journal/journal.ts';
import { createDirectories } from '../platform/create-directories.ts';
import type { Lock } from '../platform/locks.ts';
import { takeLock } from '../recovery/gate.ts';
import { layoutOf } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { keepTornTail } from '../recovery/quarantine.ts';
import { readHead, writeHead } from './head-file.ts';
import type { LogHead } from './head-file.ts';
import { requireLogDirectory, requireOwnSegments, requireSafePlace } from './log-directory.ts';
import { damagedError, judgeLog } from './log-facts.ts';
import type { LogFacts } from './log-facts.ts';
import { LogWriter } from './log-writer.ts';
import { readLog } from './read-log.ts';
import { relog } from './relog.ts';
import { Wal } from './wal-log.ts';
import { walSettings } from './wal-options.ts';
import type { WalDamage, WalOptions, WalRecovery, WalSettings } from './wal-options.ts';

/** Reading beside a living writer: so often, and so far apart, before a finding is believed. */
const lookAttempts = 20;
const lookPauseMs = 10;

/**
 * Opens the log in a directory, which is made when it is not there and the log is opened for
 * writing. LOCKED, LOCK_UNAVAILABLE, DAMAGED, NEWER_FORMAT, NOT_FOUND, INVALID, FULL, IO. `parts`
 * stand for the machine; a thread for the journal is only to be had with the real one.
 */
export async function openWal(
  parts: Parts,
  directory: string,
  options: WalOptions = {},
): Promise<Wal> {
  const settings = walSettings(options);
  await initChecksum();
  options.signal?.throwIfAborted();
  try {
    return settings.mode === 'read'
      ? await openForReading(parts, directory, settings)
      : await openForWriting(parts, directory, settings, options.signal);
  } catch (error) {
    throw fromSystem(error, 'open the log', directory);
  }
}

async function openForWriting(
  parts: Parts,
  directory: string,
  settings: WalSettings,
  signal: AbortSignal | undefined,
): Promise<Wal> {
  await requireLogDirectory(parts.fileSystem, directory);
  await requireSafePlace(parts.fileSystem, directory, settings.allowFileSystems);
  await createDirectories(parts.fileSystem, directory);
  const root = await parts.fileSystem.realPath(directory);
  const wait = { lockWaitMs: settings.lockWaitMs, ...(signal !== undefined && { signal }) };
  const what = `the log ${JSON.stringify(root)}`;
  const lock = await takeLock(parts, `${root}/LOCK`, what, wait);
  let thread: JournalThread | null = null;
  try {
    // It loads its modules while this thread reads what is there.
    thread = settings.io === 'worker' ? hireJournalThread() : null;
    return await start(parts, root, settings, { lock, thread });
  } catch (error) {
    await thread?.dismiss();
    lock.release();
    throw error;
  }
}

/** Recovers and starts a writer. The lock is held. */
async function start(
  parts: Parts,
  root: string,
  settings: WalSettings,
  own: { readonly lock: Lock; readonly thread: JournalThread | null },
): Promise<Wal> {
  const { lock, thread } = own;
  const { fileSystem } = parts;
  const head = await readHead(parts.fileSystem, root);
  const facts = await look(parts, root, settings, head);
  if (facts.damage !== null) throw damagedError(facts.damage, 'open the log');
  const id = facts.id ?? parts.random.bytes(16);
  await removeHalfMade(parts, root);
  await setTailsAside(parts, root, facts);
  const origin = await prepare(parts, root, facts, id);
  const port = await beginJournal(parts, settings, { root, id, origin, thread });
  const journal = new Journal(port);
  const { segmentNumber: segment } = origin;
  try {
    await writeHead(fileSystem, root, { id, segment, lastSeq: facts.lastSeq });
    await removeUnused(parts, root, facts);
  } catch (error) {
    await port.end();
    throw error;
  }
  const { spans, lastSeq, chain } = facts;
  const first = facts.unmarked[0]?.streamSeq;
  if (first !== undefined) spans.note(origin.previousSegment, first, lastSeq);
  const { clock, ended } = parts;
  const writer = new LogWriter({ journal, clock, lock, spans, id, lastSeq, chain, ended });
  const recovery = recoveryOf(facts);
  return new Wal({ fileSystem, directory: root, recovery, spans, lastSeq, writer });
}

/** Takes no lock and shows what is proven to be durable, up to the first loss. */
async function openForReading(
  parts: Parts,
  directory: string,
  settings: WalSettings,
): Promise<Wal> {
  const { fileSystem } = parts;
  if ((await fileSystem.stat(directory)) === null) throw notFound(directory);
  await requireLogDirectory(fileSystem, directory);
  const root = await fileSystem.realPath(directory);
  const facts = await lookBeside(parts, root, settings);
  if (facts.journal.segments.length === 0 && facts.id === null) throw notFound(directory);
  const { spans, durableSeq, lastSeq } = facts;
  const recovery = recoveryOf(facts);
  const unproven = lastSeq > durableSeq ? { from: durableSeq + 1, to: lastSeq } : null;
  return new Wal({
    fileSystem,
    directory: root,
    recovery: { ...recovery, kept: null, inDoubt: unproven ?? recovery.inDoubt },
    spans,
    lastSeq: durableSeq,
    writer: null,
  });
}

/** The head was read before: what it names was there before the segments are listed. */
async function look(
  parts: Parts,
  root: string,
  settings: WalSettings,
  head: LogHead | null,
): Promise<LogFacts> {
  const log = await readLog(parts.fileSystem, root);
  requireOwnSegments(root, log.facts.segments);
  return judgeLog(log, head, settings.expectAtLeast);
}

/** A damaged head is one more damage: what it would tell of the segments is not known then. */
async function lookReading(parts: Parts, root: string, settings: WalSettings): Promise<LogFacts> {
  let head: LogHead | null = null;
  let headDamage: WalDamage | null = null;
  try {
    head = await readHead(parts.fileSystem, root);
  } catch (error) {
    if (!HoldfastError.is(error, 'DAMAGED')) throw error;
    const { file } = error.details;
    headDamage = { reason: 'the file that tells its end is damaged', file, offset: 0, lost: [] };
  }
  const facts = await look(parts, root, settings, head);
  if (headDamage === null || facts.damage !== null) return facts;
  return { ...facts, verdict: 'damaged', damage: headDamage };
}

/**
 * Beside a living writer, segments come and go between two looks, and its last batch is half there.
 * What then seems to be damage is looked at again.
 */
async function lookBeside(parts: Parts, root: string, settings: WalSettings): Promise<LogFacts> {
  for (let attempt = 1; ; attempt += 1) {
    const isLast = (): boolean => {
      const isAlone = ['free', 'missing'].includes(parts.locks.probe(`${root}/LOCK`));
      return isAlone || attempt === lookAttempts;
    };
    try {
      const facts = await lookReading(parts, root, settings);
      if (facts.damage === null || isLast()) return facts;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || isLast()) throw error;
    }
    await parts.clock.sleep(lookPauseMs);
  }
}

/** Makes what was found durable, and tells how the journal goes on. */
async function prepare(
  parts: Parts,
  root: string,
  facts: LogFacts,
  id: Uint8Array,
): Promise<JournalStart> {
  const { journal } = facts;
  const told = journal.segments.map((segment) => segment.content?.firstSegment ?? 0);
  const firstSegment = Math.max(1, ...told);
  const segmentNumber = Math.max(0, ...journal.segments.map((segment) => segment.number)) + 1;
  if (facts.unmarked.length > 0) {
    return relog(parts, facts, { directory: root, id, segmentNumber, firstSegment });
  }
  return {
    segmentNumber,
    previousSegment: journal.end.segment,
    previousEnd: journal.end.offset,
    checksum: journal.checksum,
    lastSeq: journal.lastSeq,
    firstSegment,
  };
}

async function beginJournal(
  parts: Parts,
  settings: WalSettings,
  own: {
    readonly root: string;
    readonly id: Uint8Array;
    readonly origin: JournalStart;
    readonly thread: JournalThread | null;
  },
): Promise<JournalPort> {
  const path = `${own.root}/LOCK`;
  const stat = await parts.fileSystem.stat(path);
  const journal: JournalSettings = {
    directory: own.root,
    writer: own.id,
    store: own.id,
    syncDelayMsMax: settings.syncDelayMsMax,
    syncEntriesMax: settings.syncEntriesMax,
    segmentBytes: settings.segmentBytes,
    // A lock file that is gone by now never has the inode that the guard asks for.
    guard: { path, device: stat?.device ?? 0n, inode: stat?.inode ?? 0n },
  };
  return own.thread === null
    ? localPort(parts, journal, own.origin)
    : own.thread.begin(journal, own.origin);
}

/** What a crash left half made has no name that counts. */
async function removeHalfMade(parts: Parts, root: string): Promise<void> {
  for (const name of await parts.fileSystem.list(root)) {
    if (name.startsWith('.new-')) await parts.fileSystem.remove(`${root}/${name}`);
  }
}

async function setTailsAside(parts: Parts, root: string, facts: LogFacts): Promise<void> {
  const problem = facts.journal.firstProblem;
  if (problem === null) return;
  for (const { number, path, content } of facts.journal.segments) {
    const tail = content?.tail ?? null;
    if (number < problem.segment || tail === null) continue;
    const { offset, bytes } = tail;
    await keepTornTail(parts.fileSystem, layoutOf(root), { path, offset, bytes });
  }
}

/** Segments that were made ahead and never used; without this a crash loop would fill the disk. */
async function removeUnused(parts: Parts, root: string, facts: LogFacts): Promise<void> {
  const { segments, end } = facts.journal;
  const unused = segments.filter(({ number, header, blank }) => {
    return number > end.segment && header !== null && blank;
  });
  for (const { path } of unused) await parts.fileSystem.remove(path);
  if (unused.length > 0) await parts.fileSystem.syncDirectory(root);
}

function recoveryOf(facts: LogFacts): WalRecovery {
  const first = facts.unmarked[0]?.streamSeq;
  return {
    verdict: facts.verdict,
    damage: facts.damage,
    kept: first === undefined ? null : { from: first, to: facts.lastSeq },
    cutBytes: facts.cutBytes,
    inDoubt: facts.inDoubt,
  };
}

function notFound(directory: string): HoldfastError<'NOT_FOUND'> {
  const message = `Cannot find a log in ${JSON.stringify(directory)}; open it for writing to make one`;
  return new HoldfastError('NOT_FOUND', message, { what: directory });
}
