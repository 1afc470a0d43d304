/** The steps of the real engine on a simulated disk are paths of the model of the protocol. */
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../src/platform/sim/prng.ts';
import { checkTrace, textOf } from './checker.ts';
import { TraceLab } from './lab.ts';
import type { ActionName } from '../actions.ts';
import { contend, shortLife, stoppedBehind, tryToOpen, useSession, wholeLife } from './lives.ts';
import type { Step } from './recorder.ts';

/** Refused traces are told with the steps in front of the one that has no place. */
function expectAccepted(steps: readonly Step[], what: string): void {
  const verdict = checkTrace(steps);
  expect(verdict.kind === 'refused' ? `${what}\n${verdict.text}` : 'accepted').toBe('accepted');
}

describe('checkTrace accepts what the real code does', () => {
  test('checkTrace accepts two processes that hand the session to each other', async () => {
    const lab = await TraceLab.start();
    const b = await lab.open('b');
    await wholeLife(lab, 'a');
    await useSession(lab, 'b', b);
    await lab.close('b', b);
    await lab.recover('r');
    expectAccepted(lab.steps, 'two processes');
  });

  test('checkTrace accepts a kill behind every step, with locks that fall in any order', async () => {
    for (let at = 1; ; at += 1) {
      const lab = await TraceLab.start();
      const b = await lab.open('b');
      const life = { process: 'a', run: () => wholeLife(lab, 'a') };
      const isKilled = await stoppedBehind(lab, at, life, () => lab.kill('a'));
      const locks = isKilled ? lab.locksOf('a') : [];
      for (const path of at % 2 === 0 ? locks : locks.toReversed()) {
        if (lab.isNamed) await tryToOpen(lab, b);
        lab.fall('a', path);
      }
      await useSession(lab, 'b', b);
      await lab.close('b', b);
      await lab.recover('r');
      expectAccepted(lab.steps, `killed behind step ${at}`);
      if (!isKilled) break;
    }
  });

  test('checkTrace accepts power loss behind every step', async () => {
    for (let at = 1; ; at += 1) {
      const lab = await TraceLab.start();
      const life = { process: 'a', run: () => wholeLife(lab, 'a') };
      const isStopped = await stoppedBehind(lab, at, life, () => lab.losePower(at));
      await shortLife(lab, 'c');
      expectAccepted(lab.steps, `power lost behind step ${at}`);
      if (!isStopped) break;
    }
  });

  test('checkTrace accepts recovery behind every step of a deletion that was killed', async () => {
    for (let at = 1; ; at += 1) {
      const lab = await TraceLab.start();
      await shortLife(lab, 'c');
      const a = await lab.open('a');
      const life = { process: 'a', run: () => lab.remove('a', a) };
      const isKilled = await stoppedBehind(lab, at, life, () => lab.kill('a'));
      if (isKilled) for (const path of lab.locksOf('a')) lab.fall('a', path);
      if (isKilled) await lab.recover('r');
      expectAccepted(lab.steps, `killed behind step ${at} of a deletion`);
      if (!isKilled) break;
    }
  });
});

describe('openSession', () => {
  test('openSession makes durable that the writer left the file, when it only sees that', async () => {
    const lab = await TraceLab.start();
    const b = await lab.open('b');
    const a = await lab.open('a');
    await lab.append('a', await lab.create('a', a));
    lab.kill('a');
    for (const path of lab.locksOf('a')) lab.fall('a', path);
    lab.recorder.onStep = ({ name }, process) => {
      if (process === 'r' && name === 'writersWritten') lab.kill('r');
    };
    await expect(lab.recover('r')).rejects.toThrow('was killed');
    for (const path of lab.locksOf('r')) lab.fall('r', path);
    await useSession(lab, 'b', b);
    expectAccepted(lab.steps, 'opened behind a recovery that was killed with its last rename');
  });
});

/** `HOLDFAST_MODEL_SEED=N npx vitest run test/model/trace -t 'at once'` repeats one seed. */
const givenSeed = process.env['HOLDFAST_MODEL_SEED'];
const seeds =
  givenSeed === undefined ? Array.from({ length: 12 }, (_, at) => at + 1) : [Number(givenSeed)];

describe('checkTrace accepts two processes at once', () => {
  test.each(seeds)('checkTrace accepts what both do at once, seed %i', async (seed) => {
    const prng = Prng.fromSeed(seed);
    const lab = await TraceLab.start();
    const killAt = prng.chance(0.5) ? 10 + prng.below(40) : Number.POSITIVE_INFINITY;
    const life = { process: 'a', run: () => contend(lab, 'a', prng) };
    const both = (): Promise<unknown> =>
      Promise.all([
        stoppedBehind(lab, killAt, life, () => {
          lab.kill('a');
          // Its locks fall one by one, at their own times.
          for (const path of lab.locksOf('a')) {
            lab.later(prng.below(30), () => lab.fall('a', path));
          }
        }),
        contend(lab, 'b', prng),
      ]);
    await lab.together(both);
    for (const path of lab.locksOf('a')) lab.fall('a', path);
    lab.forget('a');
    await lab.recover('r');
    expectAccepted(
      lab.steps,
      `seed ${seed}: HOLDFAST_MODEL_SEED=${seed} npx vitest run test/model`,
    );
  });
});

/** A run with everything in it, recovery of a killed process included. */
async function longTrace(): Promise<readonly Step[]> {
  const lab = await TraceLab.start();
  const b = await lab.open('b');
  await wholeLife(lab, 'a');
  const killed = await lab.open('k');
  const session = await lab.openSession('k', killed);
  await lab.append('k', session);
  lab.kill('k');
  for (const path of lab.locksOf('k')) lab.fall('k', path);
  await useSession(lab, 'b', b);
  await lab.remove('b', b);
  await lab.close('b', b);
  return lab.steps;
}

/** Directories are also synced where nothing waits for it; these are the syncs that something needs. */
const reasons: Readonly<Partial<Record<ActionName, readonly ActionName[]>>> = {
  rootSynced: ['writersWritten'],
  journalsSynced: ['journalMade', 'journalRemoved'],
  sessionsSynced: ['nameGiven', 'nameMoved'],
};

/** Steps that have to be there: something comes behind them that relies on them. */
function isNeeded(steps: readonly Step[], at: number): boolean {
  const [before, step] = [steps[at - 1], steps[at]];
  if (step === undefined || step.name === 'opened') return false;
  const next = steps.slice(at + 1).find(({ life }) => life === step.life);
  if (next === undefined) return false;
  // Nobody is left to rely on an answer.
  if (step.name === 'acknowledged' && next.name === 'killed') return false;
  if (step.name === 'trashSynced') return steps[at - 2]?.name === 'nameMoved';
  const reason = reasons[step.name];
  return reason === undefined || (before !== undefined && reason.includes(before.name));
}

/** The same trace with a step of this name in front of the one before it that is named. */
function exchanged(steps: readonly Step[], late: ActionName, early: ActionName): Step[] {
  const to = steps.findIndex((step, at) => {
    return step.name === late && steps.slice(0, at).some(({ name }) => name === early);
  });
  const from = steps.slice(0, to).findLastIndex(({ name }) => name === early);
  const moved = steps.slice(to, to + 1);
  return [...steps.slice(0, from), ...moved, ...steps.slice(from, to), ...steps.slice(to + 1)];
}

describe('checkTrace refuses what the protocol does not allow', () => {
  test('checkTrace refuses a trace in which any step is left out that another relies on', async () => {
    const steps = await longTrace();
    expectAccepted(steps, 'the whole trace');
    const wrong: string[] = [];
    let tried = 0;
    for (const at of steps.keys()) {
      if (!isNeeded(steps, at)) continue;
      tried += 1;
      const { kind } = checkTrace(steps.toSpliced(at, 1));
      const step = steps[at];
      if (kind === 'accepted' && step !== undefined) wrong.push(`${at} ${textOf(step)}`);
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(80);
  });

  test.each([
    ['acknowledged', 'journalSynced', 'an answer before the sync'],
    ['entryWritten', 'sessionsSynced', 'an entry before the name is durable'],
    ['headWritten', 'historySynced', 'a vouching head before the sync of what it vouches for'],
    ['headWritten', 'detachWritten', 'a detached head before the detach frame'],
    ['sessionUnlocked', 'historySynced', 'an unlocking before the head is durable'],
    ['nameMoved', 'tombstoneWritten', 'a removal before the tombstone'],
    ['deletionTold', 'trashSynced', 'a deletion that is told before it is durable'],
    ['sessionUnlocked', 'sessionsSynced', 'an unlocking before the move is durable'],
    ['writersWritten', 'journalMade', 'a writer that is listed before its journal is there'],
    ['journalRemoved', 'rootSynced', 'a journal that goes while the file may still list it'],
    ['journalMade', 'gateTaken', 'a start without the gate'],
    ['nameGiven', 'sessionMade', 'a name before the session is complete'],
  ] as const)('checkTrace refuses %s in front of %s: %s', async (late, early, _what) => {
    const steps = exchanged(await longTrace(), late, early);
    expect(checkTrace(steps).kind).toBe('refused');
  });
});
