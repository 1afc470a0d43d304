/** A foreign word on a command line that somebody copies into a shell. Pure. */

/**
 * The word as a shell takes it; what a shell would take for more than a letter stands in quotes.
 */
export function shellWord(word: string): string {
  if (/^[\w./][\w./-]*$/.test(word)) return word;
  // A word that begins with a dash would be an option.
  const safe = word.startsWith('-') ? `./${word}` : word;
  return `'${safe.replaceAll("'", `'\\''`)}'`;
}
