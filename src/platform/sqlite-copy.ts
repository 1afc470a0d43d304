/**
 * Copies of databases that SQLite cannot read without writing beside them: in write-ahead mode it
 * makes an index file, and a journal of a crash is rolled back into the database.
 */
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../base/errors.ts';

/** A copy that is nobody else's. */
export interface DatabaseCopy {
  readonly path: string;
  remove(): void;
}

/** Bytes 18 and 19 of the header are 2 in write-ahead mode. */
const headerBytes = 20;
const writeAhead = 2;

/** How often a copy is made again because somebody wrote meanwhile. */
const attempts = 5;

/** What SQLite may have beside a database; its index of the log is made anew. */
const companions = ['-wal', '-journal'] as const;

/** True for a database that cannot be read where it is without a trace. */
export function needsCopy(path: string): boolean {
  const header = Buffer.alloc(headerBytes);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, header, 0, headerBytes, 0);
  } finally {
    closeSync(fd);
  }
  const inWriteAheadMode = header[18] === writeAhead || header[19] === writeAhead;
  return inWriteAheadMode || companions.some((name) => sizeOf(path + name) > 0);
}

/** Copies a database as one moment shows it. Throws `LOCKED` when it changes all the time. */
export function copyDatabase(path: string): DatabaseCopy {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'));
  const copy = { path: join(folder, 'copy.db'), remove: () => removeFolder(folder) };
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const before = stateOf(path);
      for (const name of ['', ...companions]) {
        rmSync(copy.path + name, { force: true });
        if (!existsSync(path + name)) continue;
        // A file system that can gives the same blocks to both.
        copyFileSync(path + name, copy.path + name, constants.COPYFILE_FICLONE);
        chmodSync(copy.path + name, 0o600);
      }
      if (stateOf(path) === before) return copy;
    }
  } catch (error) {
    copy.remove();
    throw error;
  }
  copy.remove();
  throw new HoldfastError(
    'LOCKED',
    `${JSON.stringify(path)} was written to each time it was copied; stop its tool and try again`,
    { path, owner: null },
  );
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Changes whenever one of the files does. */
function stateOf(path: string): string {
  return ['', ...companions]
    .map((name) => statSync(path + name, { throwIfNoEntry: false, bigint: true }))
    .map((stat) => `${stat?.ino ?? 0}:${stat?.size ?? 0}:${stat?.mtimeNs ?? 0}`)
    .join();
}
