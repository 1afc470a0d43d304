/**
 * A history written anew beside the old one, and put in its place: a sync of the old file failed,
 * so it is never relied on again.
 */
import { fileHeaderBytes, headerBlockBytes, readChunkBytes } from '../base/quantities.ts';
import { HoldfastError } from '../base/errors.ts';
import { sameBytes } from '../format/bytes.ts';
import { encodeHead } from '../format/head.ts';
import type { Head } from '../format/head.ts';
import { parentOf, readUpTo, writeAll } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { walkHistory } from './history-walk.ts';

/** The old file, what its head said, and where it stands. */
interface OldHistory {
  readonly path: string;
  readonly file: File;
  readonly head: Head;
}

/**
 * The vouched part in a new file, synced, in the old one's place; then the directory, before all
 * else. What had rotted before is copied as it was: whoever reads the session hears of it, salvage
 * has the bytes, and no other session waits for it. Fails with IO; the old file may still be there,
 * or be there again after power loss.
 */
export async function copyHistory(
  fileSystem: FileSystem,
  old: OldHistory,
): Promise<{ readonly file: File; readonly head: Head }> {
  const { path } = old;
  const generation = old.head.generation + 1;
  const aside = `${path}.new-${generation}`;
  if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
  const file = await fileSystem.create(aside);
  // A sync of the name that fails is not repeated: the next one may succeed and mean nothing. So
  // whoever opens this file, also after we have died, builds it anew once more.
  const number = old.head.number + 1;
  const head: Head = { ...old.head, generation, number, isNameUnproven: true };
  try {
    await writeAll(file, encodeHead(head, 0), 0);
    await writeAll(file, encodeHead(head, 1), headerBlockBytes);
    await copyVouched(old, file);
    await file.sync();
    const start = { offset: fileHeaderBytes, seq: 0, chain: 0n, batchChecksum: 0n };
    const { damage } = await walkHistory(file, head, start, () => undefined);
    const wrong = damage === null ? null : await firstDifference(old, file);
    if (wrong !== null) throw readsBackWrong(path, wrong);
    await fileSystem.rename(aside, path);
    await fileSystem.syncDirectory(parentOf(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { file, head };
}

/** What settling wrote is not what comes back. */
export function readsBackWrong(path: string, offset: number): HoldfastError<'IO'> {
  return new HoldfastError(
    'IO',
    `Cannot settle into ${JSON.stringify(path)}: what was written reads back ` +
      `differently at offset ${offset}; check the disk`,
    { syscall: 'read', errno: 'EIO', path },
  );
}

/** Chunks of the vouched part with their offsets; shorter where the file ends before it. */
async function* vouchedChunks({ file, head }: OldHistory): AsyncGenerator<[number, Uint8Array]> {
  const end = head.vouched.endOffset;
  for (let at = fileHeaderBytes; at < end; at += readChunkBytes) {
    yield [at, await readUpTo(file, at, Math.min(readChunkBytes, end - at))];
  }
}

async function copyVouched(old: OldHistory, to: File): Promise<void> {
  for await (const [at, chunk] of vouchedChunks(old)) await writeAll(to, chunk, at);
}

/** Where a chunk of the copy is not what stands in the old file; null when all of it is. */
async function firstDifference(old: OldHistory, copy: File): Promise<number | null> {
  for await (const [at, chunk] of vouchedChunks(old)) {
    if (!sameBytes(chunk, await readUpTo(copy, at, chunk.length))) return at;
  }
  return null;
}
