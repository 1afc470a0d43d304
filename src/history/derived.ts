/**
 * Frames that can be lost without losing anything of a conversation: bases, which are made again,
 * and restore points. What tells that a damaged frame was one of them is its own header, or, when
 * that is damaged too, the directory of its batch.
 */
import { batchBytesMax, batchFramesMax } from '../base/quantities.ts';
import { decodeCommit, frameType, ignorableBit, isControlType } from '../format/control.ts';
import type { DirectoryEntry } from '../format/control.ts';
import { frameBytes, isFault } from '../format/frame.ts';
import type { Frame, FrameFault } from '../format/frame.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import { Waste } from '../journal/waste.ts';
import type { File } from '../platform/file-system.ts';

/** True for types that say themselves that a reader may do without. */
export function isDerivedType(type: number): boolean {
  return (type & ignorableBit) !== 0 && !isControlType(type);
}

/** True for a damaged payload under the sound header of such a frame. */
export function isDerived(
  fault: FrameFault,
): fault is Extract<FrameFault, { readonly kind: 'payload' }> {
  return fault.kind === 'payload' && isDerivedType(fault.header.type);
}

/**
 * The frames that stood between two offsets, of which nothing is legible: all that the commit
 * behind them names and that does not stand behind the gap. Their headers have no checksum, journal
 * seq and time. Null when the commit does not tell, or when one of them was more than derived.
 */
export async function derivedInGap(
  file: File,
  place: { readonly salt: bigint; readonly end: number },
  gap: { readonly from: number; readonly to: number },
  waste: Waste = new Waste(),
): Promise<readonly Frame[] | null> {
  // Its commit stands no further behind than a batch is long.
  const end = Math.min(place.end, gap.to + batchBytesMax);
  const cursor = new FrameCursor(file, place.salt, gap.to, end, waste);
  for (let behind = 0; behind <= batchFramesMax && !waste.isSpent; behind += 1) {
    const found = await cursor.next();
    if (found === null) return null;
    if (isFault(found)) {
      if (found.kind !== 'payload') return null;
      cursor.offset += frameBytes(found.header.payloadBytes);
    } else if (found.type === frameType.commit) {
      const directory = decodeCommit(found.payload)?.directory ?? [];
      return fitting(directory.slice(0, Math.max(0, directory.length - behind)), gap);
    } else waste.spend(frameBytes(found.payload.length));
  }
  return null;
}

/** The last of these frames, as many as fill the gap to the byte. */
function fitting(
  directory: readonly DirectoryEntry[],
  gap: { readonly from: number; readonly to: number },
): readonly Frame[] | null {
  const frames: Frame[] = [];
  let offset = gap.to;
  for (const entry of [...directory].reverse()) {
    if (offset <= gap.from) break;
    if (!isDerivedType(entry.type)) return null;
    offset -= frameBytes(entry.payloadBytes);
    const unknown = { journalSeq: 0, timeMs: 0, checksum: 0n, payload: new Uint8Array(0) };
    frames.unshift({ ...entry, ...unknown, offset });
  }
  return offset === gap.from ? frames : null;
}
