/**
 * Kills a process in the middle of a write to its journal: segments are filled with zeros before they
 * are used, so the first byte that is not zero behind the known content belongs to a batch that is on
 * its way. A write of megabytes takes a millisecond or two, so the looks follow each other closely.
 */
import * as fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { endOfContent } from '../../src/format/bytes.ts';
import { parseLockText } from '../../src/platform/lock-text.ts';

/** Between them, whatever else the test has to do gets its turn: feeding the process, above all. */
const looksPerTurn = 40;

/**
 * Calls `kill` as soon as the process has written so many bytes behind what stands there now. False
 * when it did not within the time.
 */
export async function killInWrite(
  root: string,
  pid: number,
  kill: () => void,
  limits: { readonly depthBytes: number; readonly waitMs: number },
): Promise<boolean> {
  const directory = journalOf(root, pid);
  if (directory === null) return false;
  const untilMs = performance.now() + limits.waitMs;
  const segments = new Map<string, Segment>();
  lookForSegments(directory, segments, contentEnd);
  try {
    while (performance.now() < untilMs) {
      for (let look = 0; look < looksPerTurn; look += 1) {
        for (const segment of segments.values()) {
          if (!isWritten(segment, limits.depthBytes)) continue;
          kill();
          return true;
        }
      }
      await setImmediate();
      // What comes while it is watched for holds nothing yet.
      lookForSegments(directory, segments, () => fileHeaderBytes);
    }
    return false;
  } finally {
    for (const { fd } of segments.values()) fs.closeSync(fd);
  }
}

interface Segment {
  readonly inode: number;
  readonly fd: number;
  /** Where its content ended when it was seen first. */
  readonly end: number;
}

/** The journal whose lock names this process. */
function journalOf(root: string, pid: number): string | null {
  for (const name of fs.readdirSync(`${root}/journals`)) {
    const directory = `${root}/journals/${name}`;
    const text = unlessGone(() => fs.readFileSync(`${directory}/LOCK`, 'utf8'));
    if (text !== null && parseLockText(text)?.pid === pid) return directory;
  }
  return null;
}

/** One that was made ahead may be replaced by a larger one of the same name. */
function lookForSegments(
  directory: string,
  segments: Map<string, Segment>,
  endOf: (fd: number) => number,
): void {
  const names = unlessGone(() => fs.readdirSync(directory)) ?? [];
  for (const name of names.filter((one) => one.endsWith('.segment'))) {
    const path = `${directory}/${name}`;
    const known = segments.get(name);
    const inode = unlessGone(() => fs.statSync(path).ino);
    if (inode === null || inode === known?.inode) continue;
    const fd = unlessGone(() => fs.openSync(path, 'r'));
    if (fd === null) continue;
    if (known !== undefined) fs.closeSync(known.fd);
    segments.set(name, { inode: fs.fstatSync(fd).ino, fd, end: endOf(fd) });
  }
}

function contentEnd(fd: number): number {
  const bytes = new Uint8Array(fs.fstatSync(fd).size);
  fs.readSync(fd, bytes, 0, bytes.length, 0);
  return endOfContent(bytes, fileHeaderBytes);
}

function isWritten({ fd, end }: Segment, depthBytes: number): boolean {
  const bytes = new Uint8Array(64);
  fs.readSync(fd, bytes, 0, bytes.length, end + depthBytes);
  return bytes.some((byte) => byte !== 0);
}

/** Journals and segments come and go. */
function unlessGone<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
