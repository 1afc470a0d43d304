/** What stands in a history: its bases, and its state read from the last of them or from the start. */
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { decodeHead, encodeHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import type { BlockIndex } from '../../src/history/block-index.ts';
import type { FileSystem } from '../../src/platform/file-system.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { openReading } from '../../src/recovery/open-reading.ts';
import { readSession } from '../../src/recovery/read-session.ts';
import type { SessionReading } from '../../src/recovery/read-session.ts';
import { encodeFold } from '../../src/session/fold-value.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { simRoot } from './sim-store.ts';

/** The history of a session on a simulated disk. */
export function historyOf(id: string): string {
  return `${simRoot}/sessions/${id}/history`;
}

export function headOf(disk: SimDisk, id = 's'): Head {
  const head = decodeHead(disk.readFile(historyOf(id)));
  if ('kind' in head) throw new Error('The head is bad');
  return head;
}

/** Writes both blocks of the head anew, by hand. */
export function changeHead(disk: SimDisk, change: Partial<Head>, id = 's'): void {
  const bytes = disk.readFile(historyOf(id));
  const head = { ...headOf(disk, id), ...change };
  bytes.set(encodeHead(head, 0), 0);
  bytes.set(encodeHead(head, 1), fileHeaderBytes / 2);
  disk.writeFile(historyOf(id), bytes);
}

/** The frames of a history up to its vouched end, or to the first that is bad. */
export function framesOf(disk: SimDisk, id = 's'): readonly Frame[] {
  const [bytes, head] = [disk.readFile(historyOf(id)), headOf(disk, id)];
  const frames: Frame[] = [];
  for (let at = fileHeaderBytes; at < head.vouched.endOffset; ) {
    const frame = decodeFrame(bytes, at, { salt: head.salt, base: 0 });
    if (isFault(frame)) break;
    frames.push(frame);
    at += frameBytes(frame.payload.length);
  }
  return frames;
}

export function basesOf(disk: SimDisk, id = 's'): readonly Frame[] {
  return framesOf(disk, id).filter((frame) => frame.type === streamFrameType.base);
}

/** What a reading knows, in a form that can be compared. */
export function known(reading: SessionReading): unknown {
  const fold = Buffer.from(encodeFold(reading.fold)).toString('hex');
  return { fold, notes: reading.notes, undecodable: reading.undecodable };
}

/** The session as whoever opens it has it, and as it is when every entry is read. */
export async function bothReadings(
  fileSystem: FileSystem,
  disk: SimDisk,
  id = 's',
): Promise<{ opened: SessionReading & { index: BlockIndex }; whole: SessionReading }> {
  const [path, head] = [historyOf(id), headOf(disk, id)];
  return {
    opened: await openReading(fileSystem, path, head, null),
    whole: await readSession(fileSystem, path, head, null),
  };
}
