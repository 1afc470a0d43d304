/**
 * What scripts say of their options before they begin. Wrong usage is told in words and ends with
 * 64, so that nobody takes a run that did nothing for one that passed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** Ends with 64, the exit code for wrong usage. */
export function refuse(text) {
  process.stderr.write(`${text}\n`);
  process.exit(64);
}

/**
 * The options and words of the command line; prints the usage and ends for `--help`, and refuses
 * what it does not know. Called before anything is imported that has to be built.
 */
export function readOptions({ usage, options, allowPositionals = false }) {
  const help = { type: 'boolean', short: 'h' };
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals, options: { ...options, help } });
  } catch (error) {
    return refuse(`${error.message}\n\n${usage}`);
  }
  if (parsed.values.help !== true) return parsed;
  process.stdout.write(usage);
  return process.exit(0);
}

/** The option of this name as a whole number from 1; refuses anything else. */
export function wholeNumber(values, name) {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 1) refuse(`--${name} is a whole number from 1`);
  return number;
}

/** Those whose name has the text of `--only` in it; refuses a text that no name has. */
export function chosen(things, only, nameOf = ({ name }) => name) {
  const found = things.filter((thing) => nameOf(thing).includes(only));
  if (found.length > 0) return found;
  const names = [...new Set(things.map(nameOf))].map((name) => `  ${name}`);
  return refuse(`--only ${JSON.stringify(only)} is in none of the names:\n${names.join('\n')}`);
}

/**
 * What the file of an earlier run holds, or null when there is none yet. Refuses a file of anything
 * else.
 */
export function resumed(file, schema) {
  if (file === undefined || !existsSync(file)) return null;
  let found;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(`--resume ${file} cannot be read: ${error.message}`);
  }
  if (found?.schema === schema) return found;
  return refuse(`--resume ${file} is not the file of such a run (${schema}); name another one`);
}
