/** lmdb with its own MessagePack; a put counts once `flushed` says that it is on the disk. */
import { join } from 'node:path';
import { open } from 'lmdb';
import type { RootDatabase } from 'lmdb';
import { messageAt } from '../messages.ts';
import type { Peer } from './peer.ts';

/** Puts that come together share a transaction by themselves. */
export class LmdbPeer implements Peer {
  readonly name = 'lmdb';
  readonly group = 1;
  readonly #database: RootDatabase<unknown, number>;
  #at = 0;

  constructor(directory: string) {
    this.#database = open<unknown, number>({ path: join(directory, 'lmdb') });
  }

  async append(count: number): Promise<void> {
    const commits = Array.from({ length: count }, () => {
      this.#at += 1;
      return this.#database.put(this.#at, messageAt(this.#at));
    });
    // A put answers with its commit, which comes before the disk does.
    await Promise.all([...commits, this.#database.flushed]);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
