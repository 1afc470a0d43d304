/**
 * Half characters. A JavaScript string may hold a lone surrogate (streaming that splits an emoji
 * makes them); UTF-8 has no bytes for it, so it must be found before it is written. The methods are
 * in every supported Node, but not yet in the language level that the project compiles against.
 */

interface WellFormedString {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/** True when the text holds no lone surrogate, so that UTF-8 carries it unchanged. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormedString).isWellFormed();
}

/** The text with U+FFFD for each lone surrogate: the same length in UTF-16 code units. */
export function toWellFormed(text: string): string {
  return (text as unknown as WellFormedString).toWellFormed();
}
