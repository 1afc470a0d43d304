/**
 * The one error class of Holdfast. Codes are API and stable; messages are for people and may
 * change. Each code tells the caller what to do, and has its anchor in the README (#error-CODE in
 * lower case).
 */

/** The closed set of codes. */
export type ErrorCode =
  | 'LOCKED' // another owner holds the session, journal or gate: wait, or stop the owner
  | 'LOCK_UNAVAILABLE' // locks cannot be taken here: install or build fs-ext, or move the store
  | 'CLOSED' // used after close: fix the caller
  | 'POISONED' // a sync failed: close, open again, recovery decides
  | 'DAMAGED' // acknowledged data is damaged: run `recover verify`
  | 'IN_DOUBT' // the caller expects entries of which nobody can tell whether they were acknowledged
  | 'NEEDS_RECOVERY' // a dead writer's journal has to be recovered first: run `recover run`
  | 'FULL' // no room: free space, then try again
  | 'TOO_LARGE' // over a bound: make it smaller
  | 'INVALID' // refused before anything was written: fix the caller
  | 'EXISTS' // the session is already there
  | 'NOT_FOUND' // no such store or session
  | 'READ_ONLY' // opened for reading: open for writing
  | 'UNDECODABLE' // checksums hold but the payload cannot be decoded: a fault of software or format
  | 'NEWER_FORMAT' // written by a newer version: upgrade
  | 'IO'; // the machine refused; see cause

/** A run of sequence numbers, both ends included. `to` is null when the end is not known. */
export interface SeqRange {
  readonly from: number;
  readonly to: number | null;
}

/** Who holds a lock, as far as its text tells. For people only: never used to decide. */
export interface LockOwner {
  readonly pid: number | null;
  readonly host: string | null;
  readonly since: string | null;
}

/** What each code tells beside its message. */
export interface ErrorDetails {
  LOCKED: { readonly path: string; readonly owner: LockOwner | null };
  LOCK_UNAVAILABLE: { readonly reason: string };
  CLOSED: { readonly what: string };
  POISONED: {
    /** In sequences of the session, or log, that throws it; null when a store does. */
    readonly durableUpTo: number | null;
    /** Entries behind it that may be there after recovery; null when there are none. */
    readonly inDoubt: SeqRange | null;
    readonly syscall: string | null;
    readonly errno: string | null;
  };
  DAMAGED: {
    readonly sessions: readonly { readonly id: string; readonly lost: readonly SeqRange[] }[];
    readonly file: string | null;
    readonly offset: number | null;
  };
  IN_DOUBT: { readonly id: string; readonly inDoubt: SeqRange; readonly expected: number };
  NEEDS_RECOVERY: { readonly writer: string };
  FULL: {
    readonly path: string;
    readonly bytesNeeded: number | null;
    readonly errno: string | null;
  };
  TOO_LARGE: { readonly bytes: number; readonly bytesMax: number };
  INVALID: { readonly path: string };
  EXISTS: { readonly id: string };
  NOT_FOUND: { readonly what: string };
  READ_ONLY: { readonly what: string };
  UNDECODABLE: { readonly file: string | null; readonly offset: number | null };
  NEWER_FORMAT: { readonly found: string; readonly supported: string };
  IO: {
    readonly syscall: string | null;
    readonly errno: string | null;
    readonly path: string | null;
  };
}

const brand = Symbol.for('holdfast.error');

/** Operating trouble, told with a stable code, typed details, and what to do about it. */
export class HoldfastError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'HoldfastError';
  readonly code: C;
  readonly details: ErrorDetails[C];

  constructor(code: C, message: string, details: ErrorDetails[C], options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
    Object.defineProperty(this, brand, { value: true });
  }

  /**
   * True for an error of Holdfast, also of another copy of the package in the same process.
   * With a code, true only for that code, and the details are typed by it.
   */
  static is(error: unknown): error is AnyHoldfastError;
  static is<C extends ErrorCode>(error: unknown, code: C): error is HoldfastError<C>;
  static is(error: unknown, code?: ErrorCode): boolean {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return code === undefined || (error as unknown as { code: unknown }).code === code;
  }
}

/** A HoldfastError whose details narrow with its code. */
export type AnyHoldfastError = { [C in ErrorCode]: HoldfastError<C> }[ErrorCode];

/** The errno name of a system error (`ENOSPC`), or null when the value is not one. */
export function errnoOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** True when a system error says that there is no room: disk full, quota, or size limit. */
export function isNoRoom(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno !== null && noRoom.has(errno);
}

/**
 * True when a file or directory could not even be opened: nothing of it was read, written or
 * synced.
 */
export function isOpenFailure(error: unknown): boolean {
  return errnoOf(error) !== null && (error as { syscall?: unknown }).syscall === 'open';
}

/** True when what is full is one file and not the disk: freeing space would not help. */
function isFileLimit(error: unknown): boolean {
  return errnoOf(error) === 'EFBIG';
}

/** What makes room again where the machine had none, as half a sentence. */
export function roomAdvice(error: unknown): string {
  return isFileLimit(error)
    ? 'raise the limit on the size of files (`ulimit -f`, or that of the file system)'
    : 'free some space';
}

/** Why no file can be opened, and what helps; descriptors are also what threads and locks need. */
const noDescriptor: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'this process has too many open files; raise its limit (`ulimit -n`), or open fewer'],
  ['ENFILE', 'the machine has too many open files; raise its limit, or end what has them open'],
]);

/** The path that an error of the machine names, or null. */
export function pathOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { path } = error as { readonly path?: unknown };
  return typeof path === 'string' ? path : null;
}

/**
 * Turns an error of the machine into FULL or IO; an error of ours, or a bug, is passed on as it is.
 * IO tells the path that the machine named, which is what is wrong, and `around` if it named none;
 * so does FULL where one file has reached a limit.
 */
export function fromSystem(error: unknown, action: string, around: string | null): Error {
  if (HoldfastError.is(error)) return error;
  const errno = errnoOf(error);
  if (errno === null) return error instanceof Error ? error : new Error(String(error));
  const syscall = (error as { syscall?: unknown }).syscall;
  const path = pathOf(error) ?? around;
  if (isNoRoom(error)) {
    const full = isFileLimit(error) ? path : around;
    const what = isFileLimit(error) ? `${JSON.stringify(full)} may not grow any more` : 'no room';
    return new HoldfastError(
      'FULL',
      `Cannot ${action}: ${what} (${errno}); ${roomAdvice(error)} and try again`,
      { path: full ?? '', bytesNeeded: null, errno },
      { cause: error },
    );
  }
  const place = path === null ? '' : ` for ${JSON.stringify(path)}`;
  return new HoldfastError(
    'IO',
    `Cannot ${action}: the machine answered ${errno}${place}` +
      (noDescriptor.has(errno) ? `: ${noDescriptor.get(errno)}` : ''),
    { syscall: typeof syscall === 'string' ? syscall : null, errno, path },
    { cause: error },
  );
}
