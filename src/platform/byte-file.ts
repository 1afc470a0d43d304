/**
 * A file that is read at any place, by calls that wait. For commands that read one large file and
 * do nothing else meanwhile; a program that serves others reads elsewhere.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { HoldfastError, fromSystem } from '../base/errors.ts';

/** An open file; its size is that of the moment when it was opened. */
export interface ByteFile {
  /** Bytes. */
  readonly size: number;
  /**
   * At most `length` bytes from `offset` on; the array is used again by the next call. Throws `IO`
   * when the file has fewer bytes by now than when it was opened.
   */
  read(offset: number, length: number): Uint8Array;
  /** As `read`, into an array of the caller's; how many bytes there were. */
  readInto(offset: number, into: Uint8Array): number;
  /**
   * Throws `IO` when the file is not the one that was opened any more, or was written to since:
   * then what was read of it may be a mixture. To be asked before anything is made of that.
   */
  requireUnchanged(): void;
  close(): void;
}

/** Opens a file for reading. Throws `IO` when the machine refuses, `INVALID` for a folder. */
export function openByteFile(path: string): ByteFile {
  const told = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw fromSystem(error, 'read a file', path);
    }
  };
  const fd = told(() => openSync(path, 'r'));
  const stat = told(() => fstatSync(fd));
  const before = told(() => fstatSync(fd, { bigint: true }));
  if (!stat.isFile()) {
    closeSync(fd);
    throw new HoldfastError('INVALID', `${JSON.stringify(path)} is not a file`, { path });
  }
  const readInto = (offset: number, into: Uint8Array): number => {
    const wanted = Math.max(0, Math.min(into.length, stat.size - offset));
    let count = 0;
    while (count < wanted) {
      const more = told(() => readSync(fd, into, count, wanted - count, offset + count));
      if (more === 0) throw changed(path);
      count += more;
    }
    return count;
  };
  let room = Buffer.alloc(0);
  return {
    size: stat.size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, stat.size - offset));
      if (room.length < wanted) room = Buffer.allocUnsafe(wanted);
      return room.subarray(0, readInto(offset, room.subarray(0, wanted)));
    },
    readInto,
    requireUnchanged() {
      const now = told(() => fstatSync(fd, { bigint: true }));
      const named = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (!isSame(before, now) || named === undefined || !isSame(before, named)) {
        throw changed(path);
      }
    },
    close: () => closeSync(fd),
  };
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  const isFile = one.dev === other.dev && one.ino === other.ino;
  return isFile && one.size === other.size && one.mtimeNs === other.mtimeNs;
}

function changed(path: string): HoldfastError<'IO'> {
  const message =
    `${JSON.stringify(path)} changed while it was read; ` +
    'let the program that writes it come to an end, then run this again';
  return new HoldfastError('IO', message, { syscall: 'read', errno: null, path });
}
