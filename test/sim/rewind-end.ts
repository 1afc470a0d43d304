/** Where a rewind of a simulated life leads. */
import type { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';

/** Any end that a rewind may have; null when nothing would be written. */
export function rewindEnd(
  session: Session,
  dice: Prng,
): 'undo' | { readonly snapshot: number } | { readonly messages: number } | null {
  const points = session.snapshots.list();
  const choice = dice.below(3);
  const undo = choice === 0 && session.state.rewound !== null;
  const point = points[dice.below(Math.max(1, points.length))];
  const messages = dice.below(session.state.messages + 1);
  if (undo) return 'undo';
  if (choice === 1 && point !== undefined) return { snapshot: point.id };
  // To where the conversation stands: nothing would be written.
  return messages === session.state.messages ? null : { messages };
}
