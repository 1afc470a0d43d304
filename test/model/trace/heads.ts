/** What a recorder reads of the head of a history. */
import { headerBlockBytes, fileHeaderBytes } from '../../../src/base/quantities.ts';
import { toHex } from '../../../src/format/bytes.ts';
import { decodeHead } from '../../../src/format/head.ts';
import type { Head } from '../../../src/format/head.ts';

/** The head in the first block of a history. */
export function headIn(bytes: Uint8Array): Head {
  const both = new Uint8Array(fileHeaderBytes);
  both.set(bytes.subarray(0, headerBlockBytes));
  const head = decodeHead(both);
  if ('kind' in head) throw new Error('The recorder cannot read a head');
  return head;
}

/** Which life of its session a history belongs to. */
export function incarnationIn(bytes: Uint8Array): string {
  return toHex(headIn(bytes).incarnation);
}
