/**
 * Errors in the shape that Node gives to errors of the machine, for the places where the engine
 * itself has to make one: the simulated disk, and checks that a system call does not make.
 */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** An error of the machine. `errno` is negative, as Node has it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly path?: string;
}

const numbers: ReadonlyMap<string, number> = new Map(Object.entries(constants.errno));

/** True for a name that the machine gives to an error of its own, such as `EIO`. */
export function isErrnoName(name: string): boolean {
  if (numbers.has(name)) return true;
  return [...getSystemErrorMap().values()].some(([known]) => known === name);
}

/** The error that Node would throw for this errno name (`ENOSPC`) of this system call. */
export function systemError(code: string, syscall: string, path: string): SystemError {
  const errno = -(numbers.get(code) ?? 0);
  const text = getSystemErrorMap().get(errno)?.[1] ?? 'unknown error';
  const message = `${code}: ${text}, ${syscall} ${JSON.stringify(path).replaceAll('"', "'")}`;
  return Object.assign(new Error(message), { errno, code, syscall, path });
}

/**
 * Calls on a descriptor fail without telling the path. Adds it, and returns the same error, so that
 * the message for people can name the file.
 */
export function withPath(error: unknown, path: string): Error {
  if (error instanceof Error && 'syscall' in error && !('path' in error)) {
    return Object.assign(error, { path });
  }
  return error as Error;
}
