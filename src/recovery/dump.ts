/**
 * Any file of a store as lines: its headers, its frames, and what stands between them. Reads with
 * bounded memory and changes nothing. Damage is a line like any other; only the machine's errors
 * are thrown.
 */
import { basename, resolve } from 'node:path';
import { HoldfastError } from '../base/errors.ts';
import { requirePath } from '../base/known-options.ts';
import { fileHeaderBytes, readChunkBytes } from '../base/quantities.ts';
import { endOfContent, toHex } from '../format/bytes.ts';
import { initChecksum } from '../format/checksum.ts';
import { frameBytes, isFault, keyText } from '../format/frame.ts';
import type { Frame, FrameFault, FrameHeader } from '../format/frame.ts';
import { decodeHead, soundHeadBlocks } from '../format/head.ts';
import { decodeSegmentHeader, soundHeaderBlocks } from '../format/segment-header.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { explainPayload, frameTypeName } from './dump-payload.ts';
import { decodeWriters } from './store-files.ts';

/** Which file it is, by its magic bytes; by its name when they are damaged. */
export type DumpedFile = 'segment' | 'history' | 'writers' | 'store' | 'unknown';

/** One thing that stands in a file. Offsets and sizes are bytes. */
export type DumpLine =
  | {
      readonly kind: 'file';
      readonly file: DumpedFile;
      readonly path: string;
      readonly bytes: number;
    }
  /** A header, or a small file as a whole. `fields` is null when nothing of it can be read. */
  | {
      readonly kind: 'header';
      readonly offset: number;
      readonly bytes: number;
      /** Of the two blocks of a header; null for a small file. */
      readonly soundBlocks: number | null;
      readonly fields: Readonly<Record<string, unknown>> | null;
    }
  | DumpedFrame
  /** Bytes that are no frame here. `frame` names what is lost when its header still holds. */
  | {
      readonly kind: 'damage';
      readonly offset: number;
      readonly bytes: number;
      readonly reason: string;
      readonly frame: DumpedFrame | null;
    }
  /** Everything behind this offset is scratch: it was never vouched for. */
  | { readonly kind: 'vouched-end'; readonly offset: number; readonly seq: number }
  /** Zeros up to the end of the file. */
  | { readonly kind: 'free'; readonly offset: number; readonly bytes: number };

/** A frame, with what its payload says. `detail` is null when its payload is not there. */
export interface DumpedFrame {
  readonly kind: 'frame';
  readonly offset: number;
  readonly bytes: number;
  readonly type: number;
  readonly name: string;
  readonly stream: string;
  readonly streamSeq: number;
  readonly journalSeq: number;
  readonly timeMs: number;
  readonly payloadBytes: number;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** The lines of a file. Fails with NOT_FOUND, and as the machine fails. */
export async function* dump(path: string): AsyncGenerator<DumpLine> {
  requirePath(path, 'file', 'dump the file');
  await initChecksum();
  yield* dumpFile(nodeFileSystem('pool'), resolve(path));
}

/** The same on any file system; the path is absolute. */
export async function* dumpFile(fileSystem: FileSystem, path: string): AsyncGenerator<DumpLine> {
  const found = await fileSystem.stat(path);
  if (found?.kind !== 'file') {
    const what = found === null ? 'nothing' : `a ${found.kind}`;
    throw new HoldfastError(
      'NOT_FOUND',
      `Cannot dump ${JSON.stringify(path)}: there is ${what}; name a segment or a history`,
      { what: path },
    );
  }
  const file = await fileSystem.open(path, 'read');
  try {
    const head = await readUpTo(file, 0, fileHeaderBytes);
    const kind = kindOf(head, path);
    yield { kind: 'file', file: kind, path, bytes: found.size };
    if (kind === 'segment') yield* dumpSegment(file, head, found.size);
    else if (kind === 'history') yield* dumpHistory(file, head, found.size);
    else if (kind === 'unknown') yield unreadable(found.size, 'it is no file of a store');
    else yield* dumpSmall(kind, await readUpTo(file, 0, Math.min(found.size, readChunkBytes)));
  } finally {
    await file.close();
  }
}

function kindOf(head: Uint8Array, path: string): DumpedFile {
  const magics = [0, fileHeaderBytes / 2].map((at) =>
    new TextDecoder('latin1').decode(head.subarray(at, at + 8)),
  );
  const name = basename(path);
  if (magics.includes('HOLDFAST') || name.endsWith('.segment')) return 'segment';
  if (magics.includes('HOLDHEAD') || name === 'history') return 'history';
  if (magics[0] === 'HFWRITER' || name === 'writers') return 'writers';
  return name === 'store.json' ? 'store' : 'unknown';
}

function unreadable(bytes: number, reason: string, offset = 0): DumpLine {
  return { kind: 'damage', offset, bytes: bytes - offset, reason, frame: null };
}

async function* dumpSegment(file: File, head: Uint8Array, size: number): AsyncGenerator<DumpLine> {
  const header = decodeSegmentHeader(head);
  const place = { kind: 'header', offset: 0, bytes: head.length } as const;
  const soundBlocks = soundHeaderBlocks(head);
  if ('kind' in header) {
    yield { ...place, soundBlocks, fields: 'found' in header ? { format: header.found } : null };
    const why =
      header.kind === 'newer' ? 'it has a newer format' : 'without a header there is no salt';
    yield unreadable(size, why, Math.min(size, fileHeaderBytes));
    return;
  }
  const { salt, bytes, number, createdMs, writer, store } = header;
  const ids = { writer: toHex(writer), store: toHex(store) };
  const fields = { number, bytes, createdMs, ...ids, salt: salt.toString(16) };
  yield { ...place, soundBlocks, fields };
  yield* dumpFrames(file, salt, size, null);
}

async function* dumpHistory(file: File, head: Uint8Array, size: number): AsyncGenerator<DumpLine> {
  const header = decodeHead(head);
  const place = { kind: 'header', offset: 0, bytes: head.length } as const;
  const soundBlocks = soundHeadBlocks(head);
  if ('kind' in header) {
    yield { ...place, soundBlocks, fields: 'found' in header ? { format: header.found } : null };
    const why =
      header.kind === 'newer' ? 'it has a newer format' : 'without a header there is no salt';
    yield unreadable(size, why, Math.min(size, fileHeaderBytes));
    return;
  }
  const { salt, incarnation, attached, vouched, damage, ...rest } = header;
  const fields = {
    ...rest,
    salt: salt.toString(16),
    incarnation: toHex(incarnation),
    attached: attached === null ? null : toHex(attached),
    vouchedSeq: vouched.seq,
    vouchedEnd: vouched.endOffset,
    damage: damage === null ? null : { ...damage, writer: toHex(damage.writer) },
  };
  yield { ...place, soundBlocks, fields };
  yield* dumpFrames(file, salt, size, { offset: vouched.endOffset, seq: vouched.seq });
}

async function* dumpFrames(
  file: File,
  salt: bigint,
  size: number,
  vouched: { readonly offset: number; readonly seq: number } | null,
): AsyncGenerator<DumpLine> {
  const contentEnd = await endOfFileContent(file, size);
  const cursor = new FrameCursor(file, salt, fileHeaderBytes, size);
  let told = vouched === null;
  for (;;) {
    const at = cursor.offset;
    if (vouched !== null && !told && at >= vouched.offset) {
      told = true;
      yield { kind: 'vouched-end', ...vouched };
    }
    if (at >= size) return;
    if (at >= contentEnd) {
      yield { kind: 'free', offset: at, bytes: size - at };
      return;
    }
    const found = await cursor.next();
    if (found === null) return;
    if (!isFault(found)) {
      yield dumpedFrame(found);
      continue;
    }
    // Nothing but zeros can follow the content, so the search ends with it.
    const goesOn = await cursor.resume();
    const end = goesOn ? cursor.offset : contentEnd;
    yield { ...damageOf(found), bytes: end - at };
    if (!goesOn) cursor.offset = Math.max(contentEnd, at + 1);
  }
}

/** Where the zeros begin that end the file. */
async function endOfFileContent(file: File, size: number): Promise<number> {
  for (let end = size; end > fileHeaderBytes; end -= readChunkBytes) {
    const from = Math.max(fileHeaderBytes, end - readChunkBytes);
    const bytes = await readUpTo(file, from, end - from);
    const content = endOfContent(bytes, 0);
    if (content > 0) return from + content;
  }
  return Math.min(size, fileHeaderBytes);
}

function dumpedFrame(frame: Frame): DumpedFrame {
  return { ...headOf(frame), detail: explainPayload(frame) };
}

function headOf(header: FrameHeader): Omit<DumpedFrame, 'detail'> {
  const { offset, type, streamSeq, journalSeq, timeMs, payloadBytes } = header;
  return {
    kind: 'frame',
    offset,
    bytes: frameBytes(payloadBytes),
    type,
    name: frameTypeName(type),
    stream: keyText(header),
    streamSeq,
    journalSeq,
    timeMs,
    payloadBytes,
  };
}

function damageOf(fault: FrameFault): Extract<DumpLine, { kind: 'damage' }> {
  const reasons = {
    header: 'no header of this file holds here',
    payload: 'the header holds, its payload does not',
    short: 'the header holds, its payload reaches past the end of the file',
    end: 'fewer bytes than a header',
  } as const;
  const frame = 'header' in fault ? { ...headOf(fault.header), detail: null } : null;
  return { kind: 'damage', offset: fault.offset, bytes: 0, reason: reasons[fault.kind], frame };
}

function* dumpSmall(kind: 'writers' | 'store', bytes: Uint8Array): Generator<DumpLine> {
  const place = { kind: 'header', offset: 0, bytes: bytes.length, soundBlocks: null } as const;
  if (kind === 'writers') {
    const writers = decodeWriters(bytes);
    yield { ...place, fields: writers === null ? null : { writers } };
    return;
  }
  try {
    const fields = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    yield { ...place, fields };
  } catch {
    // That it is no JSON is what the line says.
    yield { ...place, fields: null };
  }
}
