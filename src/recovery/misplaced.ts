/**
 * What stands at a name of the engine and is of another kind than opening needs: a link in place of
 * a lock file, or of a directory. Nothing of a session is lost by that, and yet nobody can write
 * there, so a look must not pass over it. Looks only; never opens what it finds.
 */
import type { FileStat } from '../platform/file-system.ts';
import { sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Parts } from './parts.ts';

/** One such thing. */
export interface Misplaced {
  readonly path: string;
  readonly kind: FileStat['kind'];
  readonly wanted: 'file' | 'directory';
  /** The only session that suffers; null for the whole store. */
  readonly session: string | null;
}

/** What stands wrongly among lock files and directories; what is not there is made when needed. */
export async function misplacedIn(
  { fileSystem }: Parts,
  layout: Layout,
  ids: readonly string[],
): Promise<readonly Misplaced[]> {
  const { gate, sessions, journals } = layout;
  const places: Omit<Misplaced, 'kind'>[] = [
    { path: gate, wanted: 'file', session: null },
    ...[journals, sessions].map((path) => ({ path, wanted: 'directory', session: null }) as const),
    ...ids.map((session) => {
      return { path: sessionPaths(layout, session).lock, wanted: 'file', session } as const;
    }),
  ];
  const found: Misplaced[] = [];
  for (const place of places) {
    const kind = (await fileSystem.stat(place.path))?.kind;
    if (kind !== undefined && kind !== place.wanted) found.push({ ...place, kind });
  }
  return found;
}
