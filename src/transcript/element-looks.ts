/**
 * What the elements of one list look like, to know the next one again behind damage: what stands in
 * front of each in a file of several lines, and the members that they have.
 */
import { byte, isBlank, skipBlanks } from './json-scan.ts';

/** Learns from the elements that were whole. */
export class ElementLooks {
  /** The blanks between the bracket of the list and its first element. */
  gap = '';
  readonly #members = new Set<string>();
  readonly #names = new Set<string>();

  /** Learns from a whole element; of the many kinds in a hostile file only so many are kept. */
  saw(value: unknown): void {
    if (this.#members.size >= 1024) return;
    this.#members.add(membersOf(value));
    for (const name of namesOf(value).slice(0, 64)) this.#names.add(name);
  }

  /**
   * False for a value that has no member of any element before: then it stands in another list, and
   * the end of this one was lost.
   */
  isKin(value: unknown): boolean {
    const names = namesOf(value);
    return (
      names.length === 0 || this.#names.size === 0 || names.some((name) => this.#names.has(name))
    );
  }

  /**
   * True when what stands in front of the brace at `at` is what stands in front of an element. One
   * byte may be wrong: that is how the damage looks which stands between two elements.
   */
  mayBegin(bytes: Buffer, at: number): boolean {
    if (!this.#inLines()) return true;
    let wrong = 0;
    let before = at - 1;
    for (let index = this.gap.length - 1; index >= -1; index -= 1) {
      while (bytes[before] === 0) before -= 1;
      const found = bytes[before];
      const right = index < 0 ? found === byte.comma || found === byte.openArray : false;
      if (!right && found !== this.gap.charCodeAt(index)) wrong += 1;
      before -= 1;
    }
    return wrong <= 1;
  }

  /** Elements stand on lines of their own. */
  #inLines(): boolean {
    return this.gap.length > 1 && this.gap.includes('\n');
  }

  /**
   * True when another element follows behind `to`, or the end of the list. In a file of several
   * lines the indent tells that bracket from one of the element's own, whose partner is gone.
   */
  endsAsOne(bytes: Buffer, to: number): boolean {
    const at = skipBlanks(bytes, to, bytes.length, 'pass');
    if (bytes[at] !== byte.comma) {
      if (at === bytes.length) return true;
      return bytes[at] === byte.closeArray && (!this.#inLines() || at - to < this.gap.length);
    }
    const next = skipBlanks(bytes, at + 1, bytes.length, 'pass');
    if (next === bytes.length) return true;
    return bytes[next] === byte.open && (!this.#inLines() || this.mayBegin(bytes, next));
  }

  /** True when the object at `from` to `to` looks as an element does. */
  like(bytes: Buffer, from: number, to: number): boolean {
    let after = to;
    while (isBlank(bytes[after]) || bytes[after] === 0) after += 1;
    const follows = bytes[after];
    const ends = follows === byte.comma || follows === byte.closeArray;
    if (follows !== undefined && !ends) return false;
    if (this.#inLines()) return true;
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

/** The names of an object's members. */
function namesOf(value: unknown): readonly string[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.keys(value) : [];
}
