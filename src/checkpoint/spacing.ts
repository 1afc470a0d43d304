/**
 * How thick snapshots come that nobody asked for: one for each `messagesEach` messages on average.
 * Each message earns a part of one; what is not spent is saved, up to `saved` snapshots, so that a
 * quiet stretch pays for some close together where much happens. The first of a session comes as
 * soon as it is wanted, and spends all that there is. So after m messages there are at most
 * 1 + m / messagesEach.
 *
 * A trigger that comes all the time (a file is written) would spend everything as it comes, and
 * leave nothing for the user's correction. So triggers that are not early leave one snapshot saved,
 * and the longer a run of snapshots for one trigger gets, the further apart they stand: 6 messages,
 * then 12, 18 and 24.
 *
 * All follows from where the listed snapshots stand: after a restart it is as without, and after a
 * rewind as it was then.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';
import type { Trigger } from '../session/event.ts';
import { earlyTriggers } from './triggers.ts';

/** How thick snapshots may come. */
export interface SpacingSettings {
  /** Messages that earn one snapshot; default 10. 0: no spacing at all. */
  readonly messagesEach?: number;
  /** The most snapshots that are saved up; default 3. At 0 and 1 there is no reserve. */
  readonly saved?: number;
  /** Messages between two for the same trigger at least, more in a run of them; default 6. */
  readonly sameTrigger?: number;
}

/** A snapshot that a trigger took. */
export interface TakenAt {
  readonly trigger: Trigger | null;
  /** Messages of the conversation then. */
  readonly messageIndex: number;
}

/** A run of one trigger is stretched up to so many times `sameTrigger`. */
const runMax = 4;

const defaults: Required<SpacingSettings> = { messagesEach: 10, saved: 3, sameTrigger: 6 };

/** The settings with their defaults. Throws INVALID. */
export function spacingOf(settings: SpacingSettings = {}): Required<SpacingSettings> {
  requireKnown(settings, Object.keys(defaults), 'space snapshots');
  const spacing = { ...defaults, ...settings };
  for (const [name, value] of Object.entries(spacing)) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    const message = `Cannot space snapshots: "${name}" must be a whole number from 0`;
    throw new HoldfastError('INVALID', message, { path: `spacing.${name}` });
  }
  return spacing;
}

/**
 * True when a snapshot for this trigger has its turn. `messages` is how many the conversation has;
 * `taken` are the snapshots of the branch that triggers took, in their order.
 */
export function hasTurn(
  trigger: Trigger,
  messages: number,
  taken: readonly TakenAt[],
  spacing: Required<SpacingSettings>,
): boolean {
  const { messagesEach, saved, sameTrigger } = spacing;
  if (messagesEach === 0 || taken.length === 0) return true;
  const same = taken.findLast((one) => one.trigger === trigger);
  const others = taken.findLastIndex((one) => one.trigger !== trigger);
  const run = Math.min(runMax, Math.max(1, taken.length - 1 - others));
  if (same !== undefined && messages - same.messageIndex < run * sameTrigger) return false;
  const reserve = earlyTriggers.has(trigger) || saved < 2 ? 1 : 2;
  return savedUp(messages, taken, spacing) >= reserve * messagesEach;
}

/**
 * Messages that are not spent. Nothing was left after the first that is listed: it took all, or
 * what came before it is not known any more.
 */
function savedUp(
  messages: number,
  taken: readonly TakenAt[],
  { messagesEach, saved }: Required<SpacingSettings>,
): number {
  const max = messagesEach * Math.max(1, saved);
  let [credit, last] = [0, taken[0]?.messageIndex ?? 0];
  for (const { messageIndex } of taken.slice(1)) {
    credit = Math.max(0, Math.min(max, credit + messageIndex - last) - messagesEach);
    last = messageIndex;
  }
  return Math.min(max, credit + messages - last);
}
