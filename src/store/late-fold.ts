/**
 * A fold that takes entries in when somebody looks, or when the writer waits for the disk anyway.
 * The digest of a message costs as much as all else of its append together; nobody who awaits an
 * answer should wait for it. Whoever looks sees every entry that was acknowledged.
 */
import type { Entry } from '../session/event.ts';
import { foldEntry } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import type { BasePoints } from './base-points.ts';

/** One for each session that is open for writing. */
export class LateFold {
  readonly #fold: Fold;
  readonly #points: BasePoints;
  #watcher: ((entry: Entry, payloadBytes: number) => void) | null = null;
  #late: { readonly entry: Entry; readonly payloadBytes: number }[] = [];

  constructor(fold: Fold, points: BasePoints) {
    this.#fold = fold;
    this.#points = points;
  }

  /** Called for every entry from now on, right after it was folded. */
  watchedBy(watcher: (entry: Entry, payloadBytes: number) => void): void {
    this.#watcher = watcher;
  }

  /** An entry was acknowledged; it follows those before it. */
  add(entry: Entry, payloadBytes: number): void {
    this.#late.push({ entry, payloadBytes });
  }

  /** The fold with every entry in it. */
  get fold(): Fold {
    this.catchUp();
    return this.#fold;
  }

  /** Takes in what was added. */
  catchUp(): void {
    const late = this.#late;
    if (late.length === 0) return;
    this.#late = [];
    for (const { entry, payloadBytes } of late) {
      foldEntry(this.#fold, entry);
      this.#points.folded(this.#fold, entry, payloadBytes);
      // May look at the fold, and submit; both find it with this entry as its last.
      this.#watcher?.(entry, payloadBytes);
    }
  }
}
