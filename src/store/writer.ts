/**
 * The writer of a process: its own journal in a store, from its start under the gate to its end. At
 * its start every dead writer is recovered, so nobody appends in front of what somebody else left
 * behind.
 */
import { HoldfastError } from '../base/errors.ts';
import { fromHex, toHex } from '../format/bytes.ts';
import { FrameSource } from '../journal/frame-source.ts';
import { Journal } from '../journal/journal.ts';
import type { JournalThread } from '../journal/journal-port.ts';
import { hireJournalThread, localPort } from '../journal/journal-ports.ts';
import type { JournalSettings, JournalStart } from '../journal/journal-protocol.ts';
import type { JournalObserver } from '../journal/journal-watch.ts';
import { createDirectories } from '../platform/create-directories.ts';
import type { Lock } from '../platform/locks.ts';
import { takeLock, withGate } from '../recovery/gate.ts';
import { journalPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { recoverDead } from '../recovery/recover.ts';
import { removeTree } from '../recovery/remove-tree.ts';
import type { RecoveryReport } from '../recovery/report.ts';
import {
  createStoreFile,
  readStoreFile,
  readWriters,
  writeWriters,
} from '../recovery/store-files.ts';
import type { StoreFile } from '../recovery/store-files.ts';
import type { StoreSettings } from './options.ts';

const start: JournalStart = {
  segmentNumber: 1,
  previousSegment: 0,
  previousEnd: 0,
  checksum: 0n,
  lastSeq: 0,
  firstSegment: 1,
};

/** One writer for each store that is open for writing. */
export class Writer {
  /** 32 hexadecimal digits, random for every start. */
  readonly id: string;
  readonly idBytes: Uint8Array;
  readonly journal: Journal;
  readonly source: FrameSource;
  /** What recovery found and did when this writer started. */
  readonly recovery: RecoveryReport;
  readonly #parts: Parts;
  readonly #layout: Layout;
  readonly #settings: StoreSettings;
  readonly #lock: Lock;

  constructor(
    parts: Parts,
    layout: Layout,
    settings: StoreSettings,
    own: {
      readonly id: string;
      readonly lock: Lock;
      readonly journal: Journal;
      readonly recovery: RecoveryReport;
    },
  ) {
    this.id = own.id;
    this.idBytes = fromHex(own.id);
    this.journal = own.journal;
    this.recovery = own.recovery;
    this.source = new FrameSource(parts.fileSystem, journalPaths(layout, own.id).directory);
    this.#parts = parts;
    this.#layout = layout;
    this.#settings = settings;
    this.#lock = own.lock;
  }

  /** Recovers what dead writers left, then makes the journal of this one. */
  static async start(
    parts: Parts,
    layout: Layout,
    settings: StoreSettings,
    observer: JournalObserver,
  ): Promise<Writer> {
    const { signal } = settings;
    const wait = signal === undefined ? waitOf(settings) : { ...waitOf(settings), signal };
    // Before the gate, whose lock file would be the first thing here in a directory of others.
    await findStore(parts, layout);
    // It loads its modules while this thread does all that comes before the journal. What is
    // refused at the first look costs no thread.
    const thread = settings.io === 'worker' ? hireJournalThread() : null;
    try {
      return await withGate(parts, layout, wait, async () => {
        const store = await ensureStore(parts, layout);
        const recovery = await recoverDead(parts, layout, {
          ...wait,
          expectAtLeast: settings.expectAtLeast,
        });
        const id = toHex(parts.random.bytes(16));
        const paths = journalPaths(layout, id);
        await parts.fileSystem.createDirectory(paths.directory);
        const lock = await takeLock(parts, paths.lock, 'the new journal', wait);
        let journal: Journal | null = null;
        try {
          journal = await beginJournal(parts, layout, settings, { id, store, observer, thread });
          // The names must be durable before the writer counts: a listed journal that is gone is
          // damage.
          await parts.fileSystem.syncDirectory(layout.journals);
          const writers = await readWriters(parts.fileSystem, layout);
          await writeWriters(parts.fileSystem, layout, [...writers, id]);
          return new Writer(parts, layout, settings, { id, lock, journal, recovery });
        } catch (error) {
          // Nobody counts this journal. Its thread must end; how its file ends is of no interest.
          await journal?.close().catch(() => undefined);
          lock.release();
          throw error;
        }
      });
    } catch (error) {
      await thread?.dismiss();
      throw error;
    }
  }

  /**
   * Ends the journal. All sessions are closed before. After poison nothing is written any more: the
   * lock falls, and whoever starts next recovers what is there.
   */
  async stop(): Promise<void> {
    try {
      await this.journal.close();
      await this.source.close();
      await this.#leave();
    } catch (error) {
      await this.source.close();
      if (this.journal.poison === null) throw error;
    } finally {
      this.#lock.release();
    }
  }

  /**
   * Ends without leaving: something could not be settled, and the next start recovers it from here.
   */
  async leaveBehind(): Promise<void> {
    try {
      await this.journal.close();
    } finally {
      await this.source.close();
      this.#lock.release();
    }
  }

  /**
   * Leaves the writers file. When the gate cannot be had, the closed journal stays for the next
   * start.
   */
  async #leave(): Promise<void> {
    try {
      await withGate(this.#parts, this.#layout, waitOf(this.#settings), async () => {
        const writers = await readWriters(this.#parts.fileSystem, this.#layout);
        const staying = writers.filter((writer) => writer !== this.id);
        await writeWriters(this.#parts.fileSystem, this.#layout, staying);
        const { directory } = journalPaths(this.#layout, this.id);
        await removeTree(this.#parts.fileSystem, directory);
        await this.#parts.fileSystem.syncDirectory(this.#layout.journals);
      });
    } catch (error) {
      if (!HoldfastError.is(error, 'LOCKED')) throw error;
    }
  }
}

/** How long locks are waited for. The signal of `open` ends with it and is not used later. */
export function waitOf(settings: StoreSettings): { lockWaitMs: number } {
  return { lockWaitMs: settings.lockWaitMs };
}

/** The store that is there; null when one can be made here. DAMAGED, INVALID, NEWER_FORMAT. */
async function findStore(parts: Parts, layout: Layout): Promise<StoreFile | null> {
  const { fileSystem } = parts;
  // The names first: a store that somebody is just making has its store.json before anything else.
  const all = await fileSystem.list(layout.root);
  const found = await readStoreFile(fileSystem, layout);
  if (found !== null) return found;
  const names = all.filter((name) => name !== 'GATE' && !name.startsWith('store.json'));
  if (names.some((name) => ['sessions', 'journals', 'writers'].includes(name))) {
    throw new HoldfastError(
      'DAMAGED',
      'Cannot use the store: store.json is missing beside data in ' +
        `${JSON.stringify(layout.root)}; put it back, or get the sessions out with \`recover salvage\``,
      { sessions: [], file: layout.storeFile, offset: null },
    );
  }
  if (names.length === 0) return null;
  throw new HoldfastError(
    'INVALID',
    `Cannot make a store in ${JSON.stringify(layout.root)}: it holds ` +
      `${JSON.stringify(names[0])}; name an empty or a new directory`,
    { path: layout.root },
  );
}

async function ensureStore(parts: Parts, layout: Layout): Promise<string> {
  const { fileSystem } = parts;
  let uuid = (await findStore(parts, layout))?.uuid;
  if (uuid === undefined) {
    uuid = (await createStoreFile(fileSystem, parts.random, layout)).uuid;
  }
  if ((await fileSystem.stat(layout.writersFile)) === null) {
    // Before the directories: without it, what stands in them could not be judged.
    await writeWriters(fileSystem, layout, await readWriters(fileSystem, layout));
  }
  await createDirectories(fileSystem, layout.journals);
  await createDirectories(fileSystem, layout.sessions);
  return uuid;
}

async function beginJournal(
  parts: Parts,
  layout: Layout,
  settings: StoreSettings,
  own: {
    readonly id: string;
    readonly store: string;
    readonly observer: JournalObserver;
    readonly thread: JournalThread | null;
  },
): Promise<Journal> {
  const paths = journalPaths(layout, own.id);
  const lock = await parts.fileSystem.stat(paths.lock);
  const journal: JournalSettings = {
    directory: paths.directory,
    writer: fromHex(own.id),
    store: fromHex(own.store),
    syncDelayMsMax: settings.syncDelayMsMax,
    syncEntriesMax: settings.syncEntriesMax,
    segmentBytes: settings.segmentBytes,
    guard: lock === null ? null : { path: paths.lock, device: lock.device, inode: lock.inode },
  };
  const port =
    own.thread === null
      ? await localPort(parts, journal, start)
      : await own.thread.begin(journal, start);
  return new Journal(port, { observer: own.observer, segmentBytes: settings.segmentBytes });
}
