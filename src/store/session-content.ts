/**
 * Where the entries of a session that is open for writing stand: in its history up to the vouched
 * end, behind it in the journal. Settling moves the border. Head, index and tail change together,
 * in one step, so that a reader never sees an entry in neither place.
 */
import type { HistoryFile } from '../history/history-file.ts';
import type { Head } from '../format/head.ts';
import type { LooseFrame } from '../journal/batch.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import { fieldsOf } from '../recovery/replay.ts';
import type { BatchIndex, ContentView, TailPlace } from './content.ts';

/** Bytes of entries that are settled, and synced, at a time. */
const groupBytesMax = 8 * 1024 * 1024;

/** The content of one session, and its way from the journal to the history. */
export class SessionContent {
  readonly #history: HistoryFile;
  readonly #index: BatchIndex;
  readonly #tail: TailPlace[] = [];
  /** The head that index and tail go with; that of the history is ahead of them for a moment. */
  #head: Head;
  #settling: Promise<void> = Promise.resolve();

  constructor(history: HistoryFile, index: BatchIndex) {
    this.#history = history;
    this.#index = index;
    this.#head = history.head;
  }

  /** Oldest segment that still holds entries of this session, or null. */
  get oldestSegment(): number | null {
    return this.#tail[0]?.segment ?? null;
  }

  /** An entry was acknowledged; it follows those before it. */
  placed(place: TailPlace): void {
    this.#tail.push(place);
  }

  /** What a read works on. */
  view(source: FrameSource, lastSeq: number): ContentView {
    const { path } = this.#history;
    return { path, head: this.#head, index: this.#index, tail: this.#tail, source, lastSeq };
  }

  /**
   * Moves entries up to this seq from the journal to the history. One run at a time. When it fails,
   * what it did not move stays in the journal.
   */
  settle(
    own: { readonly source: FrameSource; readonly idBytes: Uint8Array },
    durableUpTo: () => number,
  ): Promise<void> {
    const run = this.#settling.then(() => this.#settle(own, durableUpTo));
    // A failed settling is told to its caller and tried again by the next one; it must not stop it.
    this.#settling = run.catch(() => undefined);
    return run;
  }

  async #settle(
    own: { readonly source: FrameSource; readonly idBytes: Uint8Array },
    durableUpTo: () => number,
  ): Promise<void> {
    while (this.#tail.length > 0) {
      const places: TailPlace[] = [];
      let bytes = 0;
      for (const place of this.#tail) {
        if (place.seq > durableUpTo() || bytes >= groupBytesMax) break;
        places.push(place);
        bytes += place.payloadBytes;
      }
      const group: LooseFrame[] = await own.source.readAll(places);
      const first = group[0];
      if (first === undefined) return;
      const offset = this.#history.head.vouched.endOffset;
      await this.#history.append(group, own.idBytes, fieldsOf(this.#history.head, group));
      this.#index.seqs.push(first.streamSeq);
      this.#index.offsets.push(offset);
      this.#tail.splice(0, group.length);
      this.#head = this.#history.head;
    }
  }
}
