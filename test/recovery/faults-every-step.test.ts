/**
 * F35: each step in the life of a store, cut off after every change of the disk. Whatever power loss,
 * or a SIGKILL, leaves then, the store opens, what was answered is there, what was not answered is
 * there whole or not at all, and it goes on from there.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { baseCloseEntries } from '../../src/base/quantities.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import type { Store } from '../../src/store/store.ts';
import { atEveryChange, afterReordering } from '../helpers/every-change.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** What may be found afterwards: texts of a session, or null when there is no such session. */
type Texts = readonly string[] | null;

/** What is known of a session while a step runs. */
interface Known {
  /** Acknowledged, or null before the session was made. */
  sure: Texts;
  /** What else may be found: something was asked for and not answered. */
  maybe: Texts;
}

interface Opened {
  readonly store: Store;
  readonly session: Session;
}

interface Step {
  /** Happens once, and the machine is rebooted behind it. */
  readonly before?: (lab: RecoveryLab, known: Known) => Promise<void>;
  /** Happens in the life that is cut off, in front of the cut. */
  readonly prepare?: (lab: RecoveryLab, known: Known) => Promise<Opened>;
  readonly run: (lab: RecoveryLab, known: Known, opened: Opened | null) => Promise<void>;
  /** At least so many changes: less would mean that the step was not met. */
  readonly changes: number;
}

async function open(lab: RecoveryLab, process: string): Promise<Opened> {
  const store = await lab.machine.open({}, process);
  const session = await lab.machine.run(store.openSession('s', { create: true }));
  return { store, session };
}

async function append(
  lab: RecoveryLab,
  session: Session,
  known: Known,
  text: string,
): Promise<void> {
  known.maybe = [...(known.sure ?? []), text];
  await lab.machine.run(session.append(say(text)));
  known.sure = known.maybe;
}

/** Makes a session and appends this many texts of this length to it. */
async function made(lab: RecoveryLab, known: Known, count: number, bytes = 20): Promise<Opened> {
  const opened = await open(lab, 'maker');
  known.sure = [];
  for (let at = 1; at <= count; at += 1) {
    await append(lab, opened.session, known, `text ${at} `.padEnd(bytes, '.'));
  }
  return opened;
}

async function closed(lab: RecoveryLab, known: Known): Promise<void> {
  const { store } = await made(lab, known, 3);
  await lab.machine.run(store.close());
}

const steps: Readonly<Record<string, Step>> = {
  'creating a store': {
    run: async (lab) => {
      await lab.machine.open({}, 'maker');
    },
    changes: 10,
  },
  'creating a session': {
    before: closed,
    run: async (lab, known) => {
      const store = await lab.machine.open({}, 'next');
      const other = await lab.machine.run(store.createSession({ id: 'other' }));
      await lab.machine.run(other.append(say('other')));
      const session = await lab.machine.run(store.openSession('s'));
      await append(lab, session, known, 'and on');
    },
    changes: 20,
  },
  'the first append': {
    run: async (lab, known) => {
      await made(lab, known, 1);
    },
    changes: 20,
  },
  'a rotation': {
    prepare: (lab, known) => made(lab, known, 2, 4000),
    run: async (lab, known, opened) => {
      for (const text of ['one', 'two', 'three', 'four']) {
        if (opened !== null) await append(lab, opened.session, known, text.padEnd(4000));
        // Settling and retiring in the background.
        await lab.machine.pass(50);
      }
    },
    changes: 20,
  },
  settling: {
    // The second time: the first one meets a file that another handle may have left unsynced.
    prepare: async (lab, known) => {
      const opened = await made(lab, known, 3);
      await lab.machine.run((opened.session as SessionWriter).settle());
      for (const text of ['four', 'five']) await append(lab, opened.session, known, text);
      return opened;
    },
    run: async (lab, known, opened) => {
      if (opened === null) return;
      await lab.machine.run((opened.session as SessionWriter).settle());
      await append(lab, opened.session, known, 'behind it');
    },
    changes: 8,
  },
  'a deletion': {
    before: closed,
    run: async (lab, known) => {
      const store = await lab.machine.open({}, 'next');
      known.maybe = null;
      await lab.machine.run(store.deleteSession('s'));
      known.sure = null;
    },
    changes: 15,
  },
  'closing a session, with a base, and the store': {
    prepare: async (lab, known) => {
      const opened = await made(lab, known, 1);
      const texts = Array.from({ length: baseCloseEntries }, (_, at) => `text ${at}`);
      await lab.machine.run(opened.session.appendAll(texts.map(say)));
      known.sure = [...(known.sure ?? []), ...texts];
      known.maybe = known.sure;
      return opened;
    },
    run: async (lab, _known, opened) => {
      if (opened === null) return;
      await lab.machine.run(opened.session.close());
      await lab.machine.run(opened.store.close());
    },
    changes: 10,
  },
  'recovering a journal of several segments': {
    before: async (lab, known) => {
      lab.holdHistory('s');
      await made(lab, known, 7, 4000);
      lab.release();
      lab.machine.kill('maker');
    },
    run: async (lab) => {
      await lab.recover();
    },
    changes: 20,
  },
};

/** The texts of `s`, through a new writer, that then appends one more. */
async function look(lab: RecoveryLab, process: string): Promise<Texts> {
  const store = await lab.machine.open({}, process);
  try {
    const session = await lab.machine.run(store.openSession('s'));
    const found = await lab.machine.run(collect(session.messages()));
    await lab.machine.run(session.append(say(`seen by ${process}`)));
    return found.map(({ message: { content } }) => (typeof content === 'string' ? content : ''));
  } catch (error) {
    if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
    return null;
  } finally {
    // The next one finds it as a crash leaves it.
    lab.machine.kill(process);
  }
}

/** A session that is being made may be there without its first entry. */
function possible({ sure, maybe }: Known): readonly Texts[] {
  const isNew = sure === null || (sure.length === 0 && maybe !== null);
  return isNew ? [sure, maybe, []] : [sure, maybe];
}

describe('a crash after every change of', () => {
  it.each(Object.entries(steps))(
    'F35: in %s, nothing that was answered is lost',
    async (_name, step) => {
      const base = await RecoveryLab.start();
      const start: Known = { sure: null, maybe: null };
      await step.before?.(base, start);
      let known = start;
      const changes = await atEveryChange<Opened | null>(
        base,
        (lab, opened) => step.run(lab, known, opened),
        async (lab, count) => {
          // A SIGKILL here and there: what it leaves is mostly one of the others.
          const killed = count % 3 === 0 ? [lab.disk.clone()] : [];
          for (const disk of [...killed, ...afterReordering(lab.disk, count)]) {
            const when = `after ${count} changes`;
            const after = base.on(disk);
            const found = await look(after, 'first');
            expect(possible(known), when).toContainEqual(found);
            // That it stays so is looked at here and there.
            if (count % 4 > 0) continue;
            const again = await look(after, 'second');
            expect(again, when).toEqual(found === null ? null : [...found, 'seen by first']);
          }
        },
        (lab) => {
          known = { ...start };
          return step.prepare?.(lab, known) ?? Promise.resolve(null);
        },
      );
      expect(changes).toBeGreaterThanOrEqual(step.changes);
    },
  );
});
