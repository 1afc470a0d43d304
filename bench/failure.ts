/**
 * What ended a run before its end, for people in one line, and as an exit code of the command line.
 * A stack is told only of what nobody expected: a fault in the harness, or in the engine. It imports
 * nothing of the engine, since some programs measure how long that takes.
 */
import { inspect } from 'node:util';
import { UsageError } from './words.ts';

/** As `--json` tells it; a case of null is none: what was done before the first, or after the last. */
export interface Failure {
  readonly case: string | null;
  readonly message: string;
  /** The exit code. */
  readonly exit: number;
}

/** The same with what only those need who mend it. */
export interface Explained extends Omit<Failure, 'case'> {
  readonly trace: string | null;
}

/** Something that has been explained already, by another process or by whoever threw it. */
export class ExplainedError extends Error {
  readonly exit: number;
  readonly trace: string | null;

  constructor({ message, exit, trace = null }: Omit<Explained, 'trace'> & Partial<Explained>) {
    super(message);
    this.exit = exit;
    this.trace = trace;
  }
}

export const exits = { machine: 50, usage: 64, fault: 70, stopped: 130 } as const;

/** As those of the command line; what is not here must not happen in a benchmark. */
const exitOfCode: Readonly<Record<string, number>> = {
  LOCKED: 30,
  LOCK_UNAVAILABLE: 40,
  READ_ONLY: 40,
  FULL: exits.machine,
  IO: exits.machine,
  POISONED: exits.machine,
  INVALID: exits.usage,
  TOO_LARGE: exits.usage,
};

/** Why it was thrown: what is wrapped into another error counts more than its wrapping. */
export function explained(thrown: unknown): Explained {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { message } = error;
    if (error instanceof UsageError) return { message, exit: exits.usage, trace: null };
    if (error instanceof ExplainedError) return { message, exit: error.exit, trace: error.trace };
    const code = codeOf(error);
    // By its name: a copy of the library that another process has loaded gives the same.
    if (error.name === 'HoldfastError') {
      return { message, exit: exitOfCode[code] ?? exits.fault, trace: null };
    }
    if (isOfMachine(code)) return { message, exit: exits.machine, trace: null };
  }
  // With its causes.
  return { message: messageOf(thrown), exit: exits.fault, trace: inspect(thrown) };
}

/** The name of an error of the system, such as `ENOSPC`. */
export function isOfMachine(code: string): boolean {
  return /^E[A-Z0-9]+$/.test(code);
}

/** The code that an error has, or nothing. */
export function codeOf(error: unknown): string {
  const has = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return has ? String(error.code) : '';
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The lines for people. `program` is `bench` or `compare`. */
export function failureText(
  program: 'bench' | 'compare',
  { message, exit, trace }: Explained,
  of: string | null = null,
): string {
  const place = of === null ? program : `${program}: ${of}`;
  const help = exit === exits.usage && of === null ? ` (see npm run ${program} -- --help)` : '';
  const [line = ''] = message.split('\n');
  return `${place}: ${line}${help}\n${trace === null ? '' : `${trace}\n`}`;
}
