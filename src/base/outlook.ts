/**
 * How much room an array that grows should be given. Room that is not used yet costs no memory,
 * because the machine gives a page when it is written to; so whoever can tell how many there will
 * be saves moving the array as it grows.
 */

/** How many there will be, as far as one can tell, when there are so many now. */
export type Outlook = (length: number) => number;

/** Nothing is known of what comes: what grows, grows by a quarter. */
export const noOutlook: Outlook = () => 0;

/** Room for what is expected: never less than a quarter more, nor beyond eight times as much. */
export function roomFor(length: number, outlook: Outlook): number {
  const least = Math.ceil(length * 1.25);
  return Math.max(least, Math.min(8 * length, Math.ceil(outlook(length) * 1.02))) + 64;
}
