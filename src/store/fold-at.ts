/**
 * The state of a session behind one of its earlier entries. It is folded from the nearest base in
 * front of that entry, so that it costs at most the distance between two bases.
 */
import { decodeFold } from '../session/fold-value.ts';
import { foldEntry, imageOf, newFold, restoreConversation } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import { StaleRewinds } from '../session/stale-rewinds.ts';
import type { Cut, Entry } from '../session/event.ts';
import type { StateImage } from '../session/state.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { ReadOptions } from './api.ts';
import type { ContentView } from './content.ts';
import { branchOf } from './session-view.ts';

/** How a session gives its entries. */
export type ReadRange = (range: ReadOptions) => AsyncIterable<Entry>;

/** The fold of everything up to this seq. Fails as reading entries fails. */
export async function foldAt(
  fileSystem: FileSystem,
  view: () => ContentView,
  entries: ReadRange,
  seq: number,
): Promise<Fold> {
  const fold = (await baseFold(fileSystem, view(), seq)) ?? newFold();
  const stale = new StaleRewinds(fold.lastSeq);
  for await (const entry of entries({ from: fold.lastSeq + 1, to: seq })) {
    foldEntry(fold, entry);
    stale.folded(entry);
  }
  if (stale.isStale) restoreConversation(fold, await branchState(entries, seq, fold.cuts));
  return fold;
}

/** The conversation up to this seq without its cuts, folded from the first entry on. */
export async function branchState(
  entries: ReadRange,
  to: number,
  cuts: readonly Cut[],
): Promise<StateImage> {
  const fold = newFold();
  for await (const entry of branchOf(entries({ to }), cuts)) foldEntry(fold, entry);
  return imageOf(fold);
}

/** Null when no base serves: the entries tell all then, and what is wrong with them. */
async function baseFold(
  fileSystem: FileSystem,
  { path, head, index }: ContentView,
  seq: number,
): Promise<Fold | null> {
  let fold: Uint8Array | null = null;
  try {
    const file = await fileSystem.open(path, 'read');
    try {
      fold = (await index.baseBefore(file, head, seq))?.fold ?? null;
    } finally {
      await file.close();
    }
  } catch {
    // Reading the entries meets the same trouble, and names it.
    return null;
  }
  const decoded = fold === null ? null : decodeFold(fold);
  return decoded === null || decoded.lastSeq > seq ? null : decoded;
}
