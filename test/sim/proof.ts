/**
 * Which entries the bytes of a disk prove to have been durable, found by a plain walk that knows nothing
 * of verdicts: what a head vouches for, and what stands at or below the highest mark of a journal.
 */
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { toHex } from '../../src/format/bytes.ts';
import { decodeCommit, decodeControl, frameType, isEntryType } from '../../src/format/control.ts';
import { isControlType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault, keyText } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { decodeHead } from '../../src/format/head.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';

/** A place whose byte is about to change: what says so there is no evidence any more. */
interface Harmed {
  readonly path: string;
  readonly at: number;
}

/** The highest proven seq of each session, by id. */
export function provenSeqs(disk: SimDisk, harmed: Harmed): ReadonlyMap<string, number> {
  const proven = new Map<string, number>();
  const names = new Map<string, string>();
  const paths = disk.paths();
  for (const path of paths.filter((one) => /\/sessions\/[^./]+\/history$/.test(one))) {
    const head = decodeHead(disk.readFile(path));
    if ('kind' in head) continue;
    names.set(toHex(head.incarnation), head.sessionId);
    proven.set(head.sessionId, head.vouched.seq);
  }
  const directories = new Set(paths.filter(isSegment).map((path) => path.slice(0, -18)));
  for (const directory of directories) {
    const segments = paths.filter((path) => isSegment(path) && path.startsWith(directory));
    const frames = segments.flatMap((path) => soundFrames(disk, path, harmed));
    const mark = Math.max(
      0,
      ...frames.map(({ frame, isHarmed }) => (isHarmed ? 0 : markOf(frame))),
    );
    for (const { frame } of frames) {
      const id = isEntryType(frame.type) ? names.get(keyText(frame)) : undefined;
      if (id === undefined || frame.journalSeq > mark) continue;
      proven.set(id, Math.max(proven.get(id) ?? 0, frame.streamSeq));
    }
  }
  return proven;
}

function isSegment(path: string): boolean {
  return path.includes('/journals/') && /\/\d{10}\.segment$/.test(path);
}

/** Frames of a segment that follow each other, and whether each is about to be harmed. */
function soundFrames(
  disk: SimDisk,
  path: string,
  harmed: Harmed,
): { readonly frame: Frame; readonly isHarmed: boolean }[] {
  const bytes = disk.readFile(path);
  const header = decodeSegmentHeader(bytes);
  if ('kind' in header) return [];
  const frames: { readonly frame: Frame; readonly isHarmed: boolean }[] = [];
  for (let at = fileHeaderBytes; ; ) {
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 });
    if (isFault(frame)) return frames;
    const end = at + frameBytes(frame.payload.length);
    const isHarmed = path === harmed.path && harmed.at >= at && harmed.at < end;
    frames.push({ frame, isHarmed });
    at = end;
  }
}

function markOf(frame: Frame): number {
  if (frame.type === frameType.commit) return decodeCommit(frame.payload)?.durableMark ?? 0;
  return isControlType(frame.type) ? (decodeControl(frame.payload)?.durableMark ?? 0) : 0;
}
