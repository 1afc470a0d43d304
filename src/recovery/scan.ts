/**
 * See: one pass over a store that changes nothing and takes no lock for longer than a look. It
 * gives facts; what they mean is judged elsewhere. A machine that refuses a read is a fact too: it
 * is never taken for the end of a log.
 */
import { errnoOf, HoldfastError } from '../base/errors.ts';
import type { LockOwner } from '../base/errors.ts';
import { keyText } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { toHex } from '../format/bytes.ts';
import { peekHead, readHead } from '../history/history-file.ts';
import type { HeadReading } from '../history/history-file.ts';
import { readJournal } from '../journal/journal-reader.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import type { LockState } from '../platform/locks.ts';
import { kindText } from '../platform/file-system.ts';
import type { FileStat } from '../platform/file-system.ts';
import { journalPaths, sessionIdFault, sessionPaths } from './layout.ts';
import type { Layout, SessionPaths } from './layout.ts';
import { leadsToDirectory, misplacedBehind, misplacedIn } from './misplaced.ts';
import type { Misplaced } from './misplaced.ts';
import type { Parts } from './parts.ts';
import type { Progress } from './report.ts';
import { readStoreFile, readWriters } from './store-files.ts';
import type { StoreFile } from './store-files.ts';

/** How often a look is repeated when writers come or go in the middle of it. */
const looksMax = 20;

/** What a call says when there is no plain file at a path. */
const noPlainFile: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EMLINK',
  'EISDIR',
  'EINVAL',
  'ESPIPE',
  'ENXIO',
  'ENODEV',
]);

/** What a look at one journal gave. */
export interface JournalScan {
  readonly writer: string;
  /** Only a listed journal counts. */
  readonly listed: boolean;
  readonly state: 'live' | 'dead' | 'unknown' | 'missing';
  readonly owner: LockOwner | null;
  readonly facts: JournalFacts | null;
  readonly error: unknown;
}

/** What a look at one head gave. */
export interface SessionScan {
  readonly id: string;
  readonly paths: SessionPaths;
  readonly head: Head | null;
  /** `gone`: no directory; `missing`: a directory without its history. */
  readonly fault: 'gone' | 'missing' | 'damaged' | 'newer' | 'foreign' | 'unreadable' | null;
  /**
   * Of a `foreign` one: what stands at its name and can be no session, since one is a directory. A
   * link to a directory is none of these: somebody may have moved a session there.
   */
  readonly stray: Exclude<FileStat['kind'], 'directory'> | null;
  readonly soundBlocks: number;
  readonly fileBytes: number;
  readonly error: unknown;
}

/** What a look at the whole store gave. */
export interface StoreFacts {
  readonly layout: Layout;
  readonly store: StoreFile | null;
  readonly writers: readonly string[];
  readonly journals: readonly JournalScan[];
  readonly sessions: readonly SessionScan[];
  /** Names that Holdfast does not give. */
  readonly strays: readonly string[];
  /** Names of the engine at which something of another kind stands; nobody can write there. */
  readonly misplaced: readonly Misplaced[];
}

/** How a store is looked at. */
export interface ScanOptions {
  /** Goes on without `store.json` and the writers file: for salvage, which only reads. */
  readonly tolerant?: boolean;
  /**
   * Whether journals of living writers are read as well (default), which takes time in proportion
   * to them, or only named. Whoever holds the gate leaves them: nothing is to be done with them.
   * It leaves lock files as well, which it takes, or fails to take, itself, unless it `tells` them.
   */
  readonly liveJournals?: 'read' | 'skip';
  readonly lockFiles?: 'tell';
  readonly onProgress?: (progress: Progress) => void;
}

/** Turns damage into a value when somebody wants what is left; anything else is passed on. */
function lenient<T>(tolerant: boolean, value: T): (error: unknown) => T {
  return (error) => {
    if (tolerant && HoldfastError.is(error, 'DAMAGED')) return value;
    throw error;
  };
}

/**
 * Looks at the whole store. NOT_FOUND when there is none; NEWER_FORMAT and DAMAGED for
 * `store.json`.
 */
export async function scanStore(
  parts: Parts,
  layout: Layout,
  options: ScanOptions = {},
): Promise<StoreFacts> {
  for (let look = 1; ; look += 1) {
    const facts = await scanOnce(parts, layout, options).catch(shut(parts, layout, options));
    // A writer that came or went in the middle makes its journal, or its sessions, look damaged.
    const writers = await readWriters(parts.fileSystem, layout).catch(lenient(true, null));
    const still = writers === null || writers.join() === facts.writers.join();
    if (still || options.tolerant === true || look === looksMax) return facts;
  }
}

/**
 * What a look can still tell where something in the place of a directory ends it: what that is.
 * Whoever acts fails, and so does salvage, which would take what it cannot list for gone.
 */
function shut(
  parts: Parts,
  layout: Layout,
  { liveJournals, tolerant }: ScanOptions,
): (error: unknown) => Promise<StoreFacts> {
  return async (error) => {
    if (liveJournals === 'skip' || tolerant === true) throw error;
    if ((await misplacedBehind(parts, layout, error)) === null) throw error;
    const misplaced = await misplacedIn(parts, layout, { writers: [], sessions: [] });
    const nothing = { journals: [], sessions: [], strays: [] };
    const writers = await readWriters(parts.fileSystem, layout);
    return { layout, store: null, writers, ...nothing, misplaced };
  };
}

/** Fails as `scanStore` fails for a place that is no store, and looks at nothing else. */
export async function requireStore(parts: Parts, layout: Layout): Promise<void> {
  const store = await readStoreFile(parts.fileSystem, layout);
  await readWriters(parts.fileSystem, layout);
  if (store === null) throw await withoutStore(parts, layout);
}

async function scanOnce(parts: Parts, layout: Layout, options: ScanOptions): Promise<StoreFacts> {
  const tolerant = options.tolerant === true;
  const store = await readStoreFile(parts.fileSystem, layout).catch(lenient(tolerant, null));
  const known = await readWriters(parts.fileSystem, layout).catch(lenient(tolerant, null));
  const strays: string[] = [];
  // Without its manifest every journal that is there counts, when it is only read.
  const isWriter = (name: string): boolean => /^[0-9a-f]{32}$/.test(name);
  const writers = known ?? (await namesIn(parts, layout.journals)).filter(isWriter);
  const live = options.liveJournals ?? 'read';
  const journals = await scanJournals(parts, layout, { writers, live, strays });
  const ids = await namesIn(parts, layout.sessions);
  if (store === null && !tolerant) throw await withoutStore(parts, layout);
  const sessions: SessionScan[] = [];
  for (const id of ids) {
    if (id.startsWith('.new-')) continue;
    if (sessionIdFault(id) !== null) strays.push(`sessions/${id}`);
    else {
      const scan = await scanSession(parts, layout, id);
      if (scan.stray !== null) strays.push(`sessions/${id}`);
      // Not one that was deleted since its name was read.
      else if (scan.fault !== 'gone') sessions.push(scan);
    }
    options.onProgress?.({ what: 'sessions', done: sessions.length, total: ids.length });
  }
  const sound = sessions.filter(({ fault }) => fault === null).map(({ id }) => id);
  const there = journals.filter(({ state }) => state !== 'missing').map(({ writer }) => writer);
  const isActing = live === 'skip' && options.lockFiles !== 'tell';
  const which = isActing ? 'acting' : { writers: there, sessions: sound };
  const misplaced = await misplacedIn(parts, layout, which);
  return { layout, store, writers, journals, sessions, strays, misplaced };
}

/** A session that was deleted has no directory; one without its history has lost it. */
async function absence(
  parts: Pick<Parts, 'fileSystem'>,
  paths: SessionPaths,
): Promise<'gone' | 'missing'> {
  return (await parts.fileSystem.stat(paths.directory)) === null ? 'gone' : 'missing';
}

/**
 * Reads one session's head. A session that is deleted and created again in the middle of a look
 * seems to have lost its history: that it is missing counts only when every look says so.
 */
export async function scanSession(parts: Parts, layout: Layout, id: string): Promise<SessionScan> {
  for (let look = 1; ; look += 1) {
    const scan = await scanOnceAt(parts, sessionPaths(layout, id), id);
    if (scan.fault !== 'missing' || look === looksMax) return scan;
  }
}

async function scanOnceAt(
  parts: Pick<Parts, 'fileSystem'>,
  paths: SessionPaths,
  id: string,
): Promise<SessionScan> {
  const bytes = { soundBlocks: 0, fileBytes: 0 };
  const nothing = { id, paths, head: null, stray: null, ...bytes, error: null };
  try {
    const quick = await quickHead(parts, paths);
    if (quick !== null) return judged(quick, id, paths);
    const stat = await parts.fileSystem.stat(paths.directory);
    if (stat !== null && stat.kind !== 'directory') {
      const isLink = stat.kind === 'link' && (await leadsToDirectory(parts, paths.directory));
      return { ...nothing, fault: 'foreign', stray: isLink ? null : stat.kind };
    }
    const history = await parts.fileSystem.stat(paths.history);
    if (history === null) return { ...nothing, fault: await absence(parts, paths) };
    if (history.kind !== 'file') return { ...nothing, fault: 'foreign' };
    return judged(await readHead(parts.fileSystem, paths.history), id, paths);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { ...nothing, fault: await absence(parts, paths) };
    return { ...nothing, fault: 'unreadable', error };
  }
}

/**
 * The head of a session that is as it should be, which nearly all are; null when something else is
 * there, or nothing: that is then looked at step by step. Fails as the machine fails.
 */
async function quickHead(
  { fileSystem }: Pick<Parts, 'fileSystem'>,
  paths: SessionPaths,
): Promise<HeadReading | null> {
  try {
    return await peekHead(fileSystem, paths.history);
  } catch (error) {
    if (noPlainFile.has(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

/** What a look says of a head. */
function judged(
  { head: found, soundBlocks, fileBytes }: HeadReading,
  id: string,
  paths: SessionPaths,
): SessionScan {
  const isFault = 'kind' in found;
  const head = isFault ? null : found;
  const fault = isFault ? found.kind : found.sessionId === id ? null : 'foreign';
  return { id, paths, head, fault, stray: null, soundBlocks, fileBytes, error: null };
}

/** INVALID when something stands at the session's name that is none. */
export function requireNoStray({ id, stray, paths: { directory: path } }: SessionScan): void {
  if (stray === null) return;
  const what = stray === 'link' ? 'a link to no directory' : `${kindText(stray)} and no directory`;
  throw new HoldfastError(
    'INVALID',
    `Cannot use session ${JSON.stringify(id)}: ${JSON.stringify(path)} is ${what}, so it is no ` +
      'session; move it out of the store, or choose another id',
    { path },
  );
}

/** True when the history ends in front of what its head vouches for. */
export function isCut(scan: SessionScan): boolean {
  return scan.fault === null && scan.head !== null && scan.fileBytes < scan.head.vouched.endOffset;
}

async function scanJournals(
  parts: Parts,
  layout: Layout,
  context: {
    readonly writers: readonly string[];
    readonly live: 'read' | 'skip';
    readonly strays: string[];
  },
): Promise<readonly JournalScan[]> {
  const { writers, live, strays } = context;
  const found = await namesIn(parts, layout.journals);
  for (const name of found) {
    if (!/^[0-9a-f]{32}$/.test(name) && !name.startsWith('.new-')) strays.push(`journals/${name}`);
  }
  const named = found.filter((name) => /^[0-9a-f]{32}$/.test(name));
  const all = [...new Set([...writers, ...named])].sort();
  const scans: JournalScan[] = [];
  for (const writer of all) {
    const listed = writers.includes(writer);
    const exists = named.includes(writer);
    scans.push(await scanJournal(parts, layout, { writer, listed, exists, live }));
  }
  return scans;
}

/** Reads one journal and looks whether its writer lives. */
export async function scanJournal(
  parts: Parts,
  layout: Layout,
  what: {
    readonly writer: string;
    readonly listed: boolean;
    readonly exists: boolean;
    readonly live?: 'read' | 'skip';
  },
): Promise<JournalScan> {
  const { writer, listed } = what;
  const paths = journalPaths(layout, writer);
  const nothing = { writer, listed, owner: null, facts: null, error: null };
  if (!what.exists) return { ...nothing, state: 'missing' };
  const seen = probed(parts, paths.lock, what.live ?? 'read');
  const state = seen === 'held' ? 'live' : seen === 'unknown' ? 'unknown' : 'dead';
  const owner = parts.locks.owner(paths.lock);
  if (state === 'live' && what.live === 'skip') return { ...nothing, state, owner };
  try {
    const facts = await readJournal(parts.fileSystem, paths.directory);
    return { ...nothing, state, owner, facts };
  } catch (error) {
    return { ...nothing, state, owner, error };
  }
}

/** Whoever only looks can tell of a lock file that is none; whoever acts must not go on. */
function probed({ locks }: Parts, path: string, live: 'read' | 'skip'): LockState {
  try {
    return locks.probe(path);
  } catch (error) {
    const errno = HoldfastError.is(error, 'IO') ? error.details.errno : null;
    const isOther = HoldfastError.is(error, 'INVALID') || noPlainFile.has(errno ?? '');
    if (live === 'skip' || !isOther) throw error;
    return 'unknown';
  }
}

async function namesIn(parts: Parts, directory: string): Promise<readonly string[]> {
  const stat = await parts.fileSystem.stat(directory);
  return stat === null ? [] : parts.fileSystem.list(directory);
}

/** The writer that a session's head names, as text. */
export function attachedTo(head: Head): string | null {
  return head.attached === null ? null : toHex(head.attached);
}

/** The session's incarnation, as text. */
export function incarnationOf(head: Head): string {
  return keyText({ key: head.incarnation });
}

/** NOT_FOUND for a store whose directory is not there. */
export function noDirectory(root: string): HoldfastError<'NOT_FOUND'> {
  const message = `Cannot find a store at ${JSON.stringify(root)}: there is no such directory; check the path`;
  return new HoldfastError('NOT_FOUND', message, { what: root });
}

/**
 * What is to be said of a directory without `store.json`: NOT_FOUND, or DAMAGED when a store's data
 * lies there, which nobody shall take for an empty place.
 */
export async function withoutStore(
  parts: Parts,
  layout: Layout,
): Promise<HoldfastError<'NOT_FOUND' | 'DAMAGED'>> {
  const journals = await namesIn(parts, layout.journals);
  const isData = [...journals, ...(await namesIn(parts, layout.sessions))].length > 0;
  return isData ? withoutStoreFile(layout) : notFound(layout.root);
}

/** NOT_FOUND for a store. */
export function notFound(root: string): HoldfastError<'NOT_FOUND'> {
  return new HoldfastError(
    'NOT_FOUND',
    `Cannot find a store at ${JSON.stringify(root)}: there is no store.json; check the path`,
    { what: root },
  );
}

function withoutStoreFile(layout: Layout): HoldfastError<'DAMAGED'> {
  return new HoldfastError(
    'DAMAGED',
    `Cannot use the store: ${JSON.stringify(layout.storeFile)} is missing beside data; ` +
      'put it back, or get the sessions out with `recover salvage`',
    { sessions: [], file: layout.storeFile, offset: null },
  );
}
