/** Faults that a test plans for the next operations on a simulated disk. */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';
import { syscalls } from '../platform/sim/faults.ts';
import { isErrnoName } from '../platform/system-error.ts';
import type { BeforeOperation, Fault, Operation, OperationKind } from '../platform/sim/faults.ts';

/** Operations that are to fail. */
export interface PlannedFault {
  /** Which kind; `sync` is the flush of a file, `sync-directory` that of names. */
  readonly operation: OperationKind;
  /** Name of the error of the operating system, such as `EIO` or `ENOSPC`. */
  readonly error: string;
  /** Only where the path contains this text. Default: everywhere. */
  readonly path?: string;
  /** How many operations fail. A whole number from 1; default 1. `Infinity`: all from then on. */
  readonly times?: number;
  /** How many of them succeed before the first that fails. A whole number from 0; default 0. */
  readonly skip?: number;
}

const members = ['operation', 'error', 'path', 'times', 'skip'];

/** The plan of one machine. */
export class FaultPlan {
  readonly #planned: { readonly fault: PlannedFault; times: number; skip: number }[] = [];
  #hook: BeforeOperation | null = null;
  #misuse: HoldfastError<'INVALID'> | null = null;

  /** Asked first; what it answers wins. INVALID for what is no function, and not null. */
  hookBy(hook: BeforeOperation | null): void {
    if (hook !== null && typeof hook !== 'function') {
      throw invalid('hook', `must be a function or null, not ${shown(hook)}`);
    }
    this.#hook = hook;
    this.#misuse = null;
  }

  /**
   * INVALID once the hook has answered with what is no fault. What was tested takes that for an
   * error of its disk, and would tell something else.
   */
  requireSound(): void {
    if (this.#misuse !== null) throw this.#misuse;
  }

  /**
   * INVALID when there is no such operation or member, or the error is no name of an error.
   */
  add(fault: PlannedFault): void {
    requireKnown(fault, members, 'plan the fault');
    const { operation, error, path = '', times = 1, skip = 0 } = fault;
    if (typeof path !== 'string') throw invalid('path', 'must be a part of a path');
    if (!Object.hasOwn(syscalls, operation)) {
      throw invalid('operation', `must be one of ${Object.keys(syscalls).join(', ')}`);
    }
    if (typeof error !== 'string' || !isErrnoName(error)) {
      throw invalid('error', `must be a name of the machine, such as EIO, not ${shown(error)}`);
    }
    const isTimes = times === Number.POSITIVE_INFINITY || Number.isSafeInteger(times);
    if (!isTimes || times < 1) throw invalid('times', 'must be a whole number from 1');
    if (!Number.isSafeInteger(skip) || skip < 0) {
      throw invalid('skip', 'must be a whole number from 0');
    }
    this.#planned.push({ fault, times, skip });
  }

  clear(): void {
    this.#planned.length = 0;
    this.hookBy(null);
  }

  /** How this operation fails, if it does. */
  next(operation: Operation): Fault | undefined {
    const answer: unknown = this.#hook?.(operation);
    if (answer !== undefined && answer !== null) return this.#sound(answer, operation);
    for (const planned of this.#planned) {
      const { fault } = planned;
      if (fault.operation !== operation.kind || planned.times === 0) continue;
      if (fault.path !== undefined && !operation.path.includes(fault.path)) continue;
      if (planned.skip > 0) {
        planned.skip -= 1;
        continue;
      }
      planned.times -= 1;
      return { errno: fault.error };
    }
    return undefined;
  }

  #sound(answer: unknown, operation: Operation): Fault {
    if (isFault(answer, operation)) return answer;
    this.#misuse ??= invalid(
      'hook',
      `must answer with nothing, { errno: 'EIO' } or another error of the machine, or for a write { shortWrite } or { flipBit }, ` +
        `not ${shown(answer)} for a ${operation.kind}`,
    );
    throw this.#misuse;
  }
}

function isFault(answer: unknown, { kind }: Operation): answer is Fault {
  if (typeof answer !== 'object' || answer === null) return false;
  const [first, ...others] = Object.entries(answer) as [string, unknown][];
  if (first === undefined || others.length > 0) return false;
  const [name, value] = first;
  if (name === 'errno') return typeof value === 'string' && isErrnoName(value);
  const isOfWrites = name === 'shortWrite' || name === 'flipBit';
  return isOfWrites && kind === 'write' && Number.isSafeInteger(value) && Number(value) >= 0;
}

function invalid(path: string, why: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `Cannot plan the fault: "${path}" ${why}`, { path });
}
