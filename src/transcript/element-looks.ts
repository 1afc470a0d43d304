/**
 * What the elements of one list look like, to know the next one again behind damage: what stands in
 * front of each in a file of several lines, and the members that they have.
 */
import { byte, isBlank } from './json-scan.ts';

/** Learns from the elements that were whole. */
export class ElementLooks {
  /** Bytes between the bracket of the list and its first element. */
  gap = 0;
  readonly #members = new Set<string>();

  /** Learns from a whole element; of the many kinds in a hostile file only so many are kept. */
  saw(value: unknown): void {
    if (this.#members.size < 1024) this.#members.add(membersOf(value));
  }

  /** True when what stands in front of the brace at `at` is what stands in front of an element. */
  mayBegin(bytes: Buffer, at: number): boolean {
    if (this.gap < 2) return true;
    let blanks = 0;
    let lines = 0;
    let before = at - 1;
    for (; isBlank(bytes[before]) || bytes[before] === 0; before -= 1) {
      if (bytes[before] !== 0) blanks += 1;
      if (bytes[before] === byte.lf) lines += 1;
    }
    return blanks === this.gap && lines > 0;
  }

  /** True when the object at `from` to `to` looks as an element does. */
  like(bytes: Buffer, from: number, to: number): boolean {
    let after = to;
    while (isBlank(bytes[after]) || bytes[after] === 0) after += 1;
    const follows = bytes[after];
    const ends = follows === byte.comma || follows === byte.closeArray;
    if (follows !== undefined && !ends) return false;
    if (this.gap > 1) return true;
    return this.#members.has(keysOfText(bytes.toString('utf8', from, to)));
  }
}

function keysOfText(text: string): string {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return '';
  }
}

function membersOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  return JSON.stringify(Object.keys(value));
}
