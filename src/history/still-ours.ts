/**
 * Whether a history still is its owner's. Somebody may have moved or replaced the file by hand, or
 * removed the lock, so that another process wrote into it: what goes in then would be nobody's, or
 * write over what was acknowledged to others. So it is asked before anything is written there.
 */
import { HoldfastError } from '../base/errors.ts';
import { fileHeaderBytes } from '../base/quantities.ts';
import { decodeHeadBlocks, encodeHead } from '../format/head.ts';
import type { Head } from '../format/head.ts';
import { isStillAt, readUpTo } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';

/** Fails with IO when the path names another file than the open one, or none. */
export async function assertNamed(fileSystem: FileSystem, file: File, path: string): Promise<void> {
  if (await isStillAt(fileSystem, file, path)) return;
  throw foreign(path, 'the file was removed or replaced while it was in use');
}

/**
 * Fails with IO when the file has a head that is none of these: the one that was read or written
 * last, and one whose writing failed and that may stand there all the same. Two rotten blocks are
 * no other owner's: they are written anew.
 */
export async function assertOwnHead(
  file: File,
  path: string,
  own: readonly (Head | null)[],
): Promise<void> {
  const { head } = decodeHeadBlocks(await readUpTo(file, 0, fileHeaderBytes));
  if ('kind' in head) return;
  const found = encodeHead(head, 0);
  const isOwn = own.some((one) => one !== null && Buffer.compare(encodeHead(one, 0), found) === 0);
  if (!isOwn) throw foreign(path, 'another process has written into it; was its LOCK removed?');
}

function foreign(path: string, what: string): HoldfastError<'IO'> {
  const message = `Cannot write into ${JSON.stringify(path)}: ${what}`;
  return new HoldfastError('IO', message, { syscall: 'fstat', errno: 'ESTALE', path });
}
