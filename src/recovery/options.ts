/**
 * Settings of recovery. One that is not known is refused at the door: `dryrun` for `dryRun` would
 * otherwise change what was only to be looked at.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown, requirePath } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';
import { sessionIdFault } from './layout.ts';
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

const modes = ['scan', 'run', 'verify'];

/** INVALID for an option of `recover` that is unknown, or a mode that is none. */
export function requireRecoverOptions(options: RecoverOptions): void {
  const known = ['mode', 'expectAtLeast', 'lockWaitMs', 'signal', 'onProgress'];
  requireKnown(options, known, 'recover the store');
  requireWait(options.lockWaitMs, 'recover the store');
  requireExpectations(options.expectAtLeast ?? {}, 'recover the store');
  if (options.mode === undefined || modes.includes(options.mode)) return;
  const message = `Cannot recover the store: "mode" must be one of ${modes.join(', ')}`;
  throw new HoldfastError('INVALID', message, { path: 'mode' });
}

/** INVALID for an option of `salvage` that is unknown, or no directory to write to. */
export function requireSalvageOptions(options: SalvageOptions): void {
  requireKnown(options, ['to', 'session', 'signal', 'onProgress'], 'salvage the store');
  requirePath(options.to, 'to', 'salvage the store');
  if (options.session === undefined || typeof options.session === 'string') return;
  const message = `Cannot salvage the store: "session" must be the id of a session, not ${shown(options.session)}`;
  throw new HoldfastError('INVALID', message, { path: 'session' });
}

/** INVALID for an option of `acceptLoss` that is unknown, or no session. */
export function requireAcceptLossOptions(options: AcceptLossOptions): void {
  requireKnown(options, ['session', 'dryRun', 'lockWaitMs'], 'accept the loss');
  requireWait(options.lockWaitMs, 'accept the loss');
  if (typeof options.session === 'string') return;
  const message = 'Cannot accept the loss: "session" must be the id of a session';
  throw new HoldfastError('INVALID', message, { path: 'session' });
}

/** INVALID unless it says for sessions, by their ids, how far they were durable. */
export function requireExpectations(expected: unknown, action: string): void {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) {
    const message = `Cannot ${action}: "expectAtLeast" must be an object of ids and sequences, not ${shown(expected)}`;
    throw new HoldfastError('INVALID', message, { path: 'expectAtLeast' });
  }
  for (const [id, seq] of Object.entries(expected)) {
    const fault = sessionIdFault(id);
    if (fault !== null) {
      const message = `Cannot ${action}: "expectAtLeast" names ${shown(id)}: ${fault}`;
      throw new HoldfastError('INVALID', message, { path: `expectAtLeast.${id}` });
    }
    if (Number.isSafeInteger(seq) && seq >= 0) continue;
    const path = `expectAtLeast.${id}`;
    const message = `Cannot ${action}: "${path}" must be a whole number from 0, not ${shown(seq)}`;
    throw new HoldfastError('INVALID', message, { path });
  }
}

const waitMsMax = 24 * 3600 * 1000;

function requireWait(waitMs: unknown, action: string): void {
  if (waitMs === undefined) return;
  if (Number.isSafeInteger(waitMs) && Number(waitMs) >= 0 && Number(waitMs) <= waitMsMax) return;
  const message =
    `Cannot ${action}: "lockWaitMs" must be a whole number of 0 to ${waitMsMax}, ` +
    `not ${shown(waitMs)}`;
  throw new HoldfastError('INVALID', message, { path: 'lockWaitMs' });
}
