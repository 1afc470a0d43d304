/**
 * Opens a session for use: from its newest base, so that its past is not read. The walk from there
 * is proven against the head like one from the beginning. When anything about the base does not
 * hold, the whole history is read instead, and what is wrong is told: a base can be made again, so
 * none is ever a reason to refuse a session.
 */
import { frameBytes } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { isEntryType } from '../format/control.ts';
import { readBase, startOf } from '../history/base-frame.ts';
import type { Base } from '../history/base-frame.ts';
import { BlockBuilder, BlockIndex } from '../history/block-index.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { nextDigest } from '../session/content-digest.ts';
import { newFold, undigested } from '../session/fold.ts';
import type { Digest } from '../session/fold.ts';
import { decodeFold } from '../session/fold-value.ts';
import { emptyVouched } from '../format/head.ts';
import { readFrom, readWhole } from './read-session.ts';
import type { DeadTail, SessionReading, WholeReading } from './read-session.ts';

/** What a handle needs to go on. */
export interface OpenReading extends Pick<SessionReading, 'fold' | 'notes'> {
  readonly index: BlockIndex;
  /** Restore points behind the base that was opened from whose bytes are damaged. */
  readonly damagedSnapshots: readonly number[];
  /** What stands in the history behind the base that was opened from, and the payload of that. */
  readonly behindBase: {
    readonly entries: number;
    readonly bytes: number;
    readonly baseBytes: number;
  };
}

/** That of a session without entries. */
export function emptyReading(): OpenReading {
  const behindBase = { entries: 0, bytes: 0, baseBytes: 0 };
  return {
    fold: newFold(),
    notes: [],
    index: new BlockIndex(null),
    damagedSnapshots: [],
    behindBase,
  };
}

/**
 * Fails only as the machine fails; what is wrong with the session is in the result. `digest` is
 * that of entries behind the base; of a history that is read whole, bases are compared.
 */
export async function openReading(
  fileSystem: FileSystem,
  path: string,
  head: Head,
  tail: DeadTail | null,
  digest?: Digest,
): Promise<OpenReading & SessionReading> {
  const file = await fileSystem.open(path, 'read');
  try {
    const base = head.baseOffset === 0 ? null : await readBase(file, head, head.baseOffset);
    return (
      (await readBehind(file, head, { base, digest }, tail)) ??
      (await readAll(file, head, tail, digest))
    );
  } finally {
    await file.close();
  }
}

/** Null when the base does not hold, or when something behind it does not. */
async function readBehind(
  file: File,
  head: Head,
  {
    base,
    digest = nextDigest,
  }: { readonly base: Base | null; readonly digest: Digest | undefined },
  tail: DeadTail | null,
): Promise<(OpenReading & SessionReading) | null> {
  if (base === null || base.place.seq > head.vouched.seq) return null;
  const fold = decodeFold(base.fold);
  if (fold === null || fold.lastSeq > base.place.seq) return null;
  const { place, notes, bytes: baseBytes } = base;
  const start = startOf(base);
  const blocks = new BlockBuilder();
  let entries = 0;
  const from = { start, fold, notes, digest };
  const reading = await readFrom(file, head, from, tail, (frame, step) => {
    if (!isEntryType(frame.type) || step.condition === 'damaged') return;
    blocks.add({ seq: frame.streamSeq, offset: frame.offset });
    entries += 1;
  });
  if (reading.walk.damage !== null || reading.undecodable.length > 0) return null;
  const index = new BlockIndex(base, blocks.blocks);
  const bytes = head.vouched.endOffset - place.offset - frameBytes(baseBytes);
  const { damagedSnapshots } = reading.walk;
  return { ...reading, index, damagedSnapshots, behindBase: { entries, bytes, baseBytes } };
}

async function readAll(
  file: File,
  head: Head,
  tail: DeadTail | null,
  digest: Digest | undefined,
): Promise<OpenReading & SessionReading> {
  if (digest === undigested && head.baseOffset === 0) {
    // Only a base knows the digest. One that the head does not name is met now and then, and then
    // all is read again, to compare it.
    const reading = await readEntries(file, head, tail, undigested);
    if (!reading.hasBases) return reading;
  }
  return readEntries(file, head, tail, nextDigest);
}

async function readEntries(
  file: File,
  head: Head,
  tail: DeadTail | null,
  digest: Digest,
): Promise<OpenReading & WholeReading> {
  const blocks = new BlockBuilder();
  let entries = 0;
  const see = (frame: Frame): void => {
    blocks.add({ seq: frame.streamSeq, offset: frame.offset });
    entries += 1;
  };
  const reading = await readWhole(file, head, tail, see, digest);
  const index = new BlockIndex(null, blocks.blocks);
  const bytes = head.vouched.endOffset - emptyVouched.endOffset;
  const { damagedSnapshots } = reading.walk;
  return { ...reading, index, damagedSnapshots, behindBase: { entries, bytes, baseBytes: 0 } };
}
