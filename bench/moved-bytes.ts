/** Bytes of this process's own system calls. */
import { readFileSync } from 'node:fs';

/** Since the process began; not numbers where the system does not tell. */
export interface MovedBytes {
  readonly read: number;
  readonly written: number;
}

export function movedBytes(): MovedBytes {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const value = (name: string): number =>
      Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
    return { read: value('rchar'), written: value('wchar') };
  } catch {
    // Only Linux has this file; times are measured everywhere.
    return { read: Number.NaN, written: Number.NaN };
  }
}
