/** classic-level (LevelDB) with `sync: true`, JSON values. */
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { messageAt } from '../messages.ts';
import { groupMessages } from './peer.ts';
import type { Peer } from './peer.ts';

const keyDigits = 12;

/** A put for each message, or a batch of ten. */
export class LevelPeer implements Peer {
  readonly name = 'classic-level';
  readonly group = groupMessages;
  readonly #database: ClassicLevel<string, unknown>;
  #at = 0;

  constructor(directory: string) {
    this.#database = new ClassicLevel(join(directory, 'level'), { valueEncoding: 'json' });
  }

  async append(count: number): Promise<void> {
    if (count === 1) {
      await this.#database.put(this.#key(), messageAt(this.#at), { sync: true });
      return;
    }
    const puts = Array.from({ length: count }, () => {
      return { type: 'put', key: this.#key(), value: messageAt(this.#at) } as const;
    });
    await this.#database.batch(puts, { sync: true });
  }

  #key(): string {
    this.#at += 1;
    return String(this.#at).padStart(keyDigits, '0');
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}
