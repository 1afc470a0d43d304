/**
 * A deletion lets go of the name before it is over: the session that is made under it meanwhile is
 * another one. It was taken for the deleted one when that was closed; nobody settled or closed it then,
 * and its journal went with all that had been acknowledged.
 */
import { expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });
const kept = Array.from({ length: 40 }, (_, at) => say(`${at} ${'x'.repeat(1500)}`));

/** Makes the id again while the deletion is at this operation; false when it has not so many. */
async function madeMeanwhile(skip: number, end: 'close' | 'kill'): Promise<boolean> {
  const machine = await SimMachine.start(1);
  const parts = machine.parts('one');
  const held = new HeldOperation(parts.fileSystem);
  const store = await machine.openWith({ ...parts, fileSystem: held.fileSystem });
  const old = await machine.run(store.createSession({ id: 's' }));
  await machine.run(old.append(say('gone')));
  await machine.run(old.close());
  held.hold(() => true, skip);
  const deleting = store.deleteSession('s');
  await machine.pass(100);
  const { isHolding } = held;
  if (!isHolding) held.release();
  // Before the deletion has let go of the name, it exists.
  const made = await machine.run(store.createSession({ id: 's' })).catch(() => null);
  held.release();
  await machine.run(deleting);
  const session = made ?? (await machine.run(store.createSession({ id: 's' })));
  for (const message of kept) await machine.run(session.append(message));
  expect(store.metrics().gauges.sessionsOpen, `held at ${skip}`).toBe(1);
  await machine.run(store.settle());
  if (end === 'close') await machine.run(store.close());
  else machine.kill('one');
  const next = await machine.open({}, 'two');
  const found = await machine.run(next.openSession('s'));
  const messages = (await machine.run(collect(found.messages()))).map(({ message }) => message);
  expect(messages, `held at ${skip}`).toEqual(kept);
  await machine.run(next.close());
  return isHolding;
}

it.each(['close', 'kill'] as const)(
  'a session that is made while its id is deleted keeps all, also behind a %s',
  async (end) => {
    let skip = 0;
    while (await madeMeanwhile(skip, end)) skip += 1;
    expect(skip).toBeGreaterThan(10);
  },
);
