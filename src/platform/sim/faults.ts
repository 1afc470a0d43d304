/**
 * Faults of a simulated machine, and the count of its operations. Every verb of the simulated disk
 * and its locks passes here first, once.
 */

/** The closed list of what can be done to a simulated disk. */
export type OperationKind = keyof typeof syscalls;

/** The system call that an error of each kind names. */
export const syscalls = {
  list: 'scandir',
  stat: 'lstat',
  'stat-open': 'fstat',
  'real-path': 'realpath',
  'create-directory': 'mkdir',
  create: 'open',
  open: 'open',
  rename: 'rename',
  remove: 'unlink',
  'remove-directory': 'rmdir',
  'sync-directory': 'fsync',
  space: 'statfs',
  read: 'read',
  write: 'write',
  truncate: 'ftruncate',
  sync: 'fdatasync',
  close: 'close',
  lock: 'open',
  probe: 'open',
} as const;

const changing: ReadonlySet<OperationKind> = new Set([
  'create-directory',
  'create',
  'rename',
  'remove',
  'remove-directory',
  'sync-directory',
  'write',
  'truncate',
  'sync',
  'lock',
]);

/** What is about to be done. `at` and `length` in bytes, where the verb has them. */
export interface Operation {
  readonly kind: OperationKind;
  readonly path: string;
  readonly at?: number;
  readonly length?: number;
}

/**
 * Fails the operation with an errno name, lets a write take only its first bytes, or has the disk
 * write another bit than it was given, in silence. The bit is counted from the first byte, modulo
 * the length.
 */
export type Fault =
  | { readonly errno: string }
  | { readonly shortWrite: number }
  | { readonly flipBit: number };

/** Asked before every operation; nothing returned means: go on. */
export type BeforeOperation = (operation: Operation) => void | Fault;

/**
 * The machine is off, or the process was killed. It has no `code`, so no error of a disk is like
 * it.
 */
export class SimCrash extends Error {
  override readonly name = 'SimCrash';
}

interface Planned {
  readonly kind: OperationKind;
  readonly errno: string;
  times: number;
  skip: number;
}

/** Counts operations, and decides which of them fail. */
export class Faults {
  beforeOperation: BeforeOperation | null = null;
  #operations = 0;
  #changes = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #planned: Planned[] = [];

  /** Operations so far, of all kinds. */
  get operations(): number {
    return this.#operations;
  }

  /** Operations so far that change what is on the disk or what of it is durable. */
  get changes(): number {
    return this.#changes;
  }

  get isOff(): boolean {
    return this.#changes >= this.#crashAt;
  }

  /** Turns the machine off after that many more changes; 0 is at once. */
  crashAfter(changes: number): void {
    this.#crashAt = this.#changes + changes;
  }

  /** Lets the next `times` operations of the kind fail, after `skip` that succeed. */
  failNext(kind: OperationKind, errno: string, times: number, skip: number): void {
    this.#planned.push({ kind, errno, times, skip });
  }

  /**
   * Counts the operation and says how it fails, or null. Throws SimCrash when the machine is off.
   */
  begin(operation: Operation): Fault | null {
    if (this.isOff) throw new SimCrash(`The machine is off: ${operation.kind} ${operation.path}`);
    this.#operations++;
    if (changing.has(operation.kind)) this.#changes++;
    const fault = this.beforeOperation?.(operation);
    return fault ?? this.#takePlanned(operation.kind);
  }

  #takePlanned(kind: OperationKind): Fault | null {
    for (const planned of this.#planned) {
      if (planned.kind !== kind) continue;
      if (planned.skip > 0) {
        planned.skip--;
        continue;
      }
      planned.times--;
      if (planned.times <= 0) this.#planned = this.#planned.filter((other) => other !== planned);
      return { errno: planned.errno };
    }
    return null;
  }
}
