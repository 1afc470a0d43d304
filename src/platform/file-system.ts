/**
 * What the engine asks of a file system: the fewest verbs, each with its promise and with what it
 * does not promise. Everything above this file can run on a real disk, on a worker with synchronous
 * calls, or on a simulated disk that forgets what was not synced.
 *
 * Errors of the machine are thrown as system errors: an `Error` with `code` (`ENOSPC`), `syscall`
 * and `path`. No verb retries, except that EINTR is retried inside.
 */

import { systemError } from './system-error.ts';

/** Identity and size of what stands at a path. Symbolic links are told, never followed. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size: number;
  /** Device and inode: two paths are one file if and only if both are equal. */
  readonly device: bigint;
  readonly inode: bigint;
  /** 0 when the last name of an open file was removed. */
  readonly links: number;
  readonly modifiedMs: number;
  /**
   * When it was last changed in any way, in ns since 1970, by the clock of the file system, which
   * may stand still for seconds. Of a directory: when a name in it came, went or was replaced.
   */
  readonly changedNs: bigint;
}

/** A kind of thing in words that fit behind `is` and in front of `stands`. */
export function kindText(kind: FileStat['kind']): string {
  return kind === 'other' ? 'a fifo, socket or device' : `a ${kind}`;
}

/** How many bytes an unprivileged process may still write, and what kind of file system it is. */
export interface Space {
  readonly freeBytes: number;
  /** Lower-case name of the kind (`ext4`, `nfs`), or `0x…` when it is not known. */
  readonly kind: string;
}

/** An open file. All reads and writes are positional: there is no cursor to share. */
export interface File {
  readonly path: string;
  /** Fills `into` from `at`; returns fewer bytes than asked only at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>;
  /** Writes at `at` and returns how many bytes were taken: fewer than given is a success. */
  write(bytes: Uint8Array, at: number): Promise<number>;
  truncate(size: number): Promise<void>;
  /** fdatasync: content and size are durable when it returns. The name needs `syncDirectory`. */
  sync(): Promise<void>;
  stat(): Promise<FileStat>;
  /**
   * Whether the file still has a name. Cheaper than `stat` for a file that is written to: see
   * node-file.ts.
   */
  hasName(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * How a file begins, and how many bytes it has; the size is of a moment behind the reading. The
 * bytes are lent: the next look may be in the same memory.
 */
export interface Peek {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** Paths are absolute; `/` separates their parts. */
export interface FileSystem {
  /** Names in the directory, sorted by code unit. Fails with ENOENT when it is not there. */
  list(directory: string): Promise<readonly string[]>;
  /** What stands at the path itself, or null. */
  stat(path: string): Promise<FileStat | null>;
  /** The path with every symbolic link resolved. Fails with ENOENT when it is not there. */
  realPath(path: string): Promise<string>;
  /** Makes one directory, mode 0700. Fails with EEXIST. Durable after `syncDirectory(parent)`. */
  createDirectory(path: string): Promise<void>;
  /** Makes a file that must not exist yet, mode 0600, open for reading and writing. */
  create(path: string): Promise<File>;
  /** Opens a file that exists; refuses a symbolic link (ELOOP). */
  open(path: string, mode: 'read' | 'write'): Promise<File>;
  /**
   * The first bytes of a plain file, at most so many, without keeping it open: the cheapest look at
   * one of very many. Refuses what `open` refuses, and a directory that is a link (ENOTDIR). What
   * `see` makes of the look is the answer.
   */
  peek<T>(path: string, bytes: number, see: (peek: Peek) => T): Promise<T>;
  /**
   * Atomic replace of a file, or move of a directory onto a free name. Durable after syncing both
   * parents.
   */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Makes the names in the directory durable. */
  syncDirectory(path: string): Promise<void>;
  space(path: string): Promise<Space>;
}

/** Writes all of `bytes` at `at`, going on after short writes. Fails as `File.write` fails. */
export async function writeAll(file: File, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const count = await file.write(done === 0 ? bytes : bytes.subarray(done), at + done);
    // A write that takes nothing and reports no error would loop for ever; nothing rules it out.
    if (count <= 0) {
      throw Object.assign(new Error('EIO: write took no bytes'), {
        code: 'EIO',
        syscall: 'write',
        path: file.path,
      });
    }
    done += count;
  }
}

/** True while the path names this open file, and not another one or none. */
export async function isStillAt(
  fileSystem: Pick<FileSystem, 'stat'>,
  file: Pick<File, 'stat'>,
  path: string,
): Promise<boolean> {
  const [open, named] = [await file.stat(), await fileSystem.stat(path)];
  return named !== null && named.inode === open.inode && named.device === open.device;
}

/** Reads up to `length` bytes at `at`; the result is shorter only at the end of the file. */
export async function readUpTo(file: File, at: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  const count = await file.read(into, at);
  return count === length ? into : into.subarray(0, count);
}

/** The directory that a path stands in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** A peek, made of the other verbs. */
export async function peekByVerbs<T>(
  fileSystem: Omit<FileSystem, 'peek'>,
  path: string,
  bytes: number,
  see: (peek: Peek) => T,
): Promise<T> {
  const holder = await fileSystem.stat(parentOf(path));
  if (holder?.kind !== 'directory') {
    throw systemError(holder === null ? 'ENOENT' : 'ENOTDIR', 'open', path);
  }
  const file = await fileSystem.open(path, 'read');
  try {
    const found = await readUpTo(file, 0, bytes);
    return see({ bytes: found, size: (await file.stat()).size });
  } finally {
    await file.close();
  }
}
