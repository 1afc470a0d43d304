/**
 * Frames that only a history has, beside the entries that it took over.
 *
 * Recovered (19): recovery took entries out of a dead writer's journal. Payload, little endian:
 *   0 16 B writer, 16 u64 first kept seq, 24 u64 last kept seq (0 and 0 for none),
 *   32 u64 first seq in doubt, 40 u64 last seq in doubt (0 for none or unknown), 48 u64 bytes cut.
 * Loss (20): somebody accepted that these entries are gone. Payload: u64 first, u64 last seq.
 */
import type { SeqRange } from '../base/errors.ts';
import { getCount, setCount, viewOf } from '../format/bytes.ts';

/** What recovery did to a session, once per dead writer. */
export interface RecoveredNote {
  readonly writer: Uint8Array;
  readonly kept: SeqRange | null;
  readonly inDoubt: SeqRange | null;
  readonly cutBytes: number;
}

/** The payload of a recovered frame. */
export function encodeRecovered(note: RecoveredNote): Uint8Array {
  const bytes = new Uint8Array(56);
  const view = viewOf(bytes);
  bytes.set(note.writer, 0);
  setCount(view, 16, note.kept?.from ?? 0);
  setCount(view, 24, note.kept?.to ?? 0);
  setCount(view, 32, note.inDoubt?.from ?? 0);
  setCount(view, 40, note.inDoubt?.to ?? 0);
  setCount(view, 48, note.cutBytes);
  return bytes;
}

/** Null when the bytes are not of this layout. */
export function decodeRecovered(payload: Uint8Array): RecoveredNote | null {
  if (payload.length !== 56) return null;
  const view = viewOf(payload);
  const numbers = [16, 24, 32, 40, 48].map((at) => getCount(view, at) ?? 0);
  const [keptFrom = 0, keptTo = 0, doubtFrom = 0, doubtTo = 0, cutBytes = 0] = numbers;
  return {
    writer: payload.slice(0, 16),
    kept: keptFrom === 0 ? null : { from: keptFrom, to: keptTo },
    inDoubt: doubtFrom === 0 ? null : { from: doubtFrom, to: doubtTo === 0 ? null : doubtTo },
    cutBytes,
  };
}

/** The payload of a loss frame; both ends are included. */
export function encodeLoss(range: { readonly from: number; readonly to: number }): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  setCount(view, 0, range.from);
  setCount(view, 8, range.to);
  return bytes;
}

/** Null when the bytes are not of this layout, or the range is none. */
export function decodeLoss(
  payload: Uint8Array,
): { readonly from: number; readonly to: number } | null {
  if (payload.length !== 16) return null;
  const view = viewOf(payload);
  const [from, to] = [getCount(view, 0), getCount(view, 8)];
  return from === null || to === null || from > to ? null : { from, to };
}
