/** Holdfast with its default settings, restore points included. */
import { join } from 'node:path';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import { messageAt } from '../messages.ts';
import type { Peer } from './peer.ts';

/** One session; its appends share a sync by themselves. */
export class HoldfastPeer implements Peer {
  readonly name = 'holdfast';
  readonly group = 1;
  readonly store: Store;
  readonly #session: Session;
  #at = 0;

  constructor(store: Store, session: Session) {
    this.store = store;
    this.#session = session;
  }

  static async open(directory: string): Promise<HoldfastPeer> {
    const store = await Store.open(join(directory, 'holdfast'));
    return new HoldfastPeer(store, await store.createSession());
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
