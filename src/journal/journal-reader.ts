/**
 * Reads a whole journal: its segments one after the other, and how they hang together. Read-only;
 * what is wrong is a value. Only the machine's own refusals (EIO, EACCES) are thrown.
 */
import { batchBytesMax, fileHeaderBytes, segmentBytesMax } from '../base/quantities.ts';
import { endOfContent, toHex } from '../format/bytes.ts';
import { decodeSegmentHeader, soundHeaderBlocks } from '../format/segment-header.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { ReadRoom } from '../platform/read-room.ts';
import { readSegment } from './segment-reader.ts';
import type { SegmentContent } from './segment-reader.ts';
import { SeqSet } from '../base/seq-set.ts';
import { lastEnd } from './batch-ends.ts';
import { firstNeededOf, highest } from './first-needed.ts';
import { framesWhere, JoinedFrames } from './frame-table.ts';
import type { Frames } from './frame-table.ts';
import { missingSegment } from './missing-segment.ts';
import type { MissingSegment, SparesBehind } from './missing-segment.ts';
import { segmentName, segmentNumber } from './segment-maker.ts';

/** Largest segment that is read: one made to the size of the largest batch. */
const fileBytesMax = batchBytesMax + segmentBytesMax;

/** One file of the journal. */
export interface SegmentFacts {
  readonly number: number;
  readonly path: string;
  readonly fileBytes: number;
  readonly header: SegmentHeader | null;
  /** Format that a newer version wrote, or null. */
  readonly newer: string | null;
  readonly soundHeaderBlocks: number;
  /** True when the file is not as long as its header says: it was, before it got its name. */
  readonly wrongSize: boolean;
  /** True when nothing stands behind the header. */
  readonly blank: boolean;
  readonly content: SegmentContent | null;
}

/** Why reading could not go on from one thing to the next. */
export interface JournalProblem {
  readonly kind: 'tail' | 'header' | 'size' | 'missing' | 'chain' | 'identity' | 'newer';
  readonly segment: number;
  readonly offset: number;
  readonly reason: string;
  /** True when the bad place lies in the last segment, behind its header. */
  readonly inLastSegment: boolean;
}

/** All that a dead or living journal tells. */
export interface JournalFacts {
  readonly directory: string;
  readonly segments: readonly SegmentFacts[];
  /** Frames that follow each other from the first needed segment on. */
  readonly frames: Frames;
  readonly lastSeq: number;
  /** Batch checksum, segment and offset behind the last frame that follows. */
  readonly checksum: bigint;
  readonly end: { readonly segment: number; readonly offset: number };
  /** W: the highest durable mark in any valid frame of this journal. */
  readonly durableMark: number;
  readonly closed: boolean;
  readonly firstProblem: JournalProblem | null;
  /**
   * A segment that others prove to have been there and that is not, or is not to be read, whatever
   * is wrong in front of it: what it held beyond W nobody knows.
   */
  readonly missing: MissingSegment | null;
  /**
   * Frames behind the first problem that are valid in themselves, in order of their journal seq.
   */
  readonly survivors: Frames;
  /** Journal seqs of survivors that stand in batches which are whole in themselves. */
  readonly wholeSeqs: SeqSet;
  /** Frames that are gone and that headers or commit frames tell of. */
  readonly named: Frames;
  /** Bytes behind the first problem, in its segment. */
  readonly tailBytes: number;
  /** Bytes that a later segment disowns: a failed write left them. */
  readonly deadBytes: number;
}

/** Reads all segments in the directory. Fails only as the machine fails. */
export async function readJournal(
  fileSystem: FileSystem,
  directory: string,
): Promise<JournalFacts> {
  const names = await fileSystem.list(directory);
  const segments: SegmentFacts[] = [];
  // Facts hold copies and numbers, and no view of a segment's bytes.
  const room = new ReadRoom(fileBytesMax);
  for (const name of names) {
    const number = segmentNumber(name);
    if (number === null) continue;
    segments.push(await readFile(fileSystem, `${directory}/${name}`, number, room));
  }
  return linkSegments(directory, segments);
}

async function readFile(
  fileSystem: FileSystem,
  path: string,
  number: number,
  room: ReadRoom,
): Promise<SegmentFacts> {
  const file = await fileSystem.open(path, 'read');
  try {
    const { size } = await file.stat();
    const bytes = await room.read(file, 0, Math.min(size, fileBytesMax));
    return segmentFacts(path, number, bytes, size);
  } finally {
    await file.close();
  }
}

/** The facts of one file from its bytes. Pure. */
export function segmentFacts(
  path: string,
  number: number,
  bytes: Uint8Array,
  fileBytes: number = bytes.length,
): SegmentFacts {
  const found = decodeSegmentHeader(bytes.subarray(0, fileHeaderBytes));
  const header = 'kind' in found ? null : found;
  return {
    number,
    path,
    fileBytes,
    header,
    newer: 'kind' in found && found.kind === 'newer' ? found.found : null,
    soundHeaderBlocks: soundHeaderBlocks(bytes.subarray(0, fileHeaderBytes)),
    wrongSize: header !== null && header.bytes !== fileBytes,
    blank: endOfContent(bytes, fileHeaderBytes) === fileHeaderBytes,
    content: header === null ? null : readSegment(bytes, header),
  };
}

/** How the segments hang together. Pure. */
export function linkSegments(
  directory: string,
  all: readonly SegmentFacts[],
  spares: SparesBehind = 'kept',
): JournalFacts {
  const firstNeeded = firstNeededOf(all);
  // Unlinks may reach the disk out of order: what lies below the first needed segment is garbage.
  const segments = all.filter((segment) => segment.number >= firstNeeded);
  const missing = missingSegment(segments, firstNeeded, spares);
  const link = new Link(segments, firstNeeded);
  for (const segment of segments) link.take(segment);
  link.end(missing);
  return {
    directory,
    segments,
    frames: link.frames,
    lastSeq: link.lastSeq,
    checksum: link.checksum,
    end: { segment: link.endSegment, offset: link.endOffset },
    durableMark: highest(segments, (content) => content.durableMark),
    closed: link.closed,
    firstProblem: link.problem,
    missing,
    survivors: link.survivors,
    wholeSeqs: link.wholeSeqs,
    named: link.named,
    tailBytes: link.tailBytes,
    deadBytes: link.deadBytes,
  };
}

/** What the used segments of this journal behind one segment tell of it. */
interface Behind {
  /** The first of them. */
  readonly next: SegmentFacts | null;
  /** The lowest segment that one of them goes on from. */
  readonly lowestOrigin: number;
}

/** Follows the segments in order; from the first problem on it only collects what survives. */
class Link {
  readonly frames = new JoinedFrames();
  readonly survivors = new JoinedFrames();
  readonly wholeSeqs = new SeqSet();
  readonly named = new JoinedFrames();
  problem: JournalProblem | null = null;
  lastSeq = 0;
  checksum = 0n;
  endSegment = 0;
  endOffset: number = fileHeaderBytes;
  tailBytes = 0;
  deadBytes = 0;
  closed = false;
  #seal: { readonly segment: number; readonly salt: bigint } | null = null;
  #begun = false;
  readonly #used: readonly SegmentFacts[];
  readonly #behind: ReadonlyMap<SegmentFacts, Behind>;
  /**
   * Writer and store of the first header that can be read; a segment of another journal is foreign.
   */
  readonly #identity: string | null;
  readonly #firstNeeded: number;
  /** Number of the segment with which the journal has to begin. */
  #expected: number;

  constructor(segments: readonly SegmentFacts[], firstNeeded: number) {
    this.#used = segments;
    const first = segments.find((segment) => segment.header !== null)?.header ?? null;
    this.#identity = first === null ? null : identityOf(first);
    this.#behind = this.#lookBehind();
    this.#firstNeeded = firstNeeded;
    this.#expected = Math.max(1, firstNeeded);
  }

  take(segment: SegmentFacts): void {
    if (segment.newer !== null) return this.#stop('newer', segment, 0, segment.newer);
    const { header, content } = segment;
    const named = this.#seal?.segment === segment.number;
    if (this.#isDisowned(segment)) {
      this.deadBytes += content === null ? 0 : content.end - fileHeaderBytes;
      this.deadBytes += content?.tail?.bytes ?? 0;
      if (named) this.#seal = null;
      if (segment.number === this.#expected) this.#expected += 1;
      return undefined;
    }
    // A segment made ahead that was never used cost nobody anything.
    if (header === null && segment.blank && this.#begun && !named) return undefined;
    if (header === null || content === null) {
      return this.#stop('header', segment, 0, 'both header blocks are damaged');
    }
    if (header.number !== segment.number) {
      return this.#stop('identity', segment, 0, `the header says segment ${header.number}`);
    }
    if (identityOf(header) !== this.#identity) {
      return this.#stop('identity', segment, 0, 'the header names another journal');
    }
    if (segment.wrongSize) {
      this.#stop('size', segment, segment.fileBytes, `the header says ${header.bytes} bytes`);
    }
    const isUnused = content.origin === null && content.tail === null;
    if (isUnused && this.#begun && !named && this.#nextOrigin(segment) === null) return undefined;
    if (this.problem === null) this.#checkLink(segment, content);
    if (this.problem !== null) return this.#collect(segment, content, content.frames);
    return this.#follow(segment, content);
  }

  end(missing: MissingSegment | null): void {
    if (this.problem !== null) return;
    if (missing !== null) {
      const { number, reason } = missing;
      this.#problem('missing', number, 0, { reason, inLastSegment: false });
    } else if (!this.#begun) {
      // The first segment stands there, synced, before anybody counts its journal.
      const reason = `segment ${this.#expected} is not there`;
      this.#problem('missing', this.#expected, 0, { reason, inLastSegment: false });
    }
  }

  #checkLink(segment: SegmentFacts, content: SegmentContent): void {
    if (!this.#begun) {
      if (segment.number > this.#expected && this.#firstNeeded > 0) {
        this.#stop('missing', segment, 0, `segment ${this.#expected} is not there`);
      } else if (
        content.origin !== null &&
        content.origin.segment !== 0 &&
        this.#firstNeeded === 0
      ) {
        this.#stop('missing', segment, 0, `segment ${content.origin.segment} is not there`);
      }
      return;
    }
    if (this.#seal !== null && this.#seal.segment !== segment.number) {
      this.#stop('missing', segment, 0, `segment ${this.#seal.segment} is not there`);
    } else if (this.#seal !== null && this.#seal.salt !== segment.header?.salt) {
      this.#stop('identity', segment, 0, 'it is not the segment that the seal names');
    } else if (content.origin !== null) {
      const { segment: previous, checksum, lastSeq } = content.origin;
      const follows = previous === this.endSegment && checksum === this.checksum;
      if (!follows || lastSeq !== this.lastSeq) {
        this.#stop('chain', segment, fileHeaderBytes, 'it does not follow the segment before it');
      }
    }
  }

  #follow(segment: SegmentFacts, content: SegmentContent): void {
    // What the next segment's first frame does not own was left by a failed write: it never
    // counted.
    const limit = this.#limitOf(segment);
    const last = lastEnd(content.batches, (batch) => batch.endOffset <= limit);
    const place = last ?? content.origin ?? this;
    this.lastSeq = place.lastSeq;
    this.checksum = place.checksum;
    // They stand in the order of their journal seq.
    let count = content.frames.length;
    while (count > 0 && (content.frames.at(count - 1)?.journalSeq ?? 0) > this.lastSeq) count -= 1;
    this.frames.join(content.frames, count);
    const next = this.#nextOrigin(segment);
    this.#begun = true;
    this.endSegment = segment.number;
    this.endOffset = Math.min(content.end, limit);
    this.#seal = content.seal === null ? null : { ...content.seal };
    this.closed = content.close !== null;
    if (next !== null && (next.lastSeq !== this.lastSeq || next.checksum !== this.checksum)) {
      this.#stop('chain', segment, content.end, 'frames that the next segment follows are gone');
      return this.#collect(segment, content, null);
    }
    if (content.tail === null) return undefined;
    if (content.tail.offset >= limit) {
      this.deadBytes += content.tail.bytes;
      return undefined;
    }
    this.#stop('tail', segment, content.tail.offset, content.tail.reason);
    return this.#collect(segment, content, null);
  }

  /** The origin of the next segment that was used, if that one goes on from this one. */
  #nextOrigin(segment: SegmentFacts): SegmentContent['origin'] {
    const next = this.#behind.get(segment)?.next?.content?.origin ?? null;
    return next !== null && next.segment === segment.number ? next : null;
  }

  /**
   * True when a later segment goes on from one before this: the first write into this one failed,
   * or its writer died in it and the next one found nothing here that counts.
   */
  #isDisowned(segment: SegmentFacts): boolean {
    const behind = this.#behind.get(segment);
    return behind !== undefined && behind.lowestOrigin < segment.number;
  }

  /** For every segment, once: from the last one to the first. */
  #lookBehind(): ReadonlyMap<SegmentFacts, Behind> {
    const all = new Map<SegmentFacts, Behind>();
    let behind: Behind = { next: null, lowestOrigin: Number.MAX_SAFE_INTEGER };
    for (const segment of this.#used.toReversed()) {
      all.set(segment, behind);
      const { content, number } = segment;
      const origin = content?.origin ?? null;
      if (content === null || origin === null || content.header.number !== number) continue;
      if (identityOf(content.header) !== this.#identity) continue;
      const lowestOrigin = Math.min(behind.lowestOrigin, origin.segment);
      behind = { next: segment, lowestOrigin };
    }
    return all;
  }

  #limitOf(segment: SegmentFacts): number {
    const next = this.#nextOrigin(segment);
    return next === null ? Number.MAX_SAFE_INTEGER : next.endOffset;
  }

  /** Evidence behind the problem, but for what the next segment disowns: that was told to fail. */
  #collect(segment: SegmentFacts, content: SegmentContent, whole: Frames | null): void {
    const limit = this.#limitOf(segment);
    const { tail } = content;
    this.tailBytes += tail?.bytes ?? 0;
    const owned = (frames: Frames): Frames =>
      limit === Number.MAX_SAFE_INTEGER
        ? frames
        : framesWhere(frames, (frame) => frame.offset < limit);
    for (const frames of [whole ?? [], tail?.survivors ?? []].map(owned)) {
      this.survivors.join(frames);
      for (const frame of frames) {
        const isWhole = tail === null || frame.offset < tail.offset;
        if (isWhole || tail.wholeOffsets.has(frame.offset)) this.wholeSeqs.add(frame.journalSeq);
      }
    }
    if (tail !== null) this.named.join(owned(tail.named));
  }

  #stop(kind: JournalProblem['kind'], segment: SegmentFacts, offset: number, reason: string): void {
    if (this.problem !== null) return;
    const last = this.#used.filter((one) => one.content?.origin !== null).at(-1);
    const inLastSegment = kind === 'tail' && (last === undefined || last.number <= segment.number);
    this.#problem(kind, segment.number, offset, { reason, inLastSegment });
  }

  #problem(
    kind: JournalProblem['kind'],
    segment: number,
    offset: number,
    more: { readonly reason: string; readonly inLastSegment: boolean },
  ): void {
    this.problem ??= { kind, segment, offset, ...more };
  }
}

/** The name of a segment's file below the journal's directory, for findings. */
export function segmentFile(number: number): string {
  return segmentName(number);
}

function identityOf(header: SegmentHeader): string {
  return toHex(header.writer) + toHex(header.store);
}
