/**
 * The names of the sessions' directories, and whether a sync of them can still be believed. A sync
 * that fails is not tried again: the names that it should have kept may be marked clean, and the
 * next sync then succeeds without having written them. Sessions whose names were proven go on.
 */
import { HoldfastError, errnoOf, isOpenFailure } from '../base/errors.ts';
import type { FileSystem } from '../platform/file-system.ts';

/** The names as one writer sees them, until its store is closed. */
export class SessionNames {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  #failure: unknown = null;

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** Makes all names durable. Fails as the disk fails, and with IO ever after. */
  async sync(): Promise<void> {
    this.#assertBelieved();
    try {
      await this.#fileSystem.syncDirectory(this.#directory);
    } catch (error) {
      // Without a descriptor no sync was tried, so the next one writes all that this one should
      // have.
      if (!isOpenFailure(error)) this.#failure ??= error;
      throw error;
    }
    // One that failed meanwhile may have been the one that should have kept our name.
    this.#assertBelieved();
  }

  #assertBelieved(): void {
    if (this.#failure === null) return;
    throw new HoldfastError(
      'IO',
      'Cannot make the name of the session durable: an earlier sync of the directory of sessions ' +
        'failed, and another one would prove nothing; close the store and open it again',
      { syscall: 'fsync', errno: errnoOf(this.#failure), path: this.#directory },
      { cause: this.#failure },
    );
  }
}
