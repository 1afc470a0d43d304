/**
 * What tells this process from others, for lock files and reports. For people: nothing decides by
 * it.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { errnoOf } from '../base/errors.ts';

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

/** Whether there is such a process. Signal 0 only asks; one that may not be asked is one. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}

/** How much the machine has to do. */
export interface MachineLoad {
  /** Runnable threads, as an average of the last minute; 0 where the machine does not tell it. */
  readonly loadAverage: number;
  readonly processors: number;
}

/** The load of the last minute, as it is now. */
export function machineLoad(): MachineLoad {
  return { loadAverage: loadavg()[0] ?? 0, processors: availableParallelism() };
}

/** The path from the root of the file system, without `.` and `..`. */
export function absolutePath(path: string): string {
  return resolve(path);
}
