/**
 * Sees from outside when a writer begins to write a large batch: segments are filled with zeros
 * before they are used, so the first byte that is not zero behind the known content belongs to it.
 */
import { setImmediate } from 'node:timers/promises';
import { addAll } from '../../base/lists.ts';
import { fileHeaderBytes } from '../../base/quantities.ts';
import { endOfContent } from '../../format/bytes.ts';
import { segmentNumber } from '../../journal/segment-maker.ts';
import { errnoOf } from '../../base/errors.ts';
import { readUpTo } from '../../platform/file-system.ts';
import type { File, FileSystem } from '../../platform/file-system.ts';
import { nodeFileSystem } from '../../platform/node-file-system.ts';

/** Looks at the bytes are quick; looking for new names and other work come in between. */
const looksPerTurn = 20;

interface Watched {
  readonly file: File;
  readonly inode: bigint;
  /** Where its content ended when it was marked. */
  readonly end: number;
}

/** Watches the journals of a store. Uses calls on this thread: a pool would see it too late. */
export class JournalWatch {
  readonly #fileSystem: FileSystem = nodeFileSystem('inline');
  readonly #journals: string;
  readonly #open = new Map<string, Watched>();

  constructor(root: string) {
    this.#journals = `${root}/journals`;
  }

  /** Notes what the journals hold now. */
  async mark(): Promise<void> {
    await this.close();
    for (const path of await this.#segments()) {
      await this.#take(path, async (file) => {
        const { size } = await file.stat();
        return endOfContent(await readUpTo(file, 0, size), fileHeaderBytes);
      });
    }
  }

  /**
   * Resolves with true as soon as something stands so many bytes behind what was marked, and with
   * false when the signal aborts before.
   */
  async sees(depthBytes: number, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      for (const path of await this.#segments()) {
        // A segment that was made ahead is replaced by a larger one of the same name.
        const stat = await this.#fileSystem.stat(path);
        if (stat === null || stat.inode === this.#open.get(path)?.inode) continue;
        await this.#open.get(path)?.file.close();
        await this.#take(path, () => Promise.resolve(fileHeaderBytes));
      }
      for (let look = 0; look < looksPerTurn; look += 1) {
        for (const { file, end } of this.#open.values()) {
          const bytes = await readUpTo(file, end + depthBytes, 64);
          if (bytes.some((byte) => byte !== 0)) return true;
        }
      }
      await setImmediate();
    }
    return false;
  }

  /** Forgets what was marked. */
  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { file } of open) await file.close();
  }

  async #take(path: string, endOf: (file: File) => Promise<number>): Promise<void> {
    await this.#unlessGone(async () => {
      const file = await this.#fileSystem.open(path, 'read');
      const { inode } = await file.stat();
      this.#open.set(path, { file, inode, end: await endOf(file) });
    });
  }

  async #segments(): Promise<readonly string[]> {
    const paths: string[] = [];
    for (const writer of (await this.#unlessGone(() => this.#list(this.#journals))) ?? []) {
      const names = await this.#unlessGone(() => this.#list(writer));
      addAll(
        paths,
        (names ?? []).filter((path) => segmentNumber(nameOf(path)) !== null),
      );
    }
    return paths;
  }

  async #list(directory: string): Promise<readonly string[]> {
    return (await this.#fileSystem.list(directory)).map((name) => `${directory}/${name}`);
  }

  /** Journals and segments come and go while they are watched. */
  async #unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null;
      throw error;
    }
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
