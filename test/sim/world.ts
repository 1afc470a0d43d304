/**
 * A machine on which processes come and go and work on sessions, all by chance from one seed. At any
 * moment, also in the middle of an operation, a power cut can be drawn from it, as often as one likes:
 * each gives a disk that is recovered and compared with what the users know.
 *
 * What happens in a step is drawn from the seed and the number of the step alone, so that steps can be
 * left out of a life without changing the others.
 */
import { HoldfastError } from '../../src/base/errors.ts';
import type { Message } from '../../src/session/message.ts';
import type { Operation } from '../../src/platform/sim/faults.ts';
import type { SyncFailure } from '../../src/platform/sim/volume.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import { wordsOf } from './content.ts';
import { judge, newTally, openIfThere } from './looks.ts';
import type { CrashState, Tally } from './looks.ts';
import { adopt, copyOf, faultOf, isKnown } from './model.ts';
import type { End, Group, SessionModel } from './model.ts';
import { Processes } from './processes.ts';
import type { Place, Process } from './processes.ts';
import { judgeRot } from './rot.ts';
import { rewindEnd } from './rewind-end.ts';
import { Trouble } from './trouble.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** Kinds of operations between which a crash is drawn. */
const changes: ReadonlySet<string> = new Set([
  'create-directory',
  'create',
  'rename',
  'remove',
  'remove-directory',
  'sync-directory',
  'write',
  'truncate',
  'sync',
]);

/** Part of the changes in front of which a crash is looked at. */
const lookPart = 0.12;
/** Sessions that are not deleted; more would make every look longer and find nothing more. */
const sessionsMax = 5;

/** One run of the world. */
export class World {
  readonly tally: Tally = newTally();
  readonly #seed: number;
  readonly #machine: SimMachine;
  readonly #models = new Map<string, SessionModel>();
  readonly #processes: Processes;
  readonly #syncFailure: SyncFailure;
  #dice: Prng;
  #looks: Prng;
  #states: CrashState[] = [];
  #trouble: Trouble | null = null;
  /** Since the first trouble, calls may fail. */
  #wasTroubled = false;
  /** What was only acknowledged survives a kill; not so when a failed sync took pages back. */
  #kills: End = 'kill';
  /** Appends that nobody waits for. */
  readonly #running = new Set<Promise<void>>();
  #ids = 0;
  #words = 0;

  constructor(seed: number, machine: SimMachine) {
    this.#seed = seed;
    this.#machine = machine;
    this.#dice = Prng.fromSeed(seed);
    this.#looks = Prng.fromSeed(~seed);
    this.#processes = new Processes(machine, () => this.#dice);
    this.#syncFailure = this.#dice.pick(['clean', 'revert'] as const);
    machine.disk.syncFailure = this.#syncFailure;
    machine.disk.beforeOperation = (operation) => this.#before(operation);
  }

  static async start(seed: number): Promise<World> {
    const { disk } = await SimMachine.start(seed);
    const world = new World(seed, new SimMachine(disk, Prng.fromSeed(seed ^ 0x5eed)));
    await world.#processes.join();
    for (let sessions = 0; sessions < 2; sessions += 1) await world.#create();
    return world;
  }

  /** One step of somebody, then a look at what crashes in it would leave. Throws at a violation. */
  async step(step: number): Promise<void> {
    this.#dice = Prng.fromSeed(Math.imul(this.#seed, 0x9e3779b1) + step);
    this.#looks = Prng.fromSeed(Math.imul(this.#seed, 0x85ebca6b) - step);
    await this.#act(this.#dice.below(100));
    if (this.#dice.below(3) === 0) await this.#machine.pass(this.#dice.below(8));
    if (this.#dice.below(4) === 0) this.#states.push(this.#state());
    for (const state of this.#states.splice(0)) await judge(state, this.tally);
    if (this.#dice.below(3) === 0) await judgeRot(this.#state(), this.tally);
  }

  async #act(choice: number): Promise<void> {
    if (this.#trouble !== null && choice < 35) this.#trouble = null;
    if (choice < 46) this.#append();
    else if (choice < 56) await this.#create();
    else if (choice < 60) this.#delete();
    else if (choice < 65) this.#close();
    else if (choice < 71) await this.#open();
    else if (choice < 76) this.#settle();
    else if (choice < 81) await this.#snapshot();
    else if (choice < 84) await this.#rewind();
    else if (choice < 88) await this.#kill(this.#processes.some());
    else if (choice < 90) await this.#join();
    else if (choice < 92) await this.#leave();
    else if (choice < 94) this.#beginTrouble();
    else await this.#machine.pass(this.#dice.below(150));
  }

  #before(operation: Operation): ReturnType<Trouble['faultOf']> {
    if (changes.has(operation.kind) && this.#looks.chance(lookPart))
      this.#states.push(this.#state());
    const fault = this.#trouble?.faultOf(operation);
    const isFailedSync = fault !== undefined && operation.kind === 'sync';
    if (isFailedSync && this.#syncFailure === 'revert') this.#kills = 'power cut';
    return fault;
  }

  /** What a power cut leaves now, and what is known now. */
  #state(): CrashState {
    const machine = this.#machine.crash(this.#looks.uint32());
    const seed = this.#looks.uint32();
    return { machine, models: copyOf(this.#models), end: 'power cut', seed };
  }

  #beginTrouble(): void {
    this.#wasTroubled = true;
    this.tally.troubles += 1;
    this.#trouble = new Trouble('running', this.#dice);
  }

  /** What a call that failed means: without trouble, or without a name, it is a violation. */
  #failed(process: Process | null, error: unknown): null {
    if (process?.isDead === true) return null;
    if (!this.#wasTroubled || !HoldfastError.is(error)) throw error;
    if (process !== null) process.isIll = true;
    return null;
  }

  /**
   * As `#failed` for what nobody waits for: it is thrown by the next step. What a killed process is
   * answered, nobody hears.
   */
  #told(process: Process, work: Promise<unknown>, done: () => void): Promise<void> {
    const failed = (error: unknown): void => {
      try {
        this.#failed(process, error);
      } catch (violation) {
        this.#processes.violation ??= new Error('A call failed', { cause: violation });
      }
    };
    return work.then(() => (process.isDead ? undefined : done()), failed);
  }

  async #join(): Promise<void> {
    if (this.#processes.all.length >= 3) return;
    await this.#processes.join().catch((error: unknown) => this.#failed(null, error));
  }

  /** Several at once, in one session or in more. */
  #append(): void {
    const count = 1 + this.#dice.below(3);
    for (let left = count; left > 0; left -= 1) {
      const at = this.#processes.somewhere();
      if (at !== null) this.#appendTo(at);
    }
  }

  #appendTo(at: Place): void {
    const isGroup = this.#dice.below(5) === 0;
    const size = this.#dice.below(8) === 0 ? 3000 : 10;
    const texts = Array.from({ length: isGroup ? 2 + this.#dice.below(4) : 1 }, () => {
      return `${this.#word()} ${'x'.repeat(this.#dice.below(size))}`;
    });
    const durability = this.#durability();
    this.tally.appends += 1;
    const work = (): Promise<unknown> => at.session.appendAll(texts.map(say), { durability });
    const told = this.#sending(at, { texts, certainty: 'sent' }, work, durability);
    this.#running.add(told);
    const end = (): boolean => this.#running.delete(told);
    told.then(end, end);
  }

  /** Something is appended; the group changes when it is answered. */
  #sending(
    at: Place,
    group: Group,
    work: () => Promise<unknown>,
    durability: 'durable' | 'batched',
  ): Promise<void> {
    this.#model(at.id).groups.push(group);
    const { process } = at;
    const sent = work().catch((error: unknown) => {
      // With a journal that ended, nobody knows: what was written may be there, and more behind it.
      const isKnown = !HoldfastError.is(error, 'POISONED');
      if (!process.isDead && isKnown) group.certainty = 'failed';
      throw error;
    });
    return this.#told(process, sent, () => {
      group.certainty = durability === 'durable' ? 'durable' : 'acknowledged';
    });
  }

  async #snapshot(): Promise<void> {
    const at = this.#processes.somewhere();
    if (at === null) return;
    const action = `snapshot ${this.#word()}`;
    const durability = this.#durability();
    const work = (): Promise<unknown> => at.session.snapshots.take({ action, durability });
    await this.#machine.run(
      this.#sending(at, { texts: [action], certainty: 'sent' }, work, durability),
    );
  }

  async #rewind(): Promise<void> {
    const at = this.#processes.somewhere();
    if (at === null) return;
    const { session } = at;
    // What was appended before is answered first: a rewind is aimed at what can be seen.
    await this.#machine.run(session.flush().catch(() => null));
    const to = rewindEnd(session, this.#dice);
    if (to === null) return;
    const work = (): Promise<unknown> => session.rewind({ to });
    await this.#machine.run(
      this.#sending(at, { texts: ['rewind'], certainty: 'sent' }, work, 'durable'),
    );
  }

  async #create(): Promise<void> {
    const living = [...this.#models.values()].filter((model) => model.deleted !== 'done');
    if (living.length >= sessionsMax) return this.#append();
    const process = this.#processes.some();
    // An id may be used again once its session is deleted; sometimes it is.
    const gone = [...this.#models.values()].filter((model) => model.deleted === 'done');
    this.#ids += 1;
    const again = gone[this.#dice.below(Math.max(1, gone.length))];
    const id = again !== undefined && this.#dice.below(2) === 0 ? again.id : `s${this.#ids}`;
    const model: SessionModel = { id, groups: [], created: 'asked', deleted: 'no' };
    this.#models.set(id, model);
    const session = await this.#machine.run(
      process.store.createSession({ id }).catch((error: unknown) => this.#failed(process, error)),
    );
    if (session === null) {
      model.created = 'failed';
      return;
    }
    model.created = 'done';
    process.sessions.set(id, session);
  }

  #delete(): void {
    const at = this.#processes.somewhere();
    if (at === null) return;
    const model = this.#model(at.id);
    const work = async (): Promise<void> => {
      await at.session.close();
      if (at.process.isDead) return;
      this.#closed(model);
      model.deleted = 'asked';
      await at.process.store.deleteSession(at.id);
      if (!at.process.isDead) model.deleted = 'done';
    };
    this.#during(at, work());
  }

  #close(): void {
    const at = this.#processes.somewhere();
    if (at === null) return;
    const model = this.#model(at.id);
    this.#during(
      at,
      at.session.close().then(() => (at.process.isDead ? undefined : this.#closed(model))),
    );
  }

  /** A close that resolved is as good as a durable answer for all that was acknowledged. */
  #closed(model: SessionModel): void {
    for (const group of model.groups) {
      if (group.certainty === 'acknowledged') group.certainty = 'durable';
    }
  }

  #during({ process, id }: Place, work: Promise<unknown>): void {
    const told = this.#told(process, work, () => {
      process.busy.delete(id);
      process.sessions.delete(id);
    });
    process.busy.set(id, told);
  }

  async #open(): Promise<void> {
    const process = this.#processes.some();
    const free = [...this.#models.values()].filter((one) => {
      if (one.created !== 'done' || one.deleted !== 'no') return false;
      return !this.#processes.isOpen(one.id) && (this.#trouble === null || isKnown(one));
    });
    const model = free[this.#dice.below(Math.max(1, free.length))];
    if (model === undefined) return;
    const session = await openIfThere(this.#machine, process.store, model.id).catch(
      (error: unknown) => this.#failed(process, error),
    );
    if (session === null && !this.#wasTroubled) throw new Error(`Session ${model.id} is gone`);
    if (session === null) return;
    process.sessions.set(model.id, session);
    if (this.#trouble !== null) return;
    const words = await this.#read(session);
    const fault = faultOf(model, words, this.#kills);
    if (fault !== null) throw new Error(`Session ${model.id}: ${fault}`);
    adopt(model, words);
  }

  #settle(): void {
    const process = this.#processes.some();
    const told = this.#told(process, process.store.settle(), () => undefined);
    process.busy.set(`settling ${this.#word()}`, told);
  }

  /** A process ends as it should. */
  async #leave(): Promise<void> {
    const process = this.#processes.some();
    if (process.busy.size > 0 || this.#trouble !== null) return;
    this.#trouble = null;
    const ids = [...process.sessions.keys()];
    let isClosed = false;
    const closing = this.#told(process, process.store.close(), () => {
      isClosed = true;
    });
    await this.#machine.run(closing);
    if (isClosed) for (const id of ids) this.#closed(this.#model(id));
    await this.#kill(process);
  }

  async #kill(process: Process): Promise<void> {
    this.tally.kills += 1;
    this.#trouble = null;
    await this.#processes.kill(process);
    // What is left of each of its sessions is what it is from now on.
    for (const id of process.sessions.keys()) {
      const model = this.#model(id);
      const { heir, session, words } = await this.#inherit(id);
      const fault = faultOf(model, words, this.#kills);
      if (fault !== null) throw new Error(`Session ${id} after a kill: ${fault}`);
      if (session === null) {
        model.deleted = 'done';
        continue;
      }
      adopt(model, words);
      heir.sessions.set(id, session);
    }
  }

  /** Opens and reads a session of a killed process in another one. */
  async #inherit(
    id: string,
  ): Promise<
    | { readonly heir: Process; readonly session: Session; readonly words: string[] }
    | { readonly heir: Process; readonly session: null; readonly words: null }
  > {
    for (;;) {
      const heir = await this.#processes.healthy();
      try {
        const session = await openIfThere(this.#machine, heir.store, id);
        if (session === null) return { heir, session, words: null };
        return { heir, session, words: await this.#read(session) };
      } catch (error) {
        // A slow sync of a troubled time may fail now, and poison one that seemed healthy.
        if (!HoldfastError.is(error, 'POISONED')) throw error;
        this.#failed(heir, error);
      }
    }
  }

  #read(session: Session): Promise<string[]> {
    return wordsOf(this.#machine, session, 'all');
  }

  #durability(): 'durable' | 'batched' {
    return this.#dice.below(2) === 0 ? 'durable' : 'batched';
  }

  #word(): number {
    this.#words += 1;
    return this.#words;
  }

  #model(id: string): SessionModel {
    const model = this.#models.get(id);
    if (model === undefined) throw new Error(`No session ${id}`);
    return model;
  }
}
