/**
 * The snapshots that a session lists: labelled ones, and the newest `snapshotsKept` of the others.
 * Older ones leave the list by themselves, by a rule that every reader follows alike, so the list
 * needs no room that grows with the session. Their entries stay, and can be loaded by their ids.
 */
import { labelledSnapshotsMax, snapshotsKept } from '../base/quantities.ts';
import { isCut } from './cuts.ts';
import type { Cut, SnapshotContent, Trigger } from './event.ts';
import type { SnapshotSummary } from './state.ts';

/** One snapshot of the list, as a plain value that can be kept. */
export interface SnapshotMark {
  readonly id: number;
  readonly timeMs: number;
  readonly messageIndex: number;
  readonly action: string;
  readonly trigger: Trigger | null;
  readonly label: string | null;
  readonly contentDigest: string;
}

/** The list of one session; changed in place. */
export class SnapshotMarks {
  /** By id, in ascending order. */
  readonly #marks = new Map<number, SnapshotMark>();
  /** How many were taken by a trigger, ever. */
  triggered = 0;
  #unlabelled = 0;

  taken(id: number, timeMs: number, content: SnapshotContent): void {
    const { messageIndex, action, contentDigest } = content;
    const [trigger, label] = [content.trigger ?? null, content.label ?? null];
    this.#marks.set(id, { id, timeMs, messageIndex, action, trigger, label, contentDigest });
    if (trigger !== null) this.triggered += 1;
    if (label === null) this.#unlabelled += 1;
    this.#trim();
  }

  /** One that is not listed any more keeps its old label. */
  labelled(id: number, label: string | null): void {
    const mark = this.#marks.get(id);
    if (mark === undefined) return;
    if (mark.label === null) this.#unlabelled -= 1;
    if (label === null) this.#unlabelled += 1;
    this.#marks.set(id, { ...mark, label });
    this.#trim();
  }

  forgotten(ids: readonly number[]): void {
    for (const id of ids) this.#drop(id);
  }

  /** True when one more snapshot may get a label. */
  get hasRoomForLabel(): boolean {
    return this.#marks.size - this.#unlabelled < labelledSnapshotsMax;
  }

  get(id: number): SnapshotMark | undefined {
    return this.#marks.get(id);
  }

  /** The newest one on the branch that these cuts leave. */
  newest(cuts: readonly Cut[]): SnapshotMark | null {
    for (const mark of [...this.#marks.values()].reverse()) if (!isCut(cuts, mark.id)) return mark;
    return null;
  }

  /** Oldest first. */
  list(cuts: readonly Cut[]): readonly SnapshotSummary[] {
    return [...this.#marks.values()].map((mark) => {
      return { ...mark, onBranch: !isCut(cuts, mark.id) };
    });
  }

  /** All that is known, as plain values; see `restore`. */
  image(): { readonly marks: readonly SnapshotMark[]; readonly triggered: number } {
    return { marks: [...this.#marks.values()], triggered: this.triggered };
  }

  /** Forgets everything and knows what an image says. */
  restore(image: { readonly marks: readonly SnapshotMark[]; readonly triggered: number }): void {
    this.#marks.clear();
    for (const mark of image.marks) this.#marks.set(mark.id, mark);
    this.triggered = image.triggered;
    this.#unlabelled = image.marks.filter((mark) => mark.label === null).length;
  }

  #trim(): void {
    if (this.#unlabelled <= snapshotsKept) return;
    for (const mark of this.#marks.values()) {
      if (mark.label !== null) continue;
      this.#drop(mark.id);
      if (this.#unlabelled <= snapshotsKept) return;
    }
  }

  #drop(id: number): void {
    const mark = this.#marks.get(id);
    if (mark === undefined) return;
    this.#marks.delete(id);
    if (mark.label === null) this.#unlabelled -= 1;
  }
}
