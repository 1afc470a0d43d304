/** A journal on a simulated disk, and a hand on everything that may go wrong with it. */
import type { FileSystem, File } from '../../src/platform/file-system.ts';
import { Journal } from '../../src/journal/journal.ts';
import { localPort } from '../../src/journal/journal-ports.ts';
import type { JournalSettings, JournalStart } from '../../src/journal/journal-protocol.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import type { SubmittedFrame } from '../../src/journal/submission.ts';
import { simRandom } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { storeId, streamKey, text, writerId } from './segment-image.ts';

export const directory = '/j';

export const journalStart: JournalStart = {
  segmentNumber: 1,
  previousSegment: 0,
  previousEnd: 0,
  checksum: 0n,
  lastSeq: 0,
  firstSegment: 1,
};

export function journalSettings(told: Partial<JournalSettings> = {}): JournalSettings {
  return {
    directory,
    writer: writerId,
    store: storeId,
    syncDelayMsMax: 100,
    syncEntriesMax: 10,
    segmentBytes: 16_384,
    guard: null,
    ...told,
  };
}

/** One entry as it is submitted. */
export function entry(payload: Uint8Array | string): SubmittedFrame {
  return { type: 32, payload: typeof payload === 'string' ? text(payload) : payload, timeMs: 0 };
}

export class JournalLab {
  readonly disk: SimDisk;
  readonly journal: Journal;
  readonly stream: number;
  /** Tickets in the order in which they were told to be durable. */
  readonly durable: number[] = [];
  /** First segments that stay, as they were told. */
  readonly retired: number[] = [];

  constructor(disk: SimDisk, journal: Journal) {
    this.disk = disk;
    this.journal = journal;
    this.stream = this.openStream(streamKey);
    journal.onRetired((below) => this.retired.push(below));
  }

  static async open(
    told: Partial<JournalSettings> = {},
    wrap: (fileSystem: FileSystem) => FileSystem = (fileSystem) => fileSystem,
  ): Promise<JournalLab> {
    const disk = SimDisk.create(1);
    disk.makeDirectory(directory);
    const path = `${directory}/LOCK`;
    disk.writeFile(path, text('{}'));
    const fileSystem = wrap(disk.fileSystem());
    const lock = await fileSystem.stat(path);
    const guard = { path, device: lock?.device ?? 0n, inode: lock?.inode ?? 0n };
    const parts = { fileSystem, clock: disk.clock, random: simRandom(1) };
    const port = await localPort(parts, journalSettings({ guard, ...told }), journalStart);
    return new JournalLab(disk, new Journal(port));
  }

  openStream(key: Uint8Array): number {
    const opening = { key, lastSeq: 0, chain: 0n, introduction: text('session') };
    return this.journal.openStream(opening, { durable: (ticket) => this.durable.push(ticket) });
  }

  /** The seq of the entry, once it is kept as asked. */
  async append(
    payload: Uint8Array | string,
    durability: 'durable' | 'batched' = 'durable',
    stream: number = this.stream,
  ): Promise<number> {
    const { answered } = this.journal.submit(stream, [entry(payload)], durability);
    return (await answered).firstSeq;
  }

  /** What a reader finds on the disk as it would be after this kind of crash. */
  async afterCrash(keep: 'none' | 'all' = 'none'): Promise<JournalFacts> {
    return readJournal(this.disk.crash({ keep }).fileSystem(), directory);
  }
}

/** Entries of a stream in what was read. */
export function entrySeqs(facts: JournalFacts, key: Uint8Array = streamKey): number[] {
  return [...facts.frames]
    .filter((frame) => frame.type === 32 && frame.key.every((byte, at) => byte === key[at]))
    .map((frame) => frame.streamSeq);
}

/** A sync that began and has not been let go yet. */
export interface HeldSync {
  readonly path: string;
  release(): void;
  fail(code: string): void;
}

/** A file system whose syncs of segments return only when a test says so. What they cover is taken at once. */
export class HeldSyncs {
  readonly held: HeldSync[] = [];
  holding = false;

  readonly wrap = (inner: FileSystem): FileSystem => {
    const file = (one: File): File => this.#file(one);
    return {
      list: (path) => inner.list(path),
      stat: (path) => inner.stat(path),
      realPath: (path) => inner.realPath(path),
      createDirectory: (path) => inner.createDirectory(path),
      create: async (path) => file(await inner.create(path)),
      open: async (path, mode) => file(await inner.open(path, mode)),
      peek: (path, bytes, see) => inner.peek(path, bytes, see),
      rename: (from, to) => inner.rename(from, to),
      remove: (path) => inner.remove(path),
      removeDirectory: (path) => inner.removeDirectory(path),
      syncDirectory: (path) => inner.syncDirectory(path),
      space: (path) => inner.space(path),
    };
  };

  #file(inner: File): File {
    return {
      path: inner.path,
      read: (into, at) => inner.read(into, at),
      write: (bytes, at) => inner.write(bytes, at),
      truncate: (size) => inner.truncate(size),
      stat: () => inner.stat(),
      hasName: () => inner.hasName(),
      close: () => inner.close(),
      sync: async () => {
        await inner.sync();
        if (!this.holding) return;
        await new Promise<void>((resolve, reject) => {
          const fail = (code: string): void =>
            reject(Object.assign(new Error(code), { code, syscall: 'fdatasync' }));
          this.held.push({ path: inner.path, release: resolve, fail });
        });
      },
    };
  }
}

/** Lets everything run that waits for a promise. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
