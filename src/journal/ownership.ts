/**
 * Whether a journal still is its writer's: its lock file and its segment stand at their paths.
 * Somebody who moves, deletes or replaces them by hand ends the journal, so this is asked behind
 * every sync and before anybody hears of it. What happens behind the answer cannot be known, and
 * harms nobody: whoever took the journal over then read what was synced before.
 *
 * Asking costs some system calls, as much as a tenth of a sync. Both files stand in one directory,
 * whose change time tells every removal and every replacement, so that one call is enough while it
 * stands still. It is believed only when it was already old at the last full look: two changes
 * within one tick of a file system's clock have the same time.
 */
import type { Clock } from '../platform/clock.ts';
import { isStillAt } from '../platform/file-system.ts';
import type { File, FileStat, FileSystem } from '../platform/file-system.ts';
import type { Guard } from './journal-protocol.ts';

/** Longer than the tick of any clock that stamps fractions of a second. */
const tickMsMax = 100;
const second = 1_000_000_000n;

/** Asks for one journal. */
export class Ownership {
  readonly #parts: { readonly fileSystem: FileSystem; readonly clock: Clock };
  readonly #directory: string;
  readonly #guard: Guard | null;
  /** The directory as it was, since when, and whether all stood in it when that was old. */
  #known: { readonly stat: FileStat; readonly sinceMs: number; isBelieved: boolean } | null = null;

  constructor(
    parts: { readonly fileSystem: FileSystem; readonly clock: Clock },
    directory: string,
    guard: Guard | null,
  ) {
    this.#parts = parts;
    this.#directory = directory;
    this.#guard = guard;
  }

  /** Fails with ESTALE when the segment or the lock file is not what it was. */
  async check(segment: { readonly file: File; readonly path: string }): Promise<void> {
    const guard = this.#guard;
    // First of all: a change behind this look has a later time.
    const stat = await this.#parts.fileSystem.stat(this.#directory);
    const isSame = stat !== null && this.#known !== null && isUnchanged(stat, this.#known.stat);
    if (isSame && this.#known?.isBelieved === true) return;
    const nowMs = this.#parts.clock.monotonicMs();
    const isOld = isSame && isFine(stat) && nowMs - (this.#known?.sinceMs ?? nowMs) > tickMsMax;
    // What was moved away still has a name. To ask for it by its path costs more, and is needed
    // only when the directory has changed and before that is believed.
    const isThere =
      isSame && !isOld
        ? await segment.file.hasName()
        : await isStillAt(this.#parts.fileSystem, segment.file, segment.path);
    if (!isThere) throw removedByHand(segment.path);
    if (guard !== null) await this.#checkGuard(guard);
    if (stat === null || (guard !== null && !guard.path.startsWith(`${this.#directory}/`))) return;
    if (!isSame || this.#known === null) {
      this.#known = { stat, sinceMs: nowMs, isBelieved: false };
    } else {
      this.#known.isBelieved = isOld;
    }
  }

  async #checkGuard(guard: Guard): Promise<void> {
    const found = await this.#parts.fileSystem.stat(guard.path);
    if (found === null || found.inode !== guard.inode || found.device !== guard.device) {
      throw removedByHand(guard.path);
    }
  }
}

function isUnchanged(one: FileStat, other: FileStat): boolean {
  const isSameDirectory = one.inode === other.inode && one.device === other.device;
  return isSameDirectory && one.changedNs === other.changedNs;
}

/**
 * A file system that stamps whole seconds is never believed, nor one that stamps nothing: of one
 * that somebody has allowed by name, nobody knows what its times mean.
 */
function isFine({ changedNs }: FileStat): boolean {
  return changedNs % second !== 0n;
}

function removedByHand(path: string): Error {
  const message = `The file ${JSON.stringify(path)} was removed or replaced while it was in use`;
  return Object.assign(new Error(message), { code: 'ESTALE', syscall: 'fstat', path });
}
