/** What `recover plan` and `recover apply` are about: a transcript, or a session of a store. */
import { resolve } from 'node:path';
import type { Arguments, OptionSpec, PositionalSpec } from '../command.ts';
import { pathKind, requireThere } from '../path-kind.ts';
import { UsageError } from '../usage-error.ts';
import type { TranscriptPath } from './checked.ts';

/** Where the history is. */
export const repairPath: PositionalSpec = {
  name: 'PATH',
  required: true,
  summary: 'A transcript, or a store with --session; its content tells which',
};

/** Which session of a store. */
export const repairSession: OptionSpec = {
  name: 'session',
  value: 'ID',
  summary: 'The session, when PATH holds several',
};

/** The history that was named. */
export type RepairTarget =
  | ({ readonly kind: 'transcript' } & TranscriptPath)
  | { readonly kind: 'session'; readonly root: string; readonly id: string };

/** Throws UsageError when PATH and --session do not fit together. */
export async function repairTarget(args: Arguments): Promise<RepairTarget> {
  const path = args.text('PATH') ?? '';
  if (path === '') throw new UsageError('PATH is empty');
  const id = args.text('session');
  await requireThere(path);
  const kind = await pathKind(path);
  if (kind !== 'store') return { kind: 'transcript', path, session: id ?? null };
  if (id === undefined || id === '') {
    throw new UsageError('--session ID is missing: PATH is a store (`holdfast list` names them)');
  }
  return { kind: 'session', root: resolve(path), id };
}
