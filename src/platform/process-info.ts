/**
 * What tells this process from others, for lock files and reports. For people: nothing decides by
 * it.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';

/** A process, as it is named to people. */
export interface ProcessInfo {
  readonly pid: number;
  readonly host: string;
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** Changes with every boot of the machine; null where the machine does not tell it. */
  readonly bootId: string | null;
}

let bootId: string | null | undefined;

/** Reads the boot id once; the rest is asked anew, because the host may be renamed. */
export function processInfo(): ProcessInfo {
  if (bootId === undefined) bootId = readBootId();
  return { pid: process.pid, host: hostname(), platform: platformName(), bootId };
}

function platformName(): ProcessInfo['platform'] {
  const name = process.platform;
  return name === 'linux' || name === 'darwin' || name === 'win32' ? name : 'other';
}

function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null;
  } catch {
    // Not Linux, or /proc is not mounted: the id is optional everywhere.
    return null;
  }
}

/** The path from the root of the file system, without `.` and `..`. */
export function absolutePath(path: string): string {
  return resolve(path);
}
