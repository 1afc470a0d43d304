/** What became of the events that a checkpointer saw, for programs and for people. */
import type { Trigger } from '../session/event.ts';
import { triggers } from './triggers.ts';

/** Counts of one trigger, since the session was opened: what it took before is not in them. */
export interface TriggerStats {
  readonly seen: number;
  readonly taken: number;
}

/** Counts of a checkpointer. */
export interface CheckpointStats {
  /** Since the session was opened. */
  readonly eventsSeen: number;
  /** Of the session, also before it was opened. */
  readonly checkpointsTaken: number;
  /**
   * Events since the session was opened for which no snapshot was tried: the trigger is off, the
   * content was that of the newest snapshot, or the last one was too close.
   */
  readonly filtered: number;
  /** Snapshots that could not be taken, since the session was opened. */
  readonly failed: number;
  /** Why the last of them failed. */
  readonly lastFailure: string | null;
  /** Since the session was opened. */
  readonly byTrigger: Readonly<Record<Trigger, TriggerStats>>;
}

/** Puts the counts together. */
export function statsOf(
  seen: ReadonlyMap<Trigger, number>,
  taken: ReadonlyMap<Trigger, number>,
  told: Pick<CheckpointStats, 'checkpointsTaken' | 'failed' | 'lastFailure'>,
): CheckpointStats {
  const byTrigger = Object.fromEntries(
    triggers.map((one) => [one, { seen: seen.get(one) ?? 0, taken: taken.get(one) ?? 0 }]),
  ) as Record<Trigger, TriggerStats>;
  const counts = Object.values(byTrigger);
  const eventsSeen = counts.reduce((sum, one) => sum + one.seen, 0);
  const tookNow = takenIn(counts);
  return { ...told, eventsSeen, filtered: eventsSeen - tookNow - told.failed, byTrigger };
}

/**
 * The counts in one line for people; it says how many of the checkpoints are older than the handle.
 */
export function formatStats(stats: CheckpointStats): string {
  const { eventsSeen, checkpointsTaken, filtered, failed } = stats;
  const percent = eventsSeen === 0 ? 0 : Math.round((100 * filtered) / eventsSeen);
  const before = checkpointsTaken - takenIn(Object.values(stats.byTrigger));
  const older = before > 0 ? `, ${before} of them before the session was opened` : '';
  const line = `${eventsSeen} events seen, ${checkpointsTaken} checkpoints taken${older}`;
  const failures = failed === 0 ? '' : `, ${failed} failed (${stats.lastFailure ?? ''})`;
  return `${line} (${percent}% filtered)${failures}`;
}

function takenIn(counts: readonly TriggerStats[]): number {
  return counts.reduce((sum, one) => sum + one.taken, 0);
}

/** Which triggers are on and which are off, in two lines for people. */
export function formatSwitches(enabled: ReadonlyMap<Trigger, boolean>): string {
  const named = (state: boolean): string =>
    triggers.filter((trigger) => enabled.get(trigger) === state).join(', ') || 'none';
  return `on:  ${named(true)}\noff: ${named(false)}`;
}
