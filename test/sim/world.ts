/**
 * A machine on which processes come and go and work on sessions, all by chance from one seed. At any
 * moment a power cut can be drawn from it, as often as one likes: each gives a disk that is recovered
 * and compared with what the users know.
 */
import type { Message } from '../../src/session/message.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { faultOf } from './model.ts';
import type { End, Group, SessionModel } from './model.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

interface Process {
  readonly name: string;
  store: Store;
  readonly sessions: Map<string, Session>;
  /** Ends when what the process is doing with a session has ended. */
  readonly busy: Map<string, Promise<unknown>>;
}

/** Counts of a run, for people. */
export interface Tally {
  states: number;
  kills: number;
  recoveriesCut: number;
  appends: number;
}

/** One run of the world. */
export class World {
  readonly tally: Tally = { states: 0, kills: 0, recoveriesCut: 0, appends: 0 };
  readonly #prng: Prng;
  readonly #machine: SimMachine;
  readonly #models = new Map<string, SessionModel>();
  #processes: Process[] = [];
  #names = 0;
  #ids = 0;
  #texts = 0;

  constructor(machine: SimMachine, prng: Prng) {
    this.#machine = machine;
    this.#prng = prng;
  }

  static async start(seed: number): Promise<World> {
    const world = new World(await SimMachine.start(seed), Prng.fromSeed(seed));
    await world.#join();
    return world;
  }

  /** One step of somebody, then perhaps a look at what crashes would leave. Throws at a violation. */
  async step(): Promise<void> {
    const choice = this.#prng.below(100);
    if (choice < 50) this.#append();
    else if (choice < 62) await this.#create();
    else if (choice < 68) this.#delete();
    else if (choice < 74) this.#close();
    else if (choice < 80) await this.#open();
    else if (choice < 84) this.#settle();
    else if (choice < 88) await this.#kill();
    else if (choice < 90 && this.#processes.length < 3) await this.#join();
    else await this.#machine.pass(this.#prng.below(150));
    if (this.#prng.below(3) === 0) await this.#machine.pass(this.#prng.below(5));
    if (this.#prng.below(4) === 0) await this.#lookAtCrashes(1 + this.#prng.below(4));
  }

  async #join(): Promise<void> {
    this.#names += 1;
    const name = `p${this.#names}`;
    const options = { syncEntriesMax: 1 + this.#prng.below(10), checkpoints: {} };
    const store = await this.#machine.open(options, name);
    this.#processes.push({ name, store, sessions: new Map(), busy: new Map() });
  }

  /** Some process, and one of its sessions that is not just being closed or deleted. */
  #somewhere(): {
    readonly process: Process;
    readonly id: string;
    readonly session: Session;
  } | null {
    const process = this.#pick(this.#processes);
    const free = [...process.sessions].filter(([id]) => !process.busy.has(id));
    if (free.length === 0) return null;
    const [id, session] = this.#pick(free);
    return { process, id, session };
  }

  #append(): void {
    const at = this.#somewhere();
    if (at === null) return;
    const model = this.#model(at.id);
    const isGroup = this.#prng.below(5) === 0;
    const size = this.#prng.below(8) === 0 ? 3000 : 10;
    const texts = Array.from({ length: isGroup ? 2 + this.#prng.below(4) : 1 }, () => {
      this.#texts += 1;
      return `${this.#texts} ${'x'.repeat(this.#prng.below(size))}`;
    });
    const group: Group = { texts, certainty: 'sent' };
    model.groups.push(group);
    const durability = this.#prng.below(2) === 0 ? 'durable' : 'batched';
    this.tally.appends += 1;
    at.session.appendAll(texts.map(say), { durability }).then(
      () => {
        group.certainty = durability === 'durable' ? 'durable' : 'acknowledged';
      },
      () => undefined,
    );
  }

  async #create(): Promise<void> {
    const process = this.#pick(this.#processes);
    // An id may be used again once its session is deleted; sometimes it is.
    const gone = [...this.#models.values()].filter((model) => model.deleted === 'done');
    this.#ids += 1;
    const id = gone.length > 0 && this.#prng.below(2) === 0 ? this.#pick(gone).id : `s${this.#ids}`;
    const model: SessionModel = { id, groups: [], created: 'asked', deleted: 'no' };
    this.#models.set(id, model);
    const session = await this.#machine.run(process.store.createSession({ id }));
    model.created = 'done';
    process.sessions.set(id, session);
  }

  #delete(): void {
    const at = this.#somewhere();
    if (at === null) return;
    const model = this.#model(at.id);
    model.deleted = 'asked';
    const work = at.process.store.deleteSession(at.id).then(() => {
      model.deleted = 'done';
    });
    this.#during(at.process, at.id, work);
  }

  #close(): void {
    const at = this.#somewhere();
    if (at === null) return;
    this.#during(
      at.process,
      at.id,
      at.session.close().then(() => {
        // A close that resolved is as good as a durable answer for all that was acknowledged.
        for (const group of this.#model(at.id).groups) {
          if (group.certainty === 'acknowledged') group.certainty = 'durable';
        }
      }),
    );
  }

  #during(process: Process, id: string, work: Promise<unknown>): void {
    const done = (): void => {
      process.busy.delete(id);
      process.sessions.delete(id);
    };
    process.busy.set(
      id,
      work.then(done, () => undefined),
    );
  }

  async #open(): Promise<void> {
    const process = this.#pick(this.#processes);
    const isOpen = (id: string): boolean => this.#processes.some((one) => one.sessions.has(id));
    const free = [...this.#models.values()].filter((model) => {
      return model.created === 'done' && model.deleted === 'no' && !isOpen(model.id);
    });
    if (free.length === 0) return;
    const { id } = this.#pick(free);
    const session = await this.#machine.run(process.store.openSession(id));
    process.sessions.set(id, session);
    await this.#check(this.#model(id), session, 'kill', this.#machine);
  }

  #settle(): void {
    const { store } = this.#pick(this.#processes);
    // The process may be killed in the middle of it.
    store.settle().catch(() => undefined);
  }

  async #kill(): Promise<void> {
    const process = this.#pick(this.#processes);
    this.tally.kills += 1;
    this.#machine.kill(process.name);
    this.#processes = this.#processes.filter((one) => one !== process);
    if (this.#processes.length === 0) await this.#join();
    // What is left of each of its sessions is what it is from now on.
    const keeper = this.#pick(this.#processes);
    for (const id of process.sessions.keys()) {
      const model = this.#model(id);
      const opening = keeper.store.openSession(id).catch((error: { code?: string }) => {
        if (error.code === 'NOT_FOUND') return null;
        throw error;
      });
      const session = await this.#machine.run(opening);
      await this.#check(model, session, 'kill', this.#machine);
      if (session === null) {
        model.deleted = 'done';
        continue;
      }
      const texts = await this.#read(session, this.#machine);
      model.deleted = 'no';
      model.groups.splice(0, model.groups.length, { texts, certainty: 'durable' });
      keeper.sessions.set(id, session);
    }
  }

  /** Power cuts at this moment, each with another choice of what survives. */
  async #lookAtCrashes(count: number): Promise<void> {
    for (let drawn = 0; drawn < count; drawn += 1) {
      let machine = this.#machine.crash(this.#prng.below(2 ** 31));
      // What is answered from now on, while the disk is looked at, is not on it.
      const models = structuredClone(this.#models);
      this.tally.states += 1;
      if (this.#prng.below(3) === 0) {
        // The power fails again, in the middle of recovery.
        machine.disk.crashAfter(1 + this.#prng.below(60));
        await machine.open({}, 'cut').catch(() => null);
        machine = machine.crash(this.#prng.below(2 ** 31));
        this.tally.recoveriesCut += 1;
        this.tally.states += 1;
      }
      const store = await machine.open({}, 'after');
      for (const [id, model] of models) {
        const session = await machine.run(
          store.openSession(id).catch((error: { code?: string }) => {
            if (error.code === 'NOT_FOUND') return null;
            throw error;
          }),
        );
        await this.#check(model, session, 'power cut', machine);
        if (session !== null) await machine.run(session.append(say('goes on')));
      }
      machine.kill('after');
    }
  }

  async #check(
    model: SessionModel,
    session: Session | null,
    end: End,
    machine: SimMachine,
  ): Promise<void> {
    const found = session === null ? null : await this.#read(session, machine);
    const fault = faultOf(model, found, end);
    if (fault !== null) throw new Error(`Session ${model.id} after a ${end}: ${fault}`);
  }

  async #read(session: Session, machine: SimMachine): Promise<string[]> {
    const messages = await machine.run(collect(session.messages()));
    return messages.map(({ message: { content } }) => {
      return typeof content === 'string' ? content : JSON.stringify(content);
    });
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#prng.below(items.length)];
    if (item === undefined) throw new Error('Nothing to pick from');
    return item;
  }

  #model(id: string): SessionModel {
    const model = this.#models.get(id);
    if (model === undefined) throw new Error(`No session ${id}`);
    return model;
  }
}
