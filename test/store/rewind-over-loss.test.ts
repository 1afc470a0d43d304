/** Rewinds behind entries that were lost and accepted as lost: the state is what can be read. */
import { describe, expect, it } from 'vitest';
import { emptyDigest, nextDigest } from '../../src/session/content-digest.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import { validate } from '../../src/store/validate.ts';
import { framesOf, historyOf } from '../helpers/base-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });

/** Ten messages, a snapshot (11), two more, a rewind (14) to five or the snapshot, and two more. */
async function rewound(target: 'messages' | 'snapshot'): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const store = await lab.machine.open({}, 'writer');
  const session = await lab.machine.run(store.createSession({ id: 's' }));
  for (let at = 1; at <= 10; at += 1) await lab.machine.run(session.append(say(`old ${at}`)));
  const { id } = await lab.machine.run(session.snapshots.take({ action: 'before' }));
  await lab.machine.run(session.appendAll([say('cut'), say('cut as well')]));
  const to = target === 'messages' ? { messages: 5 } : { snapshot: id };
  await lab.machine.run(session.rewind({ to }));
  await lab.machine.run(session.appendAll([say('new'), say('newer')]));
  await lab.machine.run(store.close());
  return lab;
}

async function lose(lab: RecoveryLab, ...seqs: readonly number[]): Promise<void> {
  const frames = framesOf(lab.disk);
  for (const seq of seqs) {
    const frame = frames.find(({ streamSeq }) => streamSeq === seq);
    lab.flip(historyOf('s'), (frame?.offset ?? 0) + 9);
  }
  await lab.acceptLoss('s');
}

/** The state and what is read agree, in number and digest. */
async function expectTrue(lab: RecoveryLab, session: Session): Promise<void> {
  const found = await lab.machine.run(collect(session.messages()));
  const digest = found.reduce((before, { message }) => nextDigest(before, message), emptyDigest);
  expect(session.state).toMatchObject({ messages: found.length, contentDigest: digest });
  const { errors } = await lab.machine.run(validate(session));
  expect(errors).toEqual([]);
}

describe('a rewind behind an accepted loss', () => {
  it.each([
    ['messages', [2], 6],
    ['messages', [2, 3], 5],
    ['messages', [5], 6],
    ['messages', [7], 7],
    ['messages', [14], 14],
    ['snapshot', [10], 11],
    ['snapshot', [1, 12], 11],
  ] as const)(
    'to %s with %j lost leaves a state that agrees with what is read',
    async (target, lost, left) => {
      const lab = await rewound(target);
      await lose(lab, ...lost);
      const store = await lab.machine.open({}, 'after');
      const session = await lab.machine.run(store.openSession('s'));
      expect(session.state.messages).toBe(left);
      await expectTrue(lab, session);
      // On from there: an undo, a rewind to the old snapshot, and one by number, and a base of it.
      for (const to of ['undo', { snapshot: 11 }, { messages: 3 }, 'undo'] as const) {
        if (to === 'undo' && session.state.rewound === null) continue;
        await lab.machine.run(session.rewind({ to }));
        await expectTrue(lab, session);
      }
      await lab.machine.run(session.appendAll(Array.from({ length: 40 }, () => say('more'))));
      await lab.machine.run(store.close());
      const again = await lab.machine.open({ mode: 'read' }, 'again');
      await expectTrue(lab, await lab.machine.run(again.openSession('s')));
      const { findings } = await lab.machine.recover({ mode: 'verify' });
      expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(['LOSS_ACCEPTED']));
    },
  );
});
