/**
 * The seven reasons to take a snapshot without being asked. The first three are rare and mark where
 * a person would want to go back to: *early* triggers. The others come all the time or can wait.
 */
import { shown } from '../base/shown.ts';
import { HoldfastError } from '../base/errors.ts';
import type { Trigger } from '../session/event.ts';

/** Every trigger, the most telling one first: that one counts when several come at once. */
export const triggers: readonly Trigger[] = [
  'user-feedback',
  'context-shift',
  'plan-change',
  'file-write',
  'tool-error',
  'replay-budget',
  'base-bytes',
];

/** Triggers that may spend all that spacing has saved; see `hasTurn`. */
export const earlyTriggers: ReadonlySet<Trigger> = new Set<Trigger>([
  'user-feedback',
  'context-shift',
  'plan-change',
]);

/** Throws INVALID unless the value is one of the seven. */
export function requireTrigger(value: unknown, action: string): asserts value is Trigger {
  if (triggers.some((trigger) => trigger === value)) return;
  const message =
    `Cannot ${action}: ${shown(value)} is no trigger; ` + `use one of ${triggers.join(', ')}`;
  throw new HoldfastError('INVALID', message, { path: 'trigger' });
}
