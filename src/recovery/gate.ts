/**
 * The gate: one lock for the whole store, held briefly while writers start, are recovered, or come
 * and go. Waiting for any lock is bounded, and who holds it is named.
 */
import { HoldfastError } from '../base/errors.ts';
import type { LockOwner } from '../base/errors.ts';
import type { Lock } from '../platform/locks.ts';
import type { Layout } from './layout.ts';
import type { Parts } from './parts.ts';

/** How long a lock is waited for, in ms, and what ends the wait early. */
export interface WaitOptions {
  readonly lockWaitMs: number;
  readonly signal?: AbortSignal;
}

const pollMs = 10;

/** Takes a lock within the time, or fails with LOCKED or LOCK_UNAVAILABLE. */
export async function takeLock(
  parts: Parts,
  path: string,
  what: string,
  options: WaitOptions,
): Promise<Lock> {
  const reason = parts.locks.unavailable();
  if (reason !== null) {
    throw new HoldfastError('LOCK_UNAVAILABLE', `Cannot lock ${what}: ${reason}`, { reason });
  }
  const endMs = parts.clock.monotonicMs() + options.lockWaitMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const lock = parts.locks.tryLock(path);
    if (lock !== null) return lock;
    if (parts.clock.monotonicMs() >= endMs) throw lockedError(what, path, parts.locks.owner(path));
    await parts.clock.sleep(pollMs, options.signal);
  }
}

/** True when a lock could not be taken because its directory is not there any more. */
export function isGone(error: unknown): boolean {
  return HoldfastError.is(error, 'IO') && error.details.errno === 'ENOENT';
}

/** LOCKED, naming the holder. */
export function lockedError(
  what: string,
  path: string,
  owner: LockOwner | null,
): HoldfastError<'LOCKED'> {
  const pid = owner?.pid ?? null;
  const who =
    pid === null
      ? 'another owner'
      : `process ${pid}${owner?.host ? ` on ${owner.host}` : ''}${owner?.since ? ` since ${owner.since}` : ''}`;
  return new HoldfastError(
    'LOCKED',
    `Cannot lock ${what}: ${who} holds it; close it there; reading works meanwhile`,
    { path, owner },
  );
}

/** Runs with the gate held. Nobody waits for the gate while holding a session. */
export async function withGate<T>(
  parts: Parts,
  layout: Layout,
  options: WaitOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await takeLock(parts, layout.gate, 'the store', options);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
