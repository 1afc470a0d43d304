/** One session `s` on a simulated machine, open to be written, and the same after a restart. */
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';

/** Messages that tell their number, from the first to the last. */
export const numbered = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => say(`message ${from + index}`));

/** A machine, the store that a process has on it, and its session `s`. */
export interface Bench {
  readonly machine: SimMachine;
  readonly store: Store;
  readonly session: Session;
}

/** A new machine with a new session. */
export async function bench(options = {}): Promise<Bench> {
  const machine = await SimMachine.start();
  const store = await machine.open(options);
  const session = await machine.run(store.createSession({ id: 's' }));
  return { machine, store, session };
}

/** The session as the next process has it. */
export async function reopened(machine: SimMachine): Promise<Bench> {
  const store = await machine.open({}, 'next');
  const session = await machine.run(store.openSession('s'));
  return { machine, store, session };
}
