/** The steps of the real engine on a simulated disk are paths of the model of the protocol. */
import { describe, expect, test } from 'vitest';
import { checkTrace } from './checker.ts';
import { TraceLab } from './lab.ts';
import { shortLife, stoppedBehind, tryToOpen, useSession, wholeLife } from './lives.ts';
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
