/**
 * A look at how a file begins, for looking at very many small files, as a listing does.
 *
 * On a file that is in the page cache its calls take a hundredth of a millisecond; to hand each of
 * them to libuv's threads takes ten times as long. So this thread makes them itself, within bounds
 * that others on its event loop do not feel:
 *
 * - After a few milliseconds the event loop gets a turn.
 * - A look that took long had to wait for the disk. Then the next ones are left to libuv's threads,
 *   more of them after every such look, until one that is tried here comes at once again.
 *
 * Looks are not made ahead of whoever asks: nothing is held, and what is told is as new as can be.
 */
import { parentOf } from './file-system.ts';
import type { Peek } from './file-system.ts';
import { Look } from './look.ts';
import { inNextTurn, monotonicMs } from './real-timers.ts';
import { settled } from './settled.ts';
import { lookCalls, poolCalls } from './system-calls.ts';
import type { LookCalls, SystemCalls } from './system-calls.ts';
import { systemError, withPath } from './system-error.ts';

/** How long looks go on without a turn of the event loop. */
const sliceMs = 4;
/** A look that took so long had to wait for the disk. */
const slowMs = 1;
/** Both ways of making calls, and the time. */
export interface PeekParts {
  readonly inline: LookCalls;
  readonly pool: SystemCalls;
  readonly nowMs: () => number;
}

const machine: PeekParts = { inline: lookCalls, pool: poolCalls, nowMs: monotonicMs };

/** Makes looks for a thread that others need as well. */
export class Peeks {
  readonly #openFlags: number;
  readonly #parts: PeekParts;
  readonly #look = new Look();
  #sliceBeganMs = 0;
  /** Where this thread's own looks go, one after the other. */
  #own = new Uint8Array(0);

  constructor(openFlags: number, parts: PeekParts = machine) {
    this.#openFlags = openFlags;
    this.#parts = parts;
  }

  /** As `FileSystem.peek` says. */
  peek<T>(path: string, bytes: number, see: (peek: Peek) => T): Promise<T> {
    const { pool, nowMs } = this.#parts;
    if (!this.#look.pays()) return this.#peekBy(pool, path, bytes).then(see);
    const isDue = nowMs() - this.#sliceBeganMs > sliceMs;
    if (isDue) return this.#peekInNextTurn(path, bytes, see);
    return settled(() => see(this.#peekNow(path, bytes)));
  }

  async #peekInNextTurn<T>(path: string, bytes: number, see: (peek: Peek) => T): Promise<T> {
    await new Promise<void>((resolve) => {
      inNextTurn(resolve);
    });
    this.#sliceBeganMs = this.#parts.nowMs();
    return see(this.#peekNow(path, bytes));
  }

  #peekNow(path: string, bytes: number): Peek {
    const { inline, nowMs } = this.#parts;
    if (this.#own.length !== bytes) this.#own = new Uint8Array(bytes);
    const beganMs = nowMs();
    try {
      return peekNow(inline, path, this.#own, this.#openFlags);
    } finally {
      if (nowMs() - beganMs > slowMs) this.#look.missed();
      else this.#look.found();
    }
  }

  /**
   * One look by these calls. The size is asked for last: what a head vouches for is written before
   * the head.
   */
  async #peekBy(calls: SystemCalls, path: string, bytes: number): Promise<Peek> {
    const holder = await calls.statLink(parentOf(path));
    if (!holder.isDirectory()) throw systemError('ENOTDIR', 'open', path);
    const fd = await calls.open(path, this.#openFlags, 0);
    try {
      const into = new Uint8Array(bytes);
      let count = 0;
      for (let more = -1; more !== 0 && count < bytes; count += more) {
        more = await calls.read(fd, into, count, bytes - count, count);
      }
      const stat = await calls.statOpen(fd);
      if (!stat.isFile()) throw systemError('EINVAL', 'open', path);
      return { bytes: into.subarray(0, count), size: Number(stat.size) };
    } catch (error) {
      throw withPath(error, path);
    } finally {
      await calls.close(fd);
    }
  }
}

/** The same look by calls that this thread waits for. */
export function peekNow(calls: LookCalls, path: string, into: Uint8Array, openFlags: number): Peek {
  if (!calls.statLink(parentOf(path)).isDirectory()) throw systemError('ENOTDIR', 'open', path);
  const fd = calls.open(path, openFlags);
  try {
    let count = 0;
    for (let more = -1; more !== 0 && count < into.length; count += more) {
      more = calls.read(fd, into, count, into.length - count, count);
    }
    const stat = calls.statOpen(fd);
    if (!stat.isFile()) throw systemError('EINVAL', 'open', path);
    return { bytes: into.subarray(0, count), size: stat.size };
  } catch (error) {
    throw withPath(error, path);
  } finally {
    calls.close(fd);
  }
}
