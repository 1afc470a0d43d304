/** Faults that a test plans for the next operations on a simulated disk. */
import { HoldfastError } from '../base/errors.ts';
import { syscalls } from '../platform/sim/faults.ts';
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

/** The plan of one machine. */
export class FaultPlan {
  readonly #planned: { readonly fault: PlannedFault; times: number; skip: number }[] = [];
  /** Asked first; what it answers wins. */
  hook: BeforeOperation | null = null;

  /** INVALID when there is no such operation, or the error is no name of an error. */
  add(fault: PlannedFault): void {
    const { operation, error, times = 1, skip = 0 } = fault;
    if (!Object.hasOwn(syscalls, operation)) {
      throw invalid('operation', `must be one of ${Object.keys(syscalls).join(', ')}`);
    }
    if (!/^E[A-Z0-9]{2,}$/.test(error)) throw invalid('error', 'must be a name such as EIO');
    const isTimes = times === Number.POSITIVE_INFINITY || Number.isSafeInteger(times);
    if (!isTimes || times < 1) throw invalid('times', 'must be a whole number from 1');
    if (!Number.isSafeInteger(skip) || skip < 0) {
      throw invalid('skip', 'must be a whole number from 0');
    }
    this.#planned.push({ fault, times, skip });
  }

  clear(): void {
    this.#planned.length = 0;
    this.hook = null;
  }

  /** How this operation fails, if it does. */
  next(operation: Operation): Fault | undefined {
    const answer = this.hook?.(operation);
    if (answer !== undefined && answer !== null) return answer;
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
}

function invalid(path: string, why: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `Cannot plan the fault: "${path}" ${why}`, { path });
}
