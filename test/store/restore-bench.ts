/** A conversation with restore points on a simulated machine, also after a restart or a kill. */
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { SimMachine } from '../helpers/sim-store.ts';

/** A call of a tool. */
export const call = (id: string): Message => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name: 'read', input: {} }],
});

/** The result of a call. */
export const result = (id: string): Message => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content: 'done' }],
});

/** A session as a process has it. */
export interface Bench {
  readonly machine: SimMachine;
  /** Name of the process that has the store. */
  readonly name: string;
  readonly store: Store;
  readonly session: Session;
}

/** A new machine with a new session. */
export async function bench(): Promise<Bench> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  return { machine, name: 'main', store, session };
}

/** The same after a restart. */
export async function reopened(on: Bench): Promise<Bench> {
  await on.machine.run(on.store.close());
  return opened(on);
}

/** The same in the next process. */
export async function opened({ machine, name: before }: Bench): Promise<Bench> {
  const name = `${before}+`;
  const store = await machine.open({}, name);
  return { machine, name, store, session: await machine.run(store.openSession('s')) };
}

/** The same after the process was killed and its journal recovered. */
export async function killed(on: Bench): Promise<Bench> {
  on.machine.kill(on.name);
  return opened(on);
}

/** Appends these messages, one behind the other. */
export async function talk(
  { machine, session }: Bench,
  ...messages: readonly Message[]
): Promise<void> {
  for (const message of messages) await machine.run(session.append(message));
}
