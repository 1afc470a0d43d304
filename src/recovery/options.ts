/** Settings of recovery. */
import type { Progress } from './report.ts';

/** Settings of `recover`. */
export interface RecoverOptions {
  /**
   * `scan` (default): look and change nothing. `run`: carry out what is safe. `verify`: look at
   * every byte and change nothing.
   */
  readonly mode?: 'scan' | 'run' | 'verify';
  /** Session id to the sequence that must be there; less is damage instead of doubt. */
  readonly expectAtLeast?: Readonly<Record<string, number>>;
  /** How long a held lock is waited for, in ms. Default 5000. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Settings of `salvage`. */
export interface SalvageOptions {
  /** Directory of the new store; it must not exist, or be empty. */
  readonly to: string;
  /** Only this session. */
  readonly session?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Settings of `acceptLoss`. */
export interface AcceptLossOptions {
  readonly session: string;
  /** Tell what would be accepted, and change nothing. */
  readonly dryRun?: boolean;
  readonly lockWaitMs?: number;
}
