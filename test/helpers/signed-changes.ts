/**
 * Changes by hand that are signed again, so that every checksum holds: what a newer version, or a
 * writer with a bug, would have left.
 */
import { headerBlockBytes } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { xxh64 } from '../../src/format/checksum.ts';
import { decodeCommit } from '../../src/format/control.ts';
import { decodeFrame, isFault } from '../../src/format/frame.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import { encodeBatch } from '../../src/journal/batch.ts';
import type { LooseFrame } from '../../src/journal/batch.ts';
import { labRoot } from './recovery-lab.ts';
import type { RecoveryLab } from './recovery-lab.ts';

/** Changes one block of a header or a head, or both, and signs it again. */
export function changeBlocks(
  lab: RecoveryLab,
  path: string,
  blocks: readonly number[],
  change: (view: DataView) => void,
): void {
  lab.change(path, (bytes) => {
    for (const block of blocks) {
      const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
      const view = viewOf(part);
      change(view);
      const end = headerBlockBytes - 8;
      view.setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
    }
    return bytes;
  });
}

/** Changes members of `store.json` and signs it again. */
export function changeStoreFile(
  lab: RecoveryLab,
  members: Readonly<Record<string, unknown>>,
): void {
  lab.change(`${labRoot}/store.json`, (bytes) => {
    const { checksum: _old, ...told } = JSON.parse(new TextDecoder().decode(bytes)) as object & {
      checksum: string;
    };
    const changed = { ...told, ...members };
    const text = new TextEncoder().encode(JSON.stringify(changed));
    const checksum = xxh64(text).toString(16).padStart(16, '0');
    return new TextEncoder().encode(JSON.stringify({ ...changed, checksum }));
  });
}

/** Changes the last entry of a dead journal, in a batch of this one entry that holds as a whole. */
export function signLastBatch(
  lab: RecoveryLab,
  change: (frame: LooseFrame) => LooseFrame,
  told: { readonly durableMark?: number } = {},
): void {
  const entry = lab.entry(-1);
  const { path } = entry;
  const last = lab.commits(path).at(-1);
  lab.change(path, (bytes) => {
    const header = decodeSegmentHeader(bytes);
    if ('kind' in header) throw new Error('The header is bad');
    const file = { salt: header.salt, base: 0 };
    const frame = decodeFrame(bytes, entry.offset, file);
    const end = decodeFrame(bytes, last?.offset ?? 0, file);
    const commit = isFault(end) ? null : decodeCommit(end.payload);
    if (isFault(frame) || isFault(end) || commit === null) throw new Error('The batch is bad');
    const encoded = encodeBatch([change(frame)], {
      ...commit,
      ...told,
      salt: header.salt,
      offset: entry.offset,
      previousChecksum: commit.previousChecksum,
      timeMs: end.timeMs,
    });
    bytes.set(encoded.bytes, entry.offset);
    return bytes;
  });
}
