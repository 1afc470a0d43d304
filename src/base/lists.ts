/**
 * Lists that come from files may be as long as the files: a spread into a call puts each item on
 * the stack, which ends at about 120,000 of them.
 */

/** Puts the items behind those of the list, in order, however many they are. */
export function addAll<Item>(list: Item[], items: Iterable<Item>): void {
  for (const item of items) list.push(item);
}

/** The largest of the numbers, and `least` when none is larger. */
export function largest(numbers: Iterable<number>, least: number): number {
  let found = least;
  for (const number of numbers) if (number > found) found = number;
  return found;
}
