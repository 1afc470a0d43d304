/**
 * Settings of a bare log and of its verbs, and the one place that checks them. What is out of
 * bounds is refused before anything is touched.
 */
import type { SeqRange } from '../base/errors.ts';
import { HoldfastError } from '../base/errors.ts';
import {
  lockWaitMsDefault,
  segmentBytesFirst,
  segmentBytesMax,
  segmentBytesMin,
  syncDelayMsDefault,
  syncDelayMsMax,
  syncEntriesDefault,
  syncEntriesMax,
} from '../base/quantities.ts';
import { copyOf, requireKinds } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';
import { aligned } from '../format/bytes.ts';
import { requireAllowed } from '../recovery/safe-file-system.ts';

/** Settings of `Wal.open`. What is left out takes its default; out of bounds is refused. */
export interface WalOptions {
  /**
   * `write` (default) takes the lock and starts a writer; `read` takes none, changes nothing, and
   * also opens a damaged log: see `WalRecovery.damage`.
   */
  readonly mode?: 'write' | 'read';
  /**
   * Ceiling on how long a batched entry waits for its sync to begin. 1 to 60000 ms, default 100.
   */
  readonly syncDelayMsMax?: number;
  /** Ceiling on acknowledged but unsynced batched entries. 1 to 100000, default 10. */
  readonly syncEntriesMax?: number;
  /**
   * Bytes of the first segment; later ones double up to 16 MiB. 16 KiB to 16 MiB, default 1 MiB.
   */
  readonly segmentBytes?: number;
  /**
   * `worker` (default): a thread with synchronous calls. `pool`: libuv's pool; holds the ceiling of
   * batched entries only while the event loop and the pool are free.
   */
  readonly io?: 'worker' | 'pool';
  /** The sequence that must be there: a log that ends before it is damaged, not just short. */
  readonly expectAtLeast?: number;
  /** How long a held lock is waited for. 0 to 600000 ms, default 5000. */
  readonly lockWaitMs?: number;
  /** Kinds of file system to accept although locks or flushes are not safe there, such as `nfs`. */
  readonly allowFileSystems?: readonly string[];
  /** An abort ends the wait for the lock. */
  readonly signal?: AbortSignal;
}

/** How an append is kept. */
export interface WalAppendOptions {
  /**
   * `durable` (default): resolves when an fsync that began after its write has returned. `batched`:
   * resolves when the bytes are with the operating system; synced at most `syncDelayMsMax` or
   * `syncEntriesMax` entries later.
   */
  readonly durability?: 'durable' | 'batched';
  /** An abort rejects only if nothing was written. */
  readonly signal?: AbortSignal;
}

/** Which entries are read: `from` and `to` are inclusive; what was truncated is passed over. */
export interface WalReadOptions {
  readonly from?: number;
  readonly to?: number;
  readonly signal?: AbortSignal;
}

/** Entries that were durable and are gone, and where that shows first. */
export interface WalDamage {
  readonly reason: string;
  /** Absolute path; null when there is no file to name. */
  readonly file: string | null;
  readonly offset: number;
  /** Every sequence that is known to be gone; `to` is null when nothing tells how far they went. */
  readonly lost: readonly SeqRange[];
}

/** What was found when the log was opened. */
export interface WalRecovery {
  /**
   * `new`: there was no log. `closed`: it ended properly. `unclean`: its writer died, nothing is
   * bad. `torn`: a batch at the very end was not finished. `damaged`: entries that were durable are
   * gone; only mode `read` opens such a log, and shows what stands in front of the first loss.
   */
  readonly verdict: 'new' | 'closed' | 'unclean' | 'torn' | 'damaged';
  /** What is gone; null unless the verdict is `damaged`. */
  readonly damage: WalDamage | null;
  /**
   * Whole entries beyond the durable mark, which were written again and synced before this tells.
   */
  readonly kept: SeqRange | null;
  /** Bytes of an unfinished batch that were cut; up to 1 MiB of them is in `quarantine/`. */
  readonly cutBytes: number;
  /**
   * Entries of the cut bytes. They were never acknowledged as durable, unless the medium lost the
   * mark that says so. `to` is null when nothing tells how far they went.
   */
  readonly inDoubt: SeqRange | null;
}

/** Settings with every default filled in. */
export interface WalSettings {
  readonly mode: 'write' | 'read';
  readonly syncDelayMsMax: number;
  readonly syncEntriesMax: number;
  readonly segmentBytes: number;
  readonly io: 'worker' | 'pool';
  readonly expectAtLeast: number;
  readonly lockWaitMs: number;
  readonly allowFileSystems: readonly string[];
}

/** Every setting, by name; the compiler keeps the list complete. */
const settingNames: Readonly<Record<keyof Required<WalOptions>, true>> = {
  mode: true,
  syncDelayMsMax: true,
  syncEntriesMax: true,
  segmentBytes: true,
  io: true,
  expectAtLeast: true,
  lockWaitMs: true,
  allowFileSystems: true,
  signal: true,
};

const appendNames: Readonly<Record<keyof Required<WalAppendOptions>, true>> = {
  durability: true,
  signal: true,
};

const readNames: Readonly<Record<keyof Required<WalReadOptions>, true>> = {
  from: true,
  to: true,
  signal: true,
};

/** A copy. INVALID for an option of an append that is not known. */
export function checkAppendOptions(given: WalAppendOptions): WalAppendOptions {
  const options = requireKnown(given, appendNames);
  const { durability } = options;
  if (durability === undefined || durability === 'durable' || durability === 'batched') {
    return options;
  }
  throw invalid('durability', `is ${shown(durability)}; give durable or batched`);
}

/** INVALID for an option of a reading that is not known. */
export function checkReadOptions(options: WalReadOptions): void {
  requireKnown(options, readNames);
}

/** A name that is mistyped would be passed over in silence, and its default be taken. */
function requireKnown<T extends object>(options: T, known: Readonly<Record<string, true>>): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid('options', `are ${shown(options)}; give an object`);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) {
    const own = copyOf(options, Object.keys(known), 'use the log');
    requireKinds(own, 'use the log');
    return own;
  }
  throw invalid(unknown, `is not known; known are ${Object.keys(known).join(', ')}`);
}

/** Fills in the defaults. INVALID names the setting that is unknown or out of bounds. */
export function walSettings(options: WalOptions): WalSettings {
  requireKnown(options, settingNames);
  const { allowFileSystems = [] } = options;
  requireAllowed(allowFileSystems, 'use the log');
  const number = (
    name: 'syncDelayMsMax' | 'syncEntriesMax' | 'segmentBytes' | 'expectAtLeast' | 'lockWaitMs',
    bounds: { readonly min: number; readonly max: number; readonly otherwise: number },
  ): number => {
    const value = options[name] ?? bounds.otherwise;
    if (Number.isSafeInteger(value) && value >= bounds.min && value <= bounds.max) return value;
    throw invalid(
      name,
      `is ${shown(value)}; give a whole number of ${bounds.min} to ${bounds.max}`,
    );
  };
  const word = <T extends string>(name: 'mode' | 'io', allowed: readonly [T, ...T[]]): T => {
    const value = options[name] ?? allowed[0];
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    throw invalid(name, `is ${shown(value)}; give one of ${allowed.join(', ')}`);
  };
  const delay = { min: 1, max: syncDelayMsMax, otherwise: syncDelayMsDefault };
  const entries = { min: 1, max: syncEntriesMax, otherwise: syncEntriesDefault };
  const segment = { min: segmentBytesMin, max: segmentBytesMax, otherwise: segmentBytesFirst };
  return {
    mode: word('mode', ['write', 'read']),
    syncDelayMsMax: number('syncDelayMsMax', delay),
    syncEntriesMax: number('syncEntriesMax', entries),
    segmentBytes: aligned(number('segmentBytes', segment)),
    io: word('io', ['worker', 'pool']),
    expectAtLeast: number('expectAtLeast', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }),
    lockWaitMs: number('lockWaitMs', { min: 0, max: 600_000, otherwise: lockWaitMsDefault }),
    allowFileSystems,
  };
}

/** INVALID for an argument, named so that the caller finds it. */
export function invalid(name: string, why: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `Cannot use the log: ${name} ${why}`, { path: name });
}

/** Refuses what is not a sequence number that an entry can have. */
export function requireSeq(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(name, `is ${shown(value)}; give a sequence number`);
}
