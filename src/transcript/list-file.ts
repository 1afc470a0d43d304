/** Whether a file is a list or an object, by its first byte that says anything. */
import type { ByteSource } from './byte-source.ts';

const lookBytes = 4096;

/** True for a file that begins with the bracket of a list, whatever blanks stand in front. */
export function beginsWithList(source: ByteSource): boolean {
  const head = Buffer.from(source.read(0, lookBytes)).toString('utf8');
  return /^[\uFEFF\0\s]*\[/.test(head);
}
