/** `npm run model`: goes through spaces of the protocol between writers; see `usage`. */
import { parseArgs } from 'node:util';
import { explore, violationText } from './explore.ts';
import { ruleNames, ruleTexts, rulesWithout } from './rules.ts';
import type { RuleName } from './rules.ts';
import { largeScopes, scopeOf, smallScopes } from './scopes.ts';
import type { Scope } from './state.ts';

const numbers = {
  writers: 'writers over time, two at once (1 to 6)',
  incarnations: 'lives of the session id (1 to 7)',
  appends: 'appended entries (1 to 7)',
  kills: 'processes that are killed',
  'power-losses': 'power losses',
  deletes: 'deletions',
  'sync-failures': 'syncs of a history that fail',
  leaves: 'processes that leave cleanly',
  retires: 'times that a journal lets go of frames',
  frames: 'frames that a journal holds at a time (1 to 16)',
} as const;

const usage = `Usage: npm run model -- [options]

Goes through every state of the protocol between writers, within bounds, and prints how many there
are and how long it took. Without options: all large scopes, one after the other.

${Object.entries(numbers)
  .map(([name, text]) => `  --${`${name} N`.padEnd(18)}${text}`)
  .join('\n')}
  --small             the scopes of the tests instead of the large ones
  --off RULE[,RULE]   switches rules off; a violation is printed with its steps
  --states-max N      gives up after so many states (default: none)
  --help              this text

One number is enough for a scope of its own; the others are then those of three writers that append
once, without any trouble.

Rules:
${Object.entries(ruleTexts)
  .map(([name, text]) => `  ${name.padEnd(20)}${text}`)
  .join('\n')}

Ends with 0 when every space was gone through without a violation, 1 when one was found, 2 when a
space was not gone through to its end, 64 when the options make no sense.
`;

interface Job {
  readonly scopes: readonly Scope[];
  readonly off: readonly RuleName[];
  readonly statesMax: number;
}

/** Null asks for help. */
function jobOf(args: readonly string[]): Job | null {
  const text = { type: 'string' } as const;
  const options = Object.fromEntries(Object.keys(numbers).map((name) => [name, text]));
  const parsed = parseArgs({
    args: [...args],
    options: {
      ...options,
      off: text,
      'states-max': text,
      small: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const values: Readonly<Record<string, unknown>> = parsed.values;
  if (values['help'] === true) return null;
  const off = (typeof values['off'] === 'string' ? values['off'] : '')
    .split(',')
    .filter((name) => name !== '');
  const unknown = off.find((name) => !(ruleNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`There is no rule ${JSON.stringify(unknown)}`);
  const given: [string, number][] = Object.keys(numbers)
    .filter((name) => values[name] !== undefined)
    .map((name) => [camel(name), wholeNumber(name, values[name])]);
  const standard = values['small'] === true ? smallScopes : largeScopes;
  const scopes = given.length === 0 ? standard : [boundedScope(Object.fromEntries(given))];
  const max = values['states-max'];
  const statesMax = max === undefined ? Number.POSITIVE_INFINITY : wholeNumber('states-max', max);
  return { scopes, off: off as RuleName[], statesMax };
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function wholeNumber(name: string, given: unknown): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} is a whole number`);
}

/** What fits into the bytes of a state. */
const bounds = { writers: 6, incarnations: 7, appends: 7, frames: 16 } as const;
/** Of each kind of trouble. */
const troubleMax = 9;

function boundedScope(given: Partial<Scope>): Scope {
  const scope = scopeOf({ ...given, frames: given.frames ?? 3 + (given.appends ?? 1) });
  for (const [name, max] of Object.entries(bounds)) {
    const value = scope[name as keyof typeof bounds];
    if (value < 1 || value > max) throw new Error(`--${name} is 1 to ${max}`);
  }
  if (Object.values(scope).some((count) => Number(count) > Math.max(troubleMax, scope.frames))) {
    throw new Error(`Each number is at most ${troubleMax}`);
  }
  return scope;
}

function scopeText(scope: Scope): string {
  const parts = Object.entries(scope).filter(([, count]) => Number(count) > 0);
  return parts.map(([name, count]) => `${name} ${count}`).join(', ');
}

/** The exit code. */
function run({ scopes, off, statesMax }: Job): number {
  let code = 0;
  for (const scope of scopes) {
    const startMs = performance.now();
    const result = explore({ scope, rules: rulesWithout(...off), statesMax });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    process.stdout.write(
      `${scopeText(scope)}${off.length > 0 ? `; off: ${off.join(', ')}` : ''}\n`,
    );
    const how = result.isComplete ? 'all of them' : 'not all';
    const { states, edges, depth } = result;
    process.stdout.write(
      `  ${states} states (${how}), ${edges} steps, depth ${depth}, ${seconds} s\n`,
    );
    process.stdout.write(`  ${violationText(result)}\n`);
    if (result.violation !== null) code = 1;
    else if (!result.isComplete && code === 0) code = 2;
  }
  return code;
}

try {
  const job = jobOf(process.argv.slice(2));
  if (job === null) process.stdout.write(usage);
  else process.exitCode = run(job);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 64;
}
