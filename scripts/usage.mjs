/** What scripts say of their options before they begin. */

/** Ends with 64, the exit code for wrong usage. */
export function refuse(text) {
  process.stderr.write(`${text}\n`);
  process.exit(64);
}

/** The option of this name as a whole number from 1; refuses anything else. */
export function wholeNumber(values, name) {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1) refuse(`--${name} is a whole number from 1`);
  return number;
}
