/**
 * Which store a command works on: DIR or PATH, then `--store`, then HOLDFAST_STORE, then the usual
 * place.
 */
import { isAbsolute, join, resolve } from 'node:path';
import type { Arguments } from './command.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';

/** The absolute path of the store. Throws UsageError for an empty DIR or `--store`. */
export function storeDirectory(args: Arguments, io: Pick<Io, 'env' | 'home'>): string {
  const named = args.text('DIR') ?? args.text('PATH') ?? args.text('store');
  if (named === '') throw new UsageError('the store directory is empty');
  if (named !== undefined) return resolve(named);
  const fromEnvironment = io.env['HOLDFAST_STORE'] ?? '';
  if (fromEnvironment !== '') return resolve(fromEnvironment);
  return defaultDirectory(io);
}

function defaultDirectory(io: Pick<Io, 'env' | 'home'>): string {
  // The XDG specification says that a relative path is to be ignored.
  const state = io.env['XDG_STATE_HOME'] ?? '';
  return join(isAbsolute(state) ? state : join(io.home, '.local', 'state'), 'holdfast');
}
