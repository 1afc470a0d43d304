/** What a session shows, however it was opened: identity, state, and its content as streams. */
import type { FileSystem } from '../platform/file-system.ts';
import type { Entry } from '../session/event.ts';
import { snapshotState } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import type { Message } from '../session/message.ts';
import type { SessionState } from '../session/state.ts';
import { toHex } from '../format/bytes.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import type { ReadOptions, RecoveryNotice } from './api.ts';
import { readEntries } from './content.ts';
import type { ContentView } from './content.ts';

export abstract class SessionBase {
  readonly id: string;
  readonly recoveries: readonly RecoveryNotice[];
  protected readonly fold: Fold;
  readonly #fileSystem: FileSystem;

  constructor(id: string, fileSystem: FileSystem, reading: Pick<SessionReading, 'fold' | 'notes'>) {
    this.id = id;
    this.#fileSystem = fileSystem;
    this.fold = reading.fold;
    this.recoveries = noticesOf(reading.notes);
  }

  /** Highest seq that survives power loss. */
  abstract get durableUpTo(): number;

  /** What the handle has seen acknowledged, folded. */
  get state(): SessionState {
    return snapshotState(this.fold, this.durableUpTo);
  }

  /** All events, in order. */
  entries(options: ReadOptions = {}): AsyncIterable<Entry> {
    this.assertReadable();
    return readEntries(this.#fileSystem, () => this.view(), options);
  }

  /** Messages only, each with its seq. A limit counts messages. */
  async *messages(
    options: ReadOptions = {},
  ): AsyncGenerator<{ readonly seq: number; readonly message: Message }> {
    const { limit = Number.MAX_SAFE_INTEGER, ...range } = options;
    let count = 0;
    if (limit <= 0) return;
    for await (const entry of this.entries(range)) {
      if (entry.event.kind !== 'message') continue;
      yield { seq: entry.seq, message: entry.event.message };
      count += 1;
      if (count >= limit) return;
    }
  }

  protected abstract view(): ContentView;
  /** Throws CLOSED when the handle can no longer be read. */
  protected abstract assertReadable(): void;
}

function noticesOf(notes: SessionReading['notes']): readonly RecoveryNotice[] {
  return notes.map(({ note, timeMs }) => ({
    writer: toHex(note.writer),
    timeMs,
    kept: note.kept,
    inDoubt: note.inDoubt,
    cutBytes: note.cutBytes,
  }));
}
