/**
 * A session's history as a file that grows: entries settle at its vouched end, and only what is
 * written, synced, read back and vouched for counts. What lies behind the vouched end is scratch
 * and is cut off before the next settling, so nothing is ever welded to a torn tail.
 *
 * A sync that failed is never tried again on the same file: the pages may be marked clean without
 * being on the medium. The file is then built anew beside the old one, from what is vouched for.
 */
import { isNoRoom } from '../base/errors.ts';
import { fileHeaderBytes, headerBlockBytes, readChunkBytes } from '../base/quantities.ts';
import { decodeHeadBlocks, encodeHead, headNumbers } from '../format/head.ts';
import type { Head, Vouched } from '../format/head.ts';
import type { HeaderFault } from '../format/segment-header.ts';
import { isEntryType } from '../format/control.ts';
import { nextChain } from '../format/frame.ts';
import { encodeBatch } from '../journal/batch.ts';
import type { LooseFrame } from '../journal/batch.ts';
import type { Clock } from '../platform/clock.ts';
import { parentOf, readUpTo, writeAll } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { streamFrameType } from '../session/frame-types.ts';
import type { Placed } from './block-index.ts';
import { copyHistory, readsBackWrong } from './history-copy.ts';
import { walkHistory } from './history-walk.ts';
import type { WalkStart } from './history-walk.ts';
import { assertNamed, assertOwnHead } from './still-ours.ts';

/** What listings show; kept in the head. */
export interface HeadFields {
  readonly title?: string;
  readonly messages?: number;
  readonly createdMs?: number;
  readonly updatedMs?: number;
}

/** What an append did. */
export interface Appended {
  readonly placed: readonly Placed[];
  /** Where the base stands, or null when none was made. */
  readonly baseOffset: number | null;
}

/** Makes the base behind entries that were placed there, or answers null: then there is none. */
export type MakeBase = (at: WalkStart, placed: readonly Placed[]) => LooseFrame | null;

/** The head as it stands on disk. */
export interface HeadReading {
  readonly head: Head | HeaderFault;
  readonly soundBlocks: number;
  readonly fileBytes: number;
}

/** Reads the head of a history. Fails only as the machine fails. */
export async function readHead(fileSystem: FileSystem, path: string): Promise<HeadReading> {
  const file = await fileSystem.open(path, 'read');
  try {
    let blocks = decodeHeadBlocks(await readUpTo(file, 0, fileHeaderBytes));
    // A bad block may be one that its owner is writing just now.
    if (blocks.soundBlocks < 2) {
      blocks = decodeHeadBlocks(await readUpTo(file, 0, fileHeaderBytes));
    }
    const { size } = await file.stat();
    return { ...blocks, fileBytes: size };
  } finally {
    await file.close();
  }
}

/** The same at one look, for whoever reads very many; null when there is reason to look closer. */
export function peekHead(fileSystem: FileSystem, path: string): Promise<HeadReading | null> {
  return fileSystem.peek(path, fileHeaderBytes, ({ bytes, size }) => {
    const { head, soundBlocks } = decodeHeadBlocks(bytes);
    return soundBlocks < 2 ? null : { head, soundBlocks, fileBytes: size };
  });
}

interface AppendParts {
  readonly writer: Uint8Array;
  readonly change: Omit<HeadChange, 'vouched'>;
  readonly makeBase: MakeBase;
}

/** What a new head says otherwise than the one before. */
type HeadChange = Partial<Omit<Head, 'number' | 'isNameUnproven'>>;

/**
 * One history that is open, of a single owner. What changes it is done in turn: a settling and an
 * append that attaches the session come at the same time, and each makes its head from the newest.
 */
export class HistoryFile {
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #path: string;
  #file: File;
  #head: Head;
  /** The change that is under way, and those that wait for it. */
  #changing: Promise<unknown> = Promise.resolve();
  /** What was to be the head, and may be it on the disk, while its writing failed. */
  #tried: Head | null = null;
  /** A sync of this file, or of its name, failed: it is never relied on again. */
  #tainted: boolean;
  /**
   * Pages of a dead process may not have reached the disk: they are synced before a head is
   * touched.
   */
  #inherited: boolean;

  constructor(
    parts: { readonly fileSystem: FileSystem; readonly clock: Clock },
    path: string,
    file: File,
    head: Head,
    origin: 'created' | 'opened',
  ) {
    this.#fileSystem = parts.fileSystem;
    this.#clock = parts.clock;
    this.#path = path;
    this.#file = file;
    this.#head = head;
    this.#inherited = origin === 'opened';
    this.#tainted = head.isNameUnproven;
  }

  get path(): string {
    return this.#path;
  }

  get head(): Head {
    return this.#head;
  }

  get file(): File {
    return this.#file;
  }

  /** Makes a history with this head; durable, but for the name of its directory. */
  static async create(
    parts: { readonly fileSystem: FileSystem; readonly clock: Clock },
    path: string,
    head: Head,
  ): Promise<HistoryFile> {
    const file = await parts.fileSystem.create(path);
    await writeAll(file, encodeHead(head, 0), 0);
    await writeAll(file, encodeHead(head, 1), headerBlockBytes);
    await file.sync();
    await parts.fileSystem.syncDirectory(parentOf(path));
    return new HistoryFile(parts, path, file, head, 'created');
  }

  /** Opens a history whose head was read and judged before. */
  static async open(
    parts: { readonly fileSystem: FileSystem; readonly clock: Clock },
    path: string,
    head: Head,
    mode: 'read' | 'write',
  ): Promise<HistoryFile> {
    const file = await parts.fileSystem.open(path, mode);
    return new HistoryFile(parts, path, file, head, 'opened');
  }

  /**
   * Writes the head twice, each time synced: see `format/head` for the reason. Fails with IO, and
   * writes nothing, when the file is not its owner's any more: see `still-ours`.
   */
  writeHead(change: HeadChange): Promise<void> {
    return this.#inTurn(() => this.#writeHead(change));
  }

  async #writeHead(change: HeadChange): Promise<void> {
    await this.#assertOurs();
    const number = this.#head.number + 1;
    const head: Head = { ...this.#head, ...change, number, isNameUnproven: false };
    this.#tried = head;
    await this.#syncing(async () => {
      if (this.#inherited) {
        await this.#secureBlock();
        // Whoever built the file anew may have died before its name was durable: power loss would
        // bring back the old one, which knows of nothing that is acknowledged from now on.
        await this.#fileSystem.syncDirectory(parentOf(this.#path));
      }
      this.#inherited = false;
      await writeAll(this.#file, encodeHead(head, 0), 0);
      await this.#file.sync();
      await writeAll(this.#file, encodeHead(head, 1), headerBlockBytes);
      await this.#file.sync();
    });
    await assertNamed(this.#fileSystem, this.#file, this.#path);
    this.#head = head;
    this.#tried = null;
  }

  /**
   * Settles frames of this session, in order, and behind them a base if there is one to make:
   * written behind the vouched end, synced, read back, vouched. When it returns, the journal is not
   * needed for them any more. When it fails, nothing counts.
   */
  append(
    frames: readonly LooseFrame[],
    writer: Uint8Array,
    change: Omit<HeadChange, 'vouched'> = {},
    makeBase: MakeBase = () => null,
  ): Promise<Appended> {
    return this.#inTurn(() => this.#append(frames, { writer, change, makeBase }));
  }

  async #append(
    frames: readonly LooseFrame[],
    { writer, change, makeBase }: AppendParts,
  ): Promise<Appended> {
    await this.#assertOurs();
    const before = this.#head.vouched;
    const placed: Placed[] = [];
    let vouched = before;
    let baseOffset: number | null = null;
    await this.#syncing(async () => {
      if ((await this.#file.stat()).size > before.endOffset) {
        await this.#file.truncate(before.endOffset);
      }
      for (const part of inParts(frames)) {
        vouched = await this.#writeBatch(part, vouched, { writer, placed });
      }
      const base = makeBase({ ...vouched, offset: vouched.endOffset }, placed);
      const end = base === null ? null : await this.#writeBase(base, vouched, writer);
      if (end !== null) {
        baseOffset = vouched.endOffset;
        vouched = end;
      }
      if (vouched !== before) await this.#file.sync();
    });
    const head = { ...this.#head, vouched };
    const start = { ...before, offset: before.endOffset };
    const { damage, damagedDerived } = await walkHistory(this.#file, head, start, () => undefined);
    // Rot may cost what can be done without; here the journal still has it, so nothing is lost yet.
    const wrong = damage?.offset ?? damagedDerived[0];
    if (wrong !== undefined) {
      this.#tainted = true;
      throw readsBackWrong(this.#path, wrong);
    }
    const named = baseOffset === null ? {} : { baseOffset };
    await this.#writeHead({ ...change, ...named, vouched });
    return { placed, baseOffset };
  }

  /** Waits for the change that is under way; none may come behind it. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#file.close());
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const run = this.#changing.then(change);
    this.#changing = run.catch(() => undefined);
    return run;
  }

  /**
   * Makes block 1 durable before block 0 is touched, since one block must be while the other one is
   * torn. What a dead process wrote last may be in the cache only; and when its sync failed there,
   * no later one writes that page, unless the page is written again. It must not be when block 0 is
   * ahead or bad: then block 0 was the one under way, and block 1 the one that is durable.
   */
  async #secureBlock(): Promise<void> {
    const bytes = await readUpTo(this.#file, 0, fileHeaderBytes);
    const [first = null, second = null] = headNumbers(bytes);
    const isAhead = first === null || (second !== null && second < first);
    if (!isAhead) {
      if (second === null) await this.#file.sync();
      await writeAll(this.#file, encodeHead(this.#head, 1), headerBlockBytes);
    }
    await this.#file.sync();
  }

  /** Writes one batch behind this end and returns the end behind it. */
  async #writeBatch(
    frames: readonly LooseFrame[],
    end: Vouched,
    own: { readonly writer: Uint8Array; readonly placed: Placed[] },
  ): Promise<Vouched> {
    const encoded = encodeBatch(frames, {
      salt: this.#head.salt,
      offset: end.endOffset,
      previousChecksum: end.batchChecksum,
      durableMark: this.#head.vouched.seq,
      firstSegment: 0,
      writer: own.writer,
      timeMs: this.#clock.nowMs(),
    });
    await writeAll(this.#file, encoded.bytes, end.endOffset);
    let { seq, chain } = end;
    for (const [index, frame] of frames.entries()) {
      const isEntry = isEntryType(frame.type);
      if (!isEntry && frame.type !== streamFrameType.loss) continue;
      seq = frame.streamSeq;
      chain = nextChain(chain, frame);
      if (isEntry) own.placed.push({ seq, offset: encoded.offsets[index] ?? 0 });
    }
    const endOffset = end.endOffset + encoded.bytes.length;
    return { seq, chain, endOffset, batchChecksum: encoded.checksum };
  }

  /** Null when there is no room: then it is scratch, and entries that found room are settled. */
  async #writeBase(base: LooseFrame, end: Vouched, writer: Uint8Array): Promise<Vouched | null> {
    try {
      return await this.#writeBatch([base], end, { writer, placed: [] });
    } catch (error) {
      if (!isNoRoom(error)) throw error;
      return null;
    }
  }

  async #syncing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tainted = true;
      throw error;
    }
  }

  /** Before anything is written; a file that cannot be synced any more is built anew. */
  async #assertOurs(): Promise<void> {
    if (this.#tainted) {
      // It may have lost its name to one that was built anew, but for the sync of the directory.
      const old = { path: this.#path, file: this.#file, head: this.#head };
      const { file, head } = await copyHistory(this.#fileSystem, old);
      await this.#file.close();
      this.#file = file;
      this.#head = head;
      this.#tainted = false;
      return;
    }
    await assertNamed(this.#fileSystem, this.#file, this.#path);
    await assertOwnHead(this.#file, this.#path, [this.#head, this.#tried]);
  }
}

/** Batches of about a megabyte, so that no later reader needs more than that at once. */
function* inParts(frames: readonly LooseFrame[]): Generator<readonly LooseFrame[]> {
  let part: LooseFrame[] = [];
  let bytes = 0;
  for (const frame of frames) {
    if (part.length > 0 && (bytes + frame.payload.length > readChunkBytes || part.length >= 2048)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(frame);
    bytes += frame.payload.length;
  }
  if (part.length > 0) yield part;
}
