/** Holdfast with its default settings, restore points included, and without those. */
import { join } from 'node:path';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import { messageAt } from '../messages.ts';
import type { Peer } from './peer.ts';

/** One session; its appends share a sync by themselves. */
export class HoldfastPeer implements Peer {
  readonly name: string;
  readonly group = 1;
  readonly store: Store;
  readonly #session: Session;
  #at = 0;

  constructor(name: string, store: Store, session: Session) {
    this.name = name;
    this.store = store;
    this.#session = session;
  }

  static async open(directory: string): Promise<HoldfastPeer> {
    const store = await Store.open(join(directory, 'holdfast'));
    return new HoldfastPeer('holdfast', store, await store.createSession());
  }

  /** The log alone: no text is read for what it is about, and no restore points take themselves. */
  static async openBare(directory: string): Promise<HoldfastPeer> {
    const store = await Store.open(join(directory, 'bare'), { checkpoints: false });
    return new HoldfastPeer('holdfast, checkpoints off', store, await store.createSession());
  }

  async append(count: number): Promise<void> {
    if (count === 1) {
      await this.#session.append(messageAt(this.#at++));
      return;
    }
    await this.#session.appendAll(Array.from({ length: count }, () => messageAt(this.#at++)));
  }

  /** From the journal into the history, which otherwise goes on beside the next contestant. */
  async rest(): Promise<void> {
    await this.store.settle();
  }

  async close(): Promise<void> {
    await this.store.close();
  }
}
