/** What processes do with the session, step by step, and how they are stopped in the middle. */
import { HoldfastError } from '../../../src/base/errors.ts';
import type { Prng } from '../../../src/platform/sim/prng.ts';
import type { Session } from '../../../src/store/api.ts';
import type { Store } from '../../../src/store/store.ts';
import { sessionId } from './lab.ts';
import type { TraceLab } from './lab.ts';

/** Everything that one process can do, once. */
export async function wholeLife(lab: TraceLab, process: string): Promise<void> {
  const store = await lab.open(process);
  const first = await lab.create(process, store);
  await lab.append(process, first);
  await lab.run(store.settle());
  await lab.append(process, first);
  await lab.run(first.close());
  const again = await lab.openSession(process, store);
  await lab.append(process, again);
  await lab.run(again.close());
  await lab.remove(process, store);
  const reused = await lab.create(process, store);
  await lab.append(process, reused);
  await lab.close(process, store);
}

/** Opens the session or makes it, appends, and closes everything. */
export async function shortLife(lab: TraceLab, process: string): Promise<void> {
  const store = await lab.open(process);
  await useSession(lab, process, store);
  await lab.close(process, store);
}

/** Opens the session or makes it, appends, and closes it. */
export async function useSession(lab: TraceLab, process: string, store: Store): Promise<void> {
  const session = await openOrCreate(lab, process, store);
  await lab.append(process, session);
  await lab.run(session.close());
}

async function openOrCreate(lab: TraceLab, process: string, store: Store): Promise<Session> {
  if (!lab.isNamed) return lab.create(process, store);
  try {
    return await lab.openSession(process, store);
  } catch (error) {
    // Whoever opens may have to recover first, and then a tombstone is applied.
    if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
    return lab.create(process, store);
  }
}

/** An attempt to open that may find the session locked: by an owner, or by one that is dying. */
export async function tryToOpen(lab: TraceLab, store: Store): Promise<boolean> {
  try {
    await lab.run(store.openSession(sessionId)).then((session) => lab.run(session.close()));
    return true;
  } catch (error) {
    if (HoldfastError.is(error, 'LOCKED') || HoldfastError.is(error, 'NOT_FOUND')) return false;
    throw error;
  }
}

/**
 * Runs a life and stops it behind its step of this number; false when it ended before. The error of
 * the stopped process is its end, and nobody's business.
 */
export async function stoppedBehind(
  lab: TraceLab,
  stepNumber: number,
  life: { readonly process: string; run(): Promise<void> },
  stop: () => void,
): Promise<boolean> {
  let count = 0;
  let isStopped = false;
  lab.recorder.onStep = (_step, process) => {
    if (process !== life.process || isStopped) return;
    count += 1;
    if (count < stepNumber) return;
    isStopped = true;
    stop();
  };
  try {
    await life.run();
  } catch (error) {
    if (!isStopped) throw error;
  } finally {
    lab.recorder.onStep = null;
  }
  return isStopped;
}

/** Opens or makes the session, appends, closes, and now and then deletes, beside others that do so. */
export async function contend(lab: TraceLab, process: string, prng: Prng): Promise<void> {
  const store = await lab.open(process);
  for (let round = 0; round < 3; round += 1) {
    await lab.pause(prng.below(20));
    try {
      const session = await lab.run(store.openSession(sessionId, { create: true }));
      lab.recorder.sees(process, session.durableUpTo);
      await lab.append(process, session);
      await lab.pause(prng.below(4));
      await lab.run(session.close());
      if (prng.chance(0.3)) await lab.remove(process, store);
    } catch (error) {
      // The other one has it, or took it away.
      if (!HoldfastError.is(error, 'LOCKED') && !HoldfastError.is(error, 'NOT_FOUND')) throw error;
    }
  }
  await lab.close(process, store);
}
