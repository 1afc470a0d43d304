/**
 * How a program learns what happened without reading a word. 1 is never used: Node exits with 1
 * when a program dies, and a script must be able to tell that from a verdict.
 */
import { unreachable } from '../base/assert.ts';
import type { AnyHoldfastError, ErrorCode } from '../base/errors.ts';
import type { StoreVerdict } from '../recovery/report.ts';

/** Every exit code and what it means; part of the interface, so a code never changes meaning. */
export const exitMeanings = {
  0: 'The store or transcript may be used: it is clean, or this command has healed it',
  10: 'Healable: nothing in it is lost or changed; `recover run` or `apply` carries it out',
  20: 'Damaged: something that was acknowledged or written is gone, or nobody can tell',
  30: 'Locked: another process, handle or thread holds what is needed',
  40: 'Unsupported: a newer format, one that is only read, or a machine that cannot do this',
  50: 'Input or output failed, or there is no room',
  64: 'The command was used wrongly, or its input was refused',
  66: 'There is no such store, session or file',
  70: 'A fault in Holdfast itself; please report it',
  129: 'Stopped by SIGHUP',
  130: 'Stopped by SIGINT',
  143: 'Stopped by SIGTERM',
} as const;

/** One of the codes that Holdfast exits with. */
export type ExitCode = keyof typeof exitMeanings;

/** All codes in ascending order. */
export const exitCodes: readonly ExitCode[] = Object.keys(exitMeanings).map(
  (code) => Number(code) as ExitCode,
);

/** The exit code of a report. */
export function exitOfVerdict(verdict: StoreVerdict): ExitCode {
  switch (verdict) {
    case 'clean':
    case 'healed':
      return 0;
    case 'healable':
      return 10;
    case 'damaged':
      return 20;
    case 'unsupported':
      return 40;
    case 'unreadable':
      return 50;
    default:
      return unreachable(verdict);
  }
}

const exitOfCode: Readonly<Record<ErrorCode, ExitCode>> = {
  LOCKED: 30,
  LOCK_UNAVAILABLE: 40,
  // The command line closes its own handles last; using a closed one is its mistake.
  CLOSED: 70,
  POISONED: 50,
  DAMAGED: 20,
  IN_DOUBT: 20,
  NEEDS_RECOVERY: 10,
  FULL: 50,
  TOO_LARGE: 64,
  INVALID: 64,
  EXISTS: 64,
  NOT_FOUND: 66,
  // Commands that write open for writing, so only a machine that cannot write answers this.
  READ_ONLY: 40,
  UNDECODABLE: 20,
  NEWER_FORMAT: 40,
  IO: 50,
};

/** The exit code of an error with a code. */
export function exitOfError(error: Pick<AnyHoldfastError, 'code'>): ExitCode {
  return exitOfCode[error.code];
}

const signalExits = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The exit code after a signal: 128 plus its number, as shells report it. */
export function exitOfSignal(name: StopSignal): ExitCode {
  return signalExits[name];
}

/** The signals that ask for an orderly stop. */
export type StopSignal = keyof typeof signalExits;
