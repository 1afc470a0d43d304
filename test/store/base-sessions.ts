/** Sessions with bases on a simulated machine, and whether these tell what the whole past tells. */
import { expect } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { bothReadings, known } from '../helpers/base-lab.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';

/** So many messages, each of so many bytes. */
export const texts = (count: number, bytes = 20): Message[] =>
  Array.from({ length: count }, (_, index) => say(`${index} `.padEnd(bytes, 'text ')));

/** A store with one session `s`, as a process of this name has it. */
export async function open(
  machine: SimMachine,
  name: string,
): Promise<{ readonly store: Store; readonly session: Session }> {
  const store = await machine.open({}, name);
  const session = await machine.run(store.openSession('s', { create: true }));
  return { store, session };
}

/** A machine whose session `s` holds these messages, closed, in as many openings as there are lists. */
export async function made(...lists: readonly (readonly Message[])[]): Promise<SimMachine> {
  const machine = await SimMachine.start();
  for (const [index, messages] of lists.entries()) {
    const { store, session } = await open(machine, `maker ${index}`);
    if (messages.length > 0) await machine.run(session.appendAll(messages));
    await machine.run(store.close());
  }
  return machine;
}

/** What the messages of `s` say. */
export async function contents(machine: SimMachine, name: string): Promise<unknown[]> {
  const { store, session } = await open(machine, name);
  const found = await machine.run(collect(session.messages()));
  await machine.run(store.close());
  return found.map(({ message }) => message.content);
}

/** Opens `s` from its base and from its beginning and finds the same. */
export async function expectAgreement(machine: SimMachine, told: string): Promise<void> {
  const { opened, whole } = await bothReadings(machine.disk.fileSystem('look'), machine.disk);
  expect(known(opened), told).toEqual(known(whole));
  expect(whole.badBases, told).toEqual([]);
  expect(whole.walk.damagedDerived, told).toEqual([]);
}

/** Warnings of a complete check, by their offset; it must find no error. */
export async function warningsOf(machine: SimMachine): Promise<(number | null)[]> {
  const { findings, verdict } = await machine.recover({ mode: 'verify' });
  expect(verdict).toBe('clean');
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return findings.filter(({ severity }) => severity === 'warning').map(({ offset }) => offset);
}
