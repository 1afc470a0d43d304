/**
 * Counts settled sessions by what the store publishes on Node's `diagnostics_channel`. A store that
 * publishes nothing leaves this not a number, which the tables show as a dash.
 */
import { subscribe } from 'node:diagnostics_channel';

let counter: { count: number } | null = null;

/** From the first call on; the same counter every time. */
export function countSettles(): { readonly count: number } {
  if (counter !== null) return counter;
  const counting = { count: Number.NaN };
  subscribe('holdfast:settle', () => {
    counting.count = Number.isNaN(counting.count) ? 1 : counting.count + 1;
  });
  counter = counting;
  return counting;
}
