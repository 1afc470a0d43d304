/**
 * What stands in the write-ahead log of a database (`-wal`) and is not read. SQLite reads the log
 * up to the first frame that does not fit, and passes over the rest in silence. Frames of an older
 * log behind it are no loss: their salts are others, which change with each new beginning of it.
 *
 * Limit: of a log that was cut off just behind a transaction nothing tells that there was more.
 */
import { openByteFile } from '../platform/byte-file.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';

/** What of a log is not read. */
export interface LogTail {
  /**
   * `header`: the log does not begin as one does, and nothing of it is read; `committed`: whole
   * transactions stand behind damage; `unfinished`: the last transaction did not come to its end.
   */
  readonly kind: 'header' | 'committed' | 'unfinished';
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

const headerBytes = 32;
const frameHeaderBytes = 24;
/** Of a frame that is cut off, where its salts end. */
const saltsEnd = 16;
const magic = 0x377f0682;

/** What of these bytes of a log SQLite does not read; null when it reads all that counts. */
export function logTail(source: ByteSource): LogTail | null {
  const { size } = source;
  if (size <= headerBytes) return null;
  const log = headerOf(source);
  if (log === null) return { kind: 'header', offset: 0, length: size };
  const { read, bad } = framesRead(source, log);
  let end = read;
  let committed = false;
  let isRow = true;
  for (let at = read; at + saltsEnd <= size; at += log.frame) {
    const view = viewOf(source, at, frameHeaderBytes);
    const isOwn = view.getUint32(8) === log.salts[0] && view.getUint32(12) === log.salts[1];
    isRow &&= isOwn;
    if (isRow) end = Math.min(size, at + log.frame);
    // The first one that does not fit may be the last that was written, and not to its end.
    if (isOwn && at > bad && at + log.frame <= size && view.getUint32(4) !== 0) committed = true;
  }
  if (committed) return { kind: 'committed', offset: bad, length: size - bad };
  return end === read ? null : { kind: 'unfinished', offset: read, length: end - read };
}

interface LogHeader {
  readonly littleEndian: boolean;
  readonly salts: readonly [number, number];
  readonly sums: Sums;
  /** Bytes of a frame: its header and a page. */
  readonly frame: number;
}

type Sums = readonly [number, number];

function headerOf(source: ByteSource): LogHeader | null {
  const view = viewOf(source, 0, headerBytes);
  const kind = view.getUint32(0);
  const page = view.getUint32(8);
  const isPage = page >= 512 && page <= 65_536 && (page & (page - 1)) === 0;
  if ((kind & ~1) !== magic || !isPage) return null;
  const littleEndian = kind === magic;
  const sums = summed([0, 0], view, 0, headerBytes - 8, littleEndian);
  if (sums[0] !== view.getUint32(24) || sums[1] !== view.getUint32(28)) return null;
  const salts = [view.getUint32(16), view.getUint32(20)] as const;
  return { littleEndian, salts, sums, frame: frameHeaderBytes + page };
}

/** Where the last transaction ends that is read, and where the first frame stands that is not. */
function framesRead(
  source: ByteSource,
  { littleEndian, salts, sums, frame }: LogHeader,
): { readonly read: number; readonly bad: number } {
  let read = headerBytes;
  let at = headerBytes;
  let now = sums;
  for (; at + frame <= source.size; at += frame) {
    const view = viewOf(source, at, frame);
    const isOwn = view.getUint32(8) === salts[0] && view.getUint32(12) === salts[1];
    if (!isOwn || view.getUint32(0) === 0) break;
    now = summed(now, view, 0, 8, littleEndian);
    now = summed(now, view, frameHeaderBytes, frame, littleEndian);
    if (now[0] !== view.getUint32(16) || now[1] !== view.getUint32(20)) break;
    if (view.getUint32(4) !== 0) read = at + frame;
  }
  return { read, bad: at };
}

/** The checksum of SQLite, over words from `from` to `to`. */
function summed(sums: Sums, view: DataView, from: number, to: number, littleEndian: boolean): Sums {
  let [one, two] = sums;
  for (let at = from; at < to; at += 8) {
    one = (one + view.getUint32(at, littleEndian) + two) >>> 0;
    two = (two + view.getUint32(at + 4, littleEndian) + one) >>> 0;
  }
  return [one, two];
}

/** Bytes that are not there are zero. */
function viewOf(source: ByteSource, offset: number, length: number): DataView {
  const bytes = source.read(offset, length);
  if (bytes.length === length) return new DataView(bytes.buffer, bytes.byteOffset, length);
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return new DataView(padded.buffer);
}

const attempts = 3;

/** As `logTail`, for the log of the database at this path; null when there is none. */
export function logTailBeside(path: string): LogTail | null {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    try {
      const file = openByteFile(`${path}-wal`);
      try {
        const tail = logTail(file);
        if (tail !== null) file.requireUnchanged();
        return tail;
      } finally {
        file.close();
      }
    } catch {
      // There is no log, or its tool writes it now: what it has not finished yet is no damage.
    }
  }
  return null;
}

const again =
  'Copy the database and its -wal file again while the tool is stopped, or take a backup.';

/** What is told of it in every session: nobody knows whose words they are. */
export function logFinding({ kind, offset, length }: LogTail): TranscriptFinding {
  const nowhere = { place: null, messageIndex: null, blockIndex: null, callId: null };
  if (kind === 'unfinished') {
    const meaning =
      `The -wal file of the database has ${length} bytes behind its last whole transaction (byte ` +
      `${offset}), which are not read: the tool was stopped while it wrote, or the file was not ` +
      'copied to its end.';
    return { code: 'TORN_RECORD', severity: 'warning', ...nowhere, meaning, fix: again };
  }
  const meaning =
    kind === 'header'
      ? 'The -wal file of the database does not begin as one does, and nothing of it is read: ' +
        `${length} bytes.`
      : `The -wal file of the database is damaged at byte ${offset}: whole transactions stand ` +
        `behind it, and nothing of these ${length} bytes is read.`;
  return { code: 'MALFORMED_RECORD', severity: 'error', ...nowhere, meaning, fix: again };
}
