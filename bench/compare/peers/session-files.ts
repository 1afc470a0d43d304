/**
 * JSON lines with one file for each session, at its best: whoever comes while a file is being synced
 * shares the next write and sync of that file.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** One file, which takes any number of appends at a time. */
export class SessionFile {
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #next: Promise<void> | null = null;
  #running: Promise<void> = Promise.resolve();
  #syncs = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(directory: string, session: string): Promise<SessionFile> {
    return new SessionFile(await open(join(directory, `${session}.jsonl`), 'a'));
  }

  get syncs(): number {
    return this.#syncs;
  }

  /** Resolves when the message is on the disk. */
  append(message: unknown): Promise<void> {
    this.#waiting.push(`${JSON.stringify(message)}\n`);
    this.#next ??= this.#runNext();
    return this.#next;
  }

  async #runNext(): Promise<void> {
    const before = this.#running;
    const own = before.then(async () => {
      const lines = this.#waiting.join('');
      this.#waiting = [];
      this.#next = null;
      await this.#file.appendFile(lines);
      await this.#file.datasync();
      this.#syncs += 1;
    });
    this.#running = own;
    await own;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
