/**
 * The session that `holdfast append` writes to. One that is there is opened at once, so that what
 * is wrong with it is told before any line is read. One that is not there is made for the first
 * message that is good: a typing error, or an empty input, leaves no empty session and no store.
 */
import { HoldfastError } from '../base/errors.ts';
import { encodeEvent } from '../session/event-codec.ts';
import type { Message } from '../session/message.ts';
import type { Session, StoreApi, StoreOptions } from '../store/api.ts';
import { openForWriting } from './write-store.ts';
import type { Writing } from './write-store.ts';

/** Where the session is, and how its store is opened for writing. */
export interface TargetPlace {
  readonly run: Writing;
  readonly root: string;
  readonly id: string;
  readonly options: Omit<StoreOptions, 'mode'>;
}

/** The session, once there is one. */
export class AppendTarget implements AsyncDisposable {
  readonly #place: TargetPlace;
  #store: StoreApi | null = null;
  #session: Session | null = null;

  constructor(place: TargetPlace) {
    this.#place = place;
  }

  get id(): string {
    return this.#place.id;
  }

  /** False while nothing was appended to a session that was not there. */
  get isThere(): boolean {
    return this.#session !== null;
  }

  /** Opens what is there; fails as opening does, and makes nothing. */
  async open(): Promise<void> {
    const { run, root, id, options } = this.#place;
    const { signal } = options;
    try {
      // Opening for writing would make the store.
      const mode = { mode: 'read' } as const;
      const found = await run.engine.openStore(
        root,
        signal === undefined ? mode : { ...mode, signal },
      );
      await found[Symbol.asyncDispose]();
      this.#store = await openForWriting(run, root, options);
      this.#session = await this.#store.openSession(id);
    } catch (error) {
      if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
    }
  }

  /**
   * The session. When it is to be made, a message that would be refused is refused before: INVALID,
   * TOO_LARGE.
   */
  async sessionFor(first: Message): Promise<Session> {
    if (this.#session !== null) return this.#session;
    encodeEvent({ kind: 'message', message: first });
    const { run, root, id, options } = this.#place;
    this.#store ??= await openForWriting(run, root, options);
    this.#session = await this.#store.openSession(id, { create: true });
    return this.#session;
  }

  /** What was answered as batched is synced when this returns. */
  async flush(): Promise<void> {
    await this.#session?.flush();
  }

  /** The session first; the store also when the session cannot be closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#session?.[Symbol.asyncDispose]();
    } finally {
      await this.#store?.[Symbol.asyncDispose]();
    }
  }
}
