/**
 * A small life of a store on a simulated machine, and what it may look like afterwards. Two sessions
 * are appended to side by side; whatever fails is noted, and the life goes on.
 */
import type { Message, Session } from '../../src/index.ts';
import { collect } from '../helpers/sim-store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';

const ids = ['ada', 'bea'] as const;
const rounds = 8;
/** Two of them fill a third of the smallest segment: a life has several rotations. */
const textLength = 2600;

/** Something that was answered with an error. */
export interface Failure {
  readonly call: 'open' | 'append' | 'flush' | 'close';
  readonly error: unknown;
  /** True once some call had failed before this one was made. */
  readonly late: boolean;
}

interface Answered {
  readonly text: string;
  readonly durability: 'durable' | 'batched';
}

/** One life: open, eight rounds of two appends in each session, flush, close. */
export class Life {
  readonly failures: Failure[] = [];
  /** Calls that succeeded although an earlier one had failed. */
  successesAfterFailure = 0;
  readonly #machine: SimMachine;
  /** By session, in the order of their answers. */
  readonly #answered = new Map<string, Answered[]>(ids.map((id) => [id, []]));
  readonly #failed = new Set<string>();

  constructor(machine: SimMachine) {
    this.#machine = machine;
  }

  async live(): Promise<void> {
    const store = await this.#told('open', () => this.#machine.open());
    if (store === null) return;
    const sessions: Session[] = [];
    for (const id of ids) {
      const session = await this.#told('open', () => store.openSession(id, { create: true }));
      if (session !== null) sessions.push(session);
    }
    for (let round = 0; round < rounds; round += 1) {
      const appends = sessions.flatMap((session) => [
        this.#append(session, `${session.id}-${round}.0`, round % 3 === 2 ? 'batched' : 'durable'),
        this.#append(session, `${session.id}-${round}.1`, 'durable'),
      ]);
      await this.#machine.run(Promise.all(appends));
      // Quiet time, for marks, preparation and settling.
      await this.#machine.pass(50);
    }
    for (const session of sessions) await this.#told('flush', () => session.flush());
    await this.#told('close', () => store.close());
  }

  /** What is wrong with the store as another machine finds it; nothing is what we want. */
  async judge(machine: SimMachine, loss: 'none' | 'power'): Promise<string[]> {
    const store = await machine.open();
    const faults: string[] = [];
    for (const id of ids) {
      const answered = this.#answered.get(id) ?? [];
      const found = await this.#read(machine, store, id, answered.length > 0);
      const kept = found.filter((text) => !this.#failed.has(text));
      const due = loss === 'none' ? answered.length : lastDurable(answered) + 1;
      const texts = answered.map((one) => one.text);
      if (kept.length < due) faults.push(`${id}: ${due} were promised, ${kept.length} are there`);
      if (String(kept) !== String(texts.slice(0, kept.length))) {
        faults.push(`${id}: ${String(kept)} is no prefix of ${String(texts)}`);
      }
      const ends = kept.at(-1) ?? found[0] ?? '';
      const early = found.slice(0, found.indexOf(ends)).filter((text) => this.#failed.has(text));
      if (early.length > 0) faults.push(`${id}: failed, and there before others: ${String(early)}`);
    }
    await machine.run(store.close());
    return faults;
  }

  async #read(
    machine: SimMachine,
    store: Awaited<ReturnType<SimMachine['open']>>,
    id: string,
    mustExist: boolean,
  ): Promise<string[]> {
    const session = await machine.run(store.openSession(id, { create: !mustExist }));
    const messages = await machine.run(collect(session.messages()));
    return messages.map(({ message }) => nameOf(message));
  }

  async #append(session: Session, name: string, durability: 'durable' | 'batched'): Promise<void> {
    const late = this.failures.length > 0;
    const content = `${name} ${'x'.repeat(textLength)}`;
    try {
      await session.append({ role: 'user', content }, { durability });
      this.#answered.get(session.id)?.push({ text: name, durability });
      if (late) this.successesAfterFailure += 1;
    } catch (error) {
      this.#failed.add(name);
      this.failures.push({ call: 'append', error, late });
    }
  }

  async #told<T>(call: Failure['call'], work: () => Promise<T>): Promise<T | null> {
    const late = this.failures.length > 0;
    try {
      return await this.#machine.run(work());
    } catch (error) {
      this.failures.push({ call, error, late });
      return null;
    }
  }
}

function nameOf(message: Message): string {
  return typeof message.content === 'string' ? (message.content.split(' ', 1)[0] ?? '') : '';
}

function lastDurable(answered: readonly Answered[]): number {
  return answered.findLastIndex((one) => one.durability === 'durable');
}
