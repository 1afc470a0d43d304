/**
 * The system calls that the engine uses, each as a promise, in two ways of making them:
 *
 * - `pool`: libuv's threads make the call and the event loop stays free meanwhile.
 * - `inline`: this thread makes the call and waits. For a thread that has nothing else to do: no
 *   hand-over to the pool, and no waiting behind whatever the program has put into the pool.
 *
 * Only numeric descriptors, never a FileHandle: a collected FileHandle closes its descriptor, and
 * with it frees a lock. Node opens everything with O_CLOEXEC, so no child inherits a descriptor. A
 * call that a signal interrupts (EINTR) is made again, except close, where the descriptor is gone
 * already.
 *
 * On macOS, libuv turns both fsync and fdatasync into F_FULLFSYNC, which reaches the medium.
 */
import * as fs from 'node:fs';
import type { BigIntStats, BigIntStatsFs, Stats } from 'node:fs';
import { settled } from './settled.ts';

/** `at` is always a position in the file; no call moves a cursor. */
export interface SystemCalls {
  open(path: string, flags: number, mode: number): Promise<number>;
  close(fd: number): Promise<void>;
  read(fd: number, into: Uint8Array, offset: number, length: number, at: number): Promise<number>;
  write(fd: number, bytes: Uint8Array, length: number, at: number): Promise<number>;
  truncate(fd: number, size: number): Promise<void>;
  syncData(fd: number): Promise<void>;
  syncAll(fd: number): Promise<void>;
  statOpen(fd: number): Promise<BigIntStats>;
  statLink(path: string): Promise<BigIntStats>;
  list(path: string): Promise<string[]>;
  realPath(path: string): Promise<string>;
  readLink(path: string): Promise<string>;
  makeDirectory(path: string, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  space(path: string): Promise<BigIntStatsFs>;
}

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/** Makes a call with a callback into a promise, calling again as long as it fails with EINTR. */
export function pooled<T = void>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const attempt = (): void =>
      start((error, value) => {
        if (!error) resolve(value);
        else if (error.code === 'EINTR') attempt();
        else reject(error);
      });
    attempt();
  });
}

/**
 * Makes a synchronous call, again as long as it fails with EINTR; the promise is settled at once.
 */
export function inline<T>(call: () => T): Promise<T> {
  return settled(() => uninterrupted(call));
}

function uninterrupted<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      // Nothing happened but a signal: the same call is due again.
      if ((error as NodeJS.ErrnoException).code !== 'EINTR') throw error;
    }
  }
}

/** Calls that libuv's threads make. */
export const poolCalls: SystemCalls = {
  open: (path, flags, mode) => pooled((done) => fs.open(path, flags, mode, done)),
  close: (fd) =>
    new Promise((resolve, reject) => fs.close(fd, (error) => (error ? reject(error) : resolve()))),
  read: (fd, into, offset, length, at) =>
    pooled((done) => fs.read(fd, into, offset, length, at, done)),
  write: (fd, bytes, length, at) => pooled((done) => fs.write(fd, bytes, 0, length, at, done)),
  truncate: (fd, size) => pooled((done) => fs.ftruncate(fd, size, done as fs.NoParamCallback)),
  syncData: (fd) => pooled((done) => fs.fdatasync(fd, done as fs.NoParamCallback)),
  syncAll: (fd) => pooled((done) => fs.fsync(fd, done as fs.NoParamCallback)),
  statOpen: (fd) => pooled((done) => fs.fstat(fd, { bigint: true }, done)),
  statLink: (path) => pooled((done) => fs.lstat(path, { bigint: true }, done)),
  list: (path) => pooled((done) => fs.readdir(path, done)),
  realPath: (path) => pooled((done) => fs.realpath.native(path, done)),
  readLink: (path) => pooled((done) => fs.readlink(path, done)),
  makeDirectory: (path, mode) => pooled((done) => fs.mkdir(path, mode, done as fs.NoParamCallback)),
  rename: (from, to) => pooled((done) => fs.rename(from, to, done as fs.NoParamCallback)),
  unlink: (path) => pooled((done) => fs.unlink(path, done as fs.NoParamCallback)),
  removeDirectory: (path) => pooled((done) => fs.rmdir(path, done as fs.NoParamCallback)),
  space: (path) => pooled((done) => fs.statfs(path, { bigint: true }, done)),
};

/** Calls that this thread makes; each promise is settled when the function returns. */
export const inlineCalls: SystemCalls = {
  open: (path, flags, mode) => inline(() => fs.openSync(path, flags, mode)),
  close: (fd) => settled(() => fs.closeSync(fd)),
  read: (fd, into, offset, length, at) => inline(() => fs.readSync(fd, into, offset, length, at)),
  write: (fd, bytes, length, at) => inline(() => fs.writeSync(fd, bytes, 0, length, at)),
  truncate: (fd, size) => inline(() => fs.ftruncateSync(fd, size)),
  syncData: (fd) => inline(() => fs.fdatasyncSync(fd)),
  syncAll: (fd) => inline(() => fs.fsyncSync(fd)),
  statOpen: (fd) => inline(() => fs.fstatSync(fd, { bigint: true })),
  statLink: (path) => inline(() => fs.lstatSync(path, { bigint: true })),
  list: (path) => inline(() => fs.readdirSync(path)),
  realPath: (path) => inline(() => fs.realpathSync.native(path)),
  readLink: (path) => inline(() => fs.readlinkSync(path)),
  makeDirectory: (path, mode) => inline(() => fs.mkdirSync(path, mode)),
  rename: (from, to) => inline(() => fs.renameSync(from, to)),
  unlink: (path) => inline(() => fs.unlinkSync(path)),
  removeDirectory: (path) => inline(() => fs.rmdirSync(path)),
  space: (path) => inline(() => fs.statfsSync(path, { bigint: true })),
};

/**
 * What a look at the beginning of a file takes, without promises: for whoever looks at so many that
 * the promises of each cost as much as its calls.
 */
export interface LookCalls {
  open(path: string, flags: number): number;
  close(fd: number): void;
  read(fd: number, into: Uint8Array, offset: number, length: number, at: number): number;
  statOpen(fd: number): Stats;
  statLink(path: string): Stats;
}

/** Such calls on this machine. */
export const lookCalls: LookCalls = {
  open: (path, flags) => uninterrupted(() => fs.openSync(path, flags)),
  close: (fd) => fs.closeSync(fd),
  read: (fd, into, offset, length, at) =>
    uninterrupted(() => fs.readSync(fd, into, offset, length, at)),
  statOpen: (fd) => uninterrupted(() => fs.fstatSync(fd)),
  statLink: (path) => uninterrupted(() => fs.lstatSync(path)),
};
