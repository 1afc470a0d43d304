/**
 * A session that is opened after a recovery may have a base to make up for, which is written by a
 * settling that moves no entry. It came in the middle of the first append's attaching once, and each
 * wrote a head that knew nothing of the other: a head that names no journal, while one holds entries.
 * Found as a loss by a storm of kills, where that moment is rare.
 */
import { expect, it } from 'vitest';
import { baseSpanBytes } from '../../src/base/quantities.ts';
import type { Message } from '../../src/session/message.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const large = say('x'.repeat(baseSpanBytes + 1));

/** A machine on which a recovery has settled so much that a base is due. */
async function withBaseDue(): Promise<SimMachine> {
  const machine = await SimMachine.start(1);
  const store = await machine.open({ segmentBytes: 4 * baseSpanBytes }, 'first');
  const session = await machine.run(store.createSession({ id: 's' }));
  await machine.run(session.append(large));
  machine.kill('first');
  await machine.recover({ mode: 'run' });
  return machine;
}

/** Holds one operation on the history in the middle of `first`; false when it has not so many. */
async function inTheMiddle(first: 'append' | 'settle', skip: number): Promise<boolean> {
  const machine = await withBaseDue();
  const parts = machine.parts('second');
  const held = new HeldOperation(parts.fileSystem);
  const store = await machine.openWith({ ...parts, fileSystem: held.fileSystem });
  const session = await machine.run(store.openSession('s'));
  held.hold((_, path) => path.endsWith('/s/history'), skip);
  const works = { append: () => session.append(say('kept')), settle: () => store.settle() };
  const one = works[first]();
  await machine.pass(100);
  const { isHolding } = held;
  const other = first === 'append' ? works.settle() : works.append();
  await machine.pass(100);
  held.release();
  await machine.run(Promise.all([one, other]));
  machine.kill('second');
  const last = await machine.open({}, 'last');
  expect(last.recovery?.verdict).toMatch(/^(clean|healed)$/);
  const reopened = await machine.run(last.openSession('s'));
  const found = (await machine.run(collect(reopened.messages()))).map(({ message }) => message);
  expect(found.slice(1), `held at ${skip}`).toEqual([say('kept')]);
  await machine.run(last.close());
  return isHolding;
}

it.each(['append', 'settle'] as const)(
  'loses nothing that is acknowledged, wherever the other comes in the middle of the %s',
  async (first) => {
    let skip = 0;
    while (await inTheMiddle(first, skip)) skip += 1;
    expect(skip).toBeGreaterThan(5);
  },
);
