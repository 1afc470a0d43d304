/**
 * A user of one store whose calls overlap: several processes, each on a file system on which operations
 * can be held, the handles that are open, and what the user was told. Time is moved by somebody else.
 */
import { HoldfastError } from '../../src/base/errors.ts';
import type { Parts } from '../../src/recovery/parts.ts';
import type { OpenSessionOptions, StoreOptions } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { Store } from '../../src/store/store.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { simRoot } from '../helpers/sim-store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';
import type { Certainty } from '../sim/model.ts';
import { allDurable, newGroup, newLife } from './pair-lives.ts';
import type { Life, Lives, LooseGroup } from './pair-lives.ts';

/** An open session, the life of its id that it is, and the store that it is of. */
export interface Handle {
  readonly session: SessionWriter;
  readonly life: Life;
  readonly store: Store;
}

/** How a group is sent. */
interface Sending {
  readonly certainty: Exclude<Certainty, 'sent' | 'failed'>;
  /** See `LooseGroup`. */
  readonly isAtOnce: boolean;
}

const durable: Sending = { certainty: 'durable', isAtOnce: true };

/** Where the operations of one process can be held: first by the first call, then by the second. */
export interface Process {
  readonly parts: Parts;
  readonly first: HeldOperation;
  readonly second: HeldOperation;
}

/** The user. */
export class PairUser {
  readonly machine: SimMachine;
  readonly world: Map<string, Lives>;
  readonly handles: Handle[] = [];
  readonly stores: Store[] = [];
  readonly #processes = new Map<string, Process>();
  #words = 0;
  /** That are under way. */
  #deletions = 0;

  constructor(machine: SimMachine, world: Map<string, Lives>) {
    this.machine = machine;
    this.world = world;
  }

  process(name: string): Process {
    const known = this.#processes.get(name);
    if (known !== undefined) return known;
    const parts = this.machine.parts(name);
    const second = new HeldOperation(parts.fileSystem);
    const first = new HeldOperation(second.fileSystem);
    const made = { parts: { ...parts, fileSystem: first.fileSystem }, first, second };
    this.#processes.set(name, made);
    return made;
  }

  async openStore(name: string, options: StoreOptions = {}): Promise<Store> {
    const { parts } = this.process(name);
    const own = { segmentBytes: 16384, checkpoints: false, lockWaitMs: 1000, ...options } as const;
    const store = await Store.openWith(parts, simRoot, { ...own, io: 'pool' });
    this.stores.push(store);
    return store;
  }

  /** The handle of the session that all verbs of one session are called on. */
  handleOf(id: string): Handle {
    const handle = this.handles.find(({ life }) => life.id === id);
    if (handle === undefined) throw new Error(`No handle of ${id}`);
    return handle;
  }

  async create(store: Store, id: string, named: 'named' | 'plain' = 'plain'): Promise<Handle> {
    const life = newLife(id);
    this.#livesOf(id).push(life);
    const isNamed = named === 'named';
    if (isNamed) life.loose.push(newGroup(['metadata'], true));
    const options = isNamed ? { id, metadata: { name: 'a name' } } : { id };
    try {
      const session = (await store.createSession(options)) as SessionWriter;
      for (const group of life.loose) group.certainty = 'durable';
      return this.#opened({ session, life, store });
    } catch (error) {
      this.#forget(life);
      throw error;
    }
  }

  async open(store: Store, id: string, options: OpenSessionOptions = {}): Promise<Handle> {
    const asked = options.create === true ? newLife(id) : null;
    if (asked !== null) this.#livesOf(id).push(asked);
    let session: SessionWriter;
    try {
      session = (await store.openSession(id, options)) as SessionWriter;
    } catch (error) {
      if (asked !== null) this.#forget(asked);
      throw error;
    }
    const { incarnation } = session;
    const lives = this.#livesOf(id);
    const known = lives.find((one) => one.incarnation === incarnation);
    if (asked !== null && known !== undefined) this.#forget(asked);
    const life = known ?? asked ?? lives.find((one) => one.created === 'asked');
    if (life === undefined) throw new Error(`Session ${id} is one that nobody made`);
    return this.#opened({ session, life, store });
  }

  #opened(handle: Handle): Handle {
    handle.life.incarnation = handle.session.incarnation;
    handle.life.created = 'done';
    this.handles.push(handle);
    return handle;
  }

  /**
   * Sends a group; what is refused is not there. `send` gives its first seq, or null when nothing was
   * written.
   */
  async send(
    { life }: Handle,
    texts: readonly string[],
    send: () => Promise<number | 'somewhere' | null>,
    { certainty, isAtOnce }: Sending = durable,
  ): Promise<void> {
    const group: LooseGroup = newGroup(texts, isAtOnce);
    life.loose.push(group);
    const forget = (): void => {
      life.loose = life.loose.filter((one) => one !== group);
    };
    let seq: number | 'somewhere' | null;
    try {
      seq = await send();
    } catch (error) {
      forget();
      throw error;
    }
    if (seq === null) return forget();
    group.seq = seq === 'somewhere' ? null : seq;
    group.certainty = certainty;
  }

  append(handle: Handle, bytes = 10, certainty: Sending['certainty'] = 'durable'): Promise<void> {
    const content = this.word(bytes);
    const durability = certainty === 'durable' ? 'durable' : 'batched';
    const send = async (): Promise<number> =>
      (await handle.session.append({ role: 'user', content }, { durability })).seq;
    return this.send(handle, [content], send, { certainty, isAtOnce: true });
  }

  word(bytes = 0): string {
    this.#words += 1;
    return `${this.#words} `.padEnd(bytes, '.');
  }

  async close({ session, life }: Handle): Promise<void> {
    await session.close();
    allDurable(life);
  }

  async closeStore(store: Store): Promise<void> {
    const closed = this.handles.filter((one) => one.store === store);
    await store.close();
    for (const { life } of closed) allDurable(life);
  }

  async delete(store: Store, id: string): Promise<void> {
    const lives = this.#livesOf(id).filter(({ created, deleted }) => {
      return created === 'done' && deleted !== 'done';
    });
    this.#deletions += 1;
    for (const life of lives) life.deleted = 'asked';
    try {
      await store.deleteSession(id);
    } catch (error) {
      // Told to have failed: nothing is deleted by it, unless by another one that is under way.
      const isLast = this.#deletions === 1;
      for (const life of lives) if (isLast && life.deleted === 'asked') life.deleted = 'no';
      throw error;
    } finally {
      this.#deletions -= 1;
    }
    const [gone] = lives;
    if (gone?.deleted !== 'asked') throw new Error(`Session ${id} was deleted twice`);
    gone.deleted = 'done';
  }

  #livesOf(id: string): Lives {
    const lives = this.world.get(id) ?? [];
    this.world.set(id, lives);
    return lives;
  }

  #forget(life: Life): void {
    const lives = this.#livesOf(life.id);
    lives.splice(lives.indexOf(life), 1);
  }
}

/** How a call ended: the code with which it was refused, or null. All else is a violation. */
export async function codeOf(call: Promise<unknown>): Promise<string | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (HoldfastError.is(error)) return error.code;
    throw error;
  }
}
