/**
 * Whether a directory may be opened as a log. A log takes a directory for itself, so anything that
 * is neither a log nor empty is refused before its lock file would be the first trace in it.
 */
import { posix } from 'node:path';
import { HoldfastError } from '../base/errors.ts';
import { toHex } from '../format/bytes.ts';
import { segmentNumber } from '../journal/segment-maker.ts';
import type { SegmentFacts } from '../journal/journal-reader.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { layoutOf, relative } from '../recovery/layout.ts';
import { requireSafeFileSystem } from '../recovery/safe-file-system.ts';

/** Names that a log gives beside its segments; what begins with `.new-` was left half made. */
const ownNames: readonly string[] = ['LOCK', 'head', 'quarantine'];

/**
 * INVALID for the directory of a Holdfast store, and for one that holds something and no log. A
 * directory that is not there, or empty, is none of it.
 */
export async function requireLogDirectory(
  fileSystem: FileSystem,
  directory: string,
): Promise<void> {
  const stat = await fileSystem.stat(directory);
  if (stat === null) return;
  const root = stat.kind === 'link' ? await fileSystem.realPath(directory) : directory;
  const names = await fileSystem.list(root);
  const { gate, storeFile, writersFile, journals, sessions } = layoutOf(root);
  const ofStore = [storeFile, writersFile, journals, sessions, gate].map((path) => {
    return relative(layoutOf(root), path);
  });
  const isLog = names.includes('head') || names.some((name) => segmentNumber(name) !== null);
  if (isLog) return;
  const store = names.find((name) => ofStore.includes(name));
  if (store !== undefined) throw refused(root, `it is a store, with ${store}; open it as a Store`);
  const foreign = names.find((name) => !ownNames.includes(name) && !name.startsWith('.new-'));
  if (foreign === undefined) return;
  throw refused(root, `it holds ${JSON.stringify(foreign)} and no log; name an empty directory`);
}

/** INVALID for the journal of a store: its segments tell of a store that is not themselves. */
export function requireOwnSegments(root: string, segments: readonly SegmentFacts[]): void {
  const isForeign = segments.some(({ header }) => {
    return header !== null && toHex(header.writer) !== toHex(header.store);
  });
  if (isForeign) throw refused(root, 'it is the journal of a store; open the store as a Store');
}

/** LOCK_UNAVAILABLE where locks and flushes are not safe, before anything is made there. */
export async function requireSafePlace(
  fileSystem: FileSystem,
  directory: string,
  allowed: readonly string[],
): Promise<void> {
  let there = directory;
  while ((await fileSystem.stat(there)) === null) there = posix.dirname(there);
  const { kind } = await fileSystem.space(there);
  requireSafeFileSystem(kind, allowed, directory);
}

function refused(directory: string, why: string): HoldfastError<'INVALID'> {
  const message = `Cannot open ${JSON.stringify(directory)} as a log: ${why}`;
  return new HoldfastError('INVALID', message, { path: directory });
}
