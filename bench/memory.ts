/** How much memory this process has, and has had. */
import { readFileSync, writeFileSync } from 'node:fs';

const mebi = 1024 * 1024;

/** Resident now. */
export function rssMiB(): number {
  return process.memoryUsage.rss() / mebi;
}

/** Makes Linux forget the peak so far; elsewhere the peak stays that of the whole process. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: the peak is then too high and never too low.
  }
}

/** The most that was resident since `forgetPeak`. */
export function peakRssMiB(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const kibi = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
    if (kibi > 0) return kibi / 1024;
  } catch {
    // Only Linux has this file.
  }
  return process.resourceUsage().maxRSS / 1024;
}
