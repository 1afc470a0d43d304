/**
 * The text inside a LOCK file: one line of JSON that names the holder. It is written after the lock
 * is taken, never synced, and may be torn, stale or forged, so it is shown to people and decides
 * nothing.
 */
import { HoldfastError } from '../base/errors.ts';
import type { LockOwner } from '../base/errors.ts';

/** More than this is not read; the real text is well below. */
export const lockTextBytesMax = 4096;

/** What a holder writes about itself. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly sinceMs: number;
  readonly bootId: string | null;
}

/** The line that is written; well below `lockTextBytesMax`. */
export function lockText(holder: LockHolder): string {
  const { pid, host, sinceMs, bootId } = holder;
  return `${JSON.stringify({ pid, host, since: new Date(sinceMs).toISOString(), bootId })}\n`;
}

/** What can be understood of the text; null when nothing can. Never throws. */
export function parseLockText(text: string): LockOwner | null {
  const fields = parseObject(text);
  const { pid, host, since } = fields;
  const owner: LockOwner = {
    pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : null,
    host: typeof host === 'string' && printable.test(host) ? host : null,
    since: typeof since === 'string' && isoTime.test(since) ? since : null,
  };
  return owner.pid === null && owner.host === null && owner.since === null ? null : owner;
}

// The text ends up on terminals: control characters in a forged one must not get there.
const printable = /^[\x20-\x7e]{1,255}$/;
const isoTime = /^[0-9T:.+Z-]{10,40}$/;

function parseObject(text: string): {
  readonly pid?: unknown;
  readonly host?: unknown;
  readonly since?: unknown;
} {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // Torn or foreign text tells nothing, which is an answer here.
    return {};
  }
}

/**
 * The refusal of a LOCK that is a symbolic link: what is locked would stand outside of the store.
 */
export function linkRefused(path: string): HoldfastError {
  return new HoldfastError(
    'INVALID',
    `Cannot lock ${JSON.stringify(path)}: it is a symbolic link; remove the link`,
    { path },
  );
}
