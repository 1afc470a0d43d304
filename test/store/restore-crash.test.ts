/**
 * Snapshots, labels, cleanups, rewinds and undos with a SIGKILL, or a power cut, before every single
 * operation on the disk: what was answered is there afterwards, and what was not is there whole or
 * not at all.
 */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** What somebody sees of a session. */
interface Sight {
  readonly texts: readonly unknown[];
  readonly snapshots: readonly (readonly [action: string, label: string | null])[];
}

/** One step of the script, and what it leaves to be seen. */
interface Step {
  readonly act: (session: Session) => Promise<unknown>;
  readonly sight: Sight;
}

const idOf = (session: Session, action: string): number =>
  session.snapshots.list().find((one) => one.action === action)?.id ?? 0;

const append = (text: string) => (session: Session) => session.append(say(text));

const script: readonly Step[] = [
  { act: append('one'), sight: { texts: ['one'], snapshots: [] } },
  {
    act: (session) => session.snapshots.take({ action: 'first' }),
    sight: { texts: ['one'], snapshots: [['first', null]] },
  },
  { act: append('two'), sight: { texts: ['one', 'two'], snapshots: [['first', null]] } },
  {
    act: (session) => session.snapshots.take({ action: 'second' }),
    sight: {
      texts: ['one', 'two'],
      snapshots: [
        ['first', null],
        ['second', null],
      ],
    },
  },
  {
    act: (session) => session.snapshots.label(idOf(session, 'first'), 'good'),
    sight: {
      texts: ['one', 'two'],
      snapshots: [
        ['first', 'good'],
        ['second', null],
      ],
    },
  },
  {
    act: (session) => session.rewind({ to: { messages: 1 } }),
    sight: {
      texts: ['one'],
      snapshots: [
        ['first', 'good'],
        ['second', null],
      ],
    },
  },
  {
    act: append('other'),
    sight: {
      texts: ['one', 'other'],
      snapshots: [
        ['first', 'good'],
        ['second', null],
      ],
    },
  },
  {
    act: (session) => session.rewind({ to: 'undo' }),
    sight: {
      texts: ['one', 'two'],
      snapshots: [
        ['first', 'good'],
        ['second', null],
      ],
    },
  },
  {
    act: (session) => session.snapshots.cleanup({ keep: 0 }),
    sight: { texts: ['one', 'two'], snapshots: [['first', 'good']] },
  },
  {
    act: (session) => session.rewind({ to: { snapshot: idOf(session, 'first') } }),
    sight: { texts: ['one'], snapshots: [['first', 'good']] },
  },
  {
    // Never the one without the other: a crash between them would cost the conversation.
    act: (session) =>
      session.rewind({ to: { messages: 0 }, append: [say('mended'), say('branch')] }),
    sight: { texts: ['mended', 'branch'], snapshots: [['first', 'good']] },
  },
  {
    act: (session) => session.rewind({ to: 'undo' }),
    sight: { texts: ['one'], snapshots: [['first', 'good']] },
  },
];

async function sightOf(machine: SimMachine, session: Session): Promise<Sight> {
  const found = await machine.run(collect(session.messages()));
  return {
    texts: found.map(({ message }) => message.content),
    snapshots: session.snapshots.list().map(({ action, label }) => [action, label]),
  };
}

/** Runs the script until the process dies before operation `step`; the number of answers. */
async function runUntil(machine: SimMachine, step: number): Promise<number> {
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  let left = step;
  let died = false;
  machine.disk.beforeOperation = () => {
    if (left === 0) {
      died = true;
      machine.kill();
    }
    left -= 1;
  };
  let answered = 0;
  const work = (async () => {
    for (const { act } of script) {
      await act(session);
      answered += 1;
    }
    await store.close();
    answered += 1;
  })().catch(() => undefined);
  for (let round = 0; round < 200 && !died && answered <= script.length; round += 1) {
    await machine.pass(10);
  }
  await machine.pass(100);
  machine.disk.beforeOperation = null;
  machine.kill();
  await work;
  return answered;
}

async function cutAt(step: number, end: 'SIGKILL' | 'power cut'): Promise<number> {
  let machine = await SimMachine.start(step + 1);
  const answered = await runUntil(machine, step);
  if (end === 'power cut') machine = machine.crash(step + 1);
  const where = `${end} before operation ${step}, ${answered} steps answered`;
  const next = await machine.open({}, 'next');
  const session = await machine.run(next.openSession('s'));
  const seen = await sightOf(machine, session);
  const empty: Sight = { texts: [], snapshots: [] };
  const before = script[Math.min(answered, script.length) - 1]?.sight ?? empty;
  const after = script[answered]?.sight ?? before;
  expect([before, after], where).toContainEqual(seen);
  // It goes on from there, and every restore point that is listed can be loaded.
  for (const { id } of session.snapshots.list()) {
    const snapshot = await machine.run(session.snapshots.load(id));
    await machine.run(snapshot.verify());
  }
  await machine.run(session.append(say('and on')));
  expect(await sightOf(machine, session), where).toEqual({
    ...seen,
    texts: [...seen.texts, 'and on'],
  });
  return answered;
}

describe('restore points', () => {
  it.each(['SIGKILL', 'power cut'] as const)('survive a %s before every operation', async (end) => {
    const reached = new Set<number>();
    for (let step = 0; !reached.has(script.length + 1); step += 1) {
      reached.add(await cutAt(step, end));
      expect(step).toBeLessThan(1000);
    }
    // Every number of answers was met: the process died in each step, and behind the last one.
    expect(reached.size).toBeGreaterThanOrEqual(script.length);
  });
});
