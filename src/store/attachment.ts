/**
 * Whether a session's head names this writer. It does, synced, before the first entry is written:
 * no other process then takes the session for complete while this journal holds its newest
 * entries.
 */
import { fromSystem, HoldfastError } from '../base/errors.ts';
import type { HistoryFile } from '../history/history-file.ts';
import type { Lock } from '../platform/locks.ts';

/** The bond between one open session and its writer. */
export class Attachment {
  readonly #history: HistoryFile;
  readonly #writer: Uint8Array;
  /** Makes the name of the session's directory durable. */
  readonly #syncNames: () => Promise<void>;
  /** The session's lock. */
  readonly #lock: Lock;
  #attaching: Promise<void> | null = null;
  #holds: boolean;
  /** A detaching failed: the head may say either, and on the disk perhaps another than here. */
  #unsure = false;

  constructor(
    history: HistoryFile,
    writer: Uint8Array,
    own: {
      readonly syncNames: () => Promise<void>;
      readonly lock: Lock;
      readonly holds: boolean;
    },
  ) {
    this.#history = history;
    this.#writer = writer;
    this.#syncNames = own.syncNames;
    this.#lock = own.lock;
    this.#holds = own.holds;
  }

  /** True when the head names this writer. */
  get holds(): boolean {
    return this.#holds;
  }

  /** True when the head may name this writer. */
  get mayHold(): boolean {
    return this.#holds || this.#unsure;
  }

  /** What fails here has left nothing in the journal, and is tried again by the next append. */
  async attach(): Promise<void> {
    if (this.#holds) return;
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = null;
    });
    await this.#attaching;
  }

  /**
   * Only when everything is settled and a detach frame is synced in the journal. Once it has begun,
   * the head counts as detached, also when it fails: half of it may be on the disk, and what is
   * appended then would be nobody's unless it attaches anew.
   */
  async detach(): Promise<void> {
    this.#holds = false;
    this.#unsure = true;
    await this.#history.writeHead({ attached: null });
    this.#unsure = false;
  }

  /**
   * Only while the head names nobody does the lock alone keep others out: once it names this
   * writer, they find its journal locked.
   */
  #assertLocked(): void {
    if (this.#lock.held()) return;
    const { path } = this.#lock;
    throw new HoldfastError(
      'IO',
      `Cannot write to the session: the file ${JSON.stringify(path)} was removed or replaced ` +
        'while it was locked, so another process may have it; close the session and open it again',
      { syscall: 'fstat', errno: 'ESTALE', path },
    );
  }

  async #attach(): Promise<void> {
    try {
      this.#assertLocked();
      await this.#history.writeHead({ attached: this.#writer });
      await this.#syncNames();
      this.#holds = true;
      this.#unsure = false;
    } catch (error) {
      throw fromSystem(error, 'attach the session', this.#history.path);
    }
  }
}
