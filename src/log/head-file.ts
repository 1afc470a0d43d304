/**
 * The file `head` of a bare log: what must be there the next time. Every open begins a segment that
 * no seal names, so that without it a newest segment which vanishes as a whole would not be missed.
 * It is replaced at every open, after that segment is durable and before anything in it is
 * acknowledged.
 *
 * Little endian: 8 B "HOLDWAL\0", u16 major, u16 minor, u32 zero, 16 B id of the log, u64 number
 * of the segment, u64 last seq, u64 xxh64 of all before.
 */
import { HoldfastError } from '../base/errors.ts';
import { getCount, setCount, viewOf } from '../format/bytes.ts';
import { xxh64 } from '../format/checksum.ts';
import { formatVersion } from '../format/segment-header.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { readUpTo, writeAll } from '../platform/file-system.ts';

/** What an earlier open proved. */
export interface LogHead {
  /** 16 random bytes: the identity of the log in all of its segments, and the key of its stream. */
  readonly id: Uint8Array;
  /** A segment with this number was durable. */
  readonly segment: number;
  /** Entries up to this one were durable. */
  readonly lastSeq: number;
}

const magic = new TextEncoder().encode('HOLDWAL\0');
const headBytes = 56;
const checksumAt = headBytes - 8;

/** The head of the log in this directory; null when there is none. */
export async function readHead(fileSystem: FileSystem, directory: string): Promise<LogHead | null> {
  const path = `${directory}/head`;
  const stat = await fileSystem.stat(path);
  if (stat === null) return null;
  if (stat.kind !== 'file') throw damagedHead(path);
  const file = await fileSystem.open(path, 'read');
  try {
    return decodeHead(await readUpTo(file, 0, headBytes), path);
  } finally {
    await file.close();
  }
}

/** Replaces the head as a whole; durable when it returns. */
export async function writeHead(
  fileSystem: FileSystem,
  directory: string,
  head: LogHead,
): Promise<void> {
  const aside = `${directory}/.new-head`;
  if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
  const file = await fileSystem.create(aside);
  try {
    await writeAll(file, encodeHead(head), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(aside, `${directory}/head`);
  await fileSystem.syncDirectory(directory);
}

function encodeHead(head: LogHead): Uint8Array {
  const bytes = new Uint8Array(headBytes);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint16(8, formatVersion.major, true);
  view.setUint16(10, formatVersion.minor, true);
  bytes.set(head.id, 16);
  setCount(view, 32, head.segment);
  setCount(view, 40, head.lastSeq);
  view.setBigUint64(checksumAt, xxh64(bytes.subarray(0, checksumAt)), true);
  return bytes;
}

function decodeHead(bytes: Uint8Array, path: string): LogHead {
  const view = viewOf(bytes);
  const isSound =
    bytes.length === headBytes &&
    magic.every((byte, at) => bytes[at] === byte) &&
    view.getBigUint64(checksumAt, true) === xxh64(bytes.subarray(0, checksumAt));
  if (!isSound) throw damagedHead(path);
  const major = view.getUint16(8, true);
  if (major !== formatVersion.major) {
    const found = `${major}.${view.getUint16(10, true)}`;
    const message = `Cannot open the log: it has format ${found}; upgrade Holdfast`;
    const supported = `${formatVersion.major}.x`;
    throw new HoldfastError('NEWER_FORMAT', message, { found, supported });
  }
  const segment = getCount(view, 32);
  const lastSeq = getCount(view, 40);
  if (segment === null || lastSeq === null) throw damagedHead(path);
  return { id: bytes.slice(16, 32), segment, lastSeq };
}

function damagedHead(path: string): HoldfastError<'DAMAGED'> {
  return new HoldfastError(
    'DAMAGED',
    `Cannot open the log: ${JSON.stringify(path)} is damaged, which tells what must be there; ` +
      'move it away to open with what the segments themselves tell',
    { sessions: [], file: path, offset: 0 },
  );
}
