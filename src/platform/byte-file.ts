/**
 * A file that is read at any place, by calls that wait. For commands that read one large file and
 * do nothing else meanwhile; a program that serves others reads elsewhere.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HoldfastError, fromSystem } from '../base/errors.ts';

/** An open file; its size is that of the moment when it was opened. */
export interface ByteFile {
  /** Bytes. */
  readonly size: number;
  /** At most `length` bytes from `offset` on; the array is used again by the next call. */
  read(offset: number, length: number): Uint8Array;
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
  if (!stat.isFile()) {
    closeSync(fd);
    throw new HoldfastError('INVALID', `${JSON.stringify(path)} is not a file`, { path });
  }
  let room = Buffer.alloc(0);
  return {
    size: stat.size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, stat.size - offset));
      if (room.length < wanted) room = Buffer.allocUnsafe(wanted);
      let count = 0;
      while (count < wanted) {
        const more = told(() => readSync(fd, room, count, wanted - count, offset + count));
        if (more === 0) break;
        count += more;
      }
      return room.subarray(0, count);
    },
    close: () => closeSync(fd),
  };
}
