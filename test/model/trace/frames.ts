/** The frames in a buffer that is written to a journal or a history: their kinds and sequences. */
import { viewOf } from '../../../src/format/bytes.ts';
import { isEntryType } from '../../../src/format/control.ts';
import { frameBytes } from '../../../src/format/frame.ts';
import { streamFrameType } from '../../../src/session/frame-types.ts';

/** What the model knows of a frame. */
export interface SeenFrame {
  readonly kind: 'entry' | 'detach' | 'tombstone' | 'other';
  /** Seq in its stream. */
  readonly seq: number;
}

/** All frames of a buffer that begins with one. Zeros are none. */
export function framesIn(bytes: Uint8Array): readonly SeenFrame[] {
  const view = viewOf(bytes);
  const found: SeenFrame[] = [];
  for (let at = 0; at + 64 <= bytes.length; ) {
    const type = bytes[at + 4] ?? 0;
    if (type === 0) break;
    found.push({ kind: kindOf(type), seq: Number(view.getBigUint64(at + 24, true)) });
    at += frameBytes(view.getUint32(at, true));
  }
  return found;
}

function kindOf(type: number): SeenFrame['kind'] {
  if (isEntryType(type)) return 'entry';
  if (type === streamFrameType.detach) return 'detach';
  return type === streamFrameType.delete ? 'tombstone' : 'other';
}
