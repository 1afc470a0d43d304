/**
 * Recovery as a whole: see, judge, act, tell. Looking changes nothing; acting happens under the
 * gate, settles what dead writers left, sets aside what cannot be settled, and ends in the one
 * write that counts: the writer leaves the writers file. Killed at any step, the next run ends in
 * the same state.
 */
import { HoldfastError, errnoOf, fromSystem } from '../base/errors.ts';
import { requirePath } from '../base/known-options.ts';
import { lockWaitMsDefault } from '../base/quantities.ts';
import { FrameSource } from '../journal/frame-source.ts';
import { absolutePath } from '../platform/process-info.ts';
import { announceRecovery } from './announce.ts';
import { unremovedFindings } from './findings.ts';
import { isGone, withGate } from './gate.ts';
import type { WaitOptions } from './gate.ts';
import { journalPaths, layoutOf, sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import { markDamaged } from './mark-damaged.ts';
import { requireRecoverOptions } from './options.ts';
import { misplacedAt, misplacedIn, namingMisplaced } from './misplaced.ts';
import type { RecoverOptions } from './options.ts';
import type { Parts } from './parts.ts';
import { nodeParts } from './parts.ts';
import { expectedSeq, planStore } from './plan.ts';
import type { Expectations, JournalPlan, SessionPlan, StorePlan } from './plan.ts';
import { keepFile, keepTornTail } from './quarantine.ts';
import { replaySession } from './replay.ts';
import type { RecoveryReport } from './report.ts';
import { buildReport } from './report-builder.ts';
import { incarnationOf, noDirectory, requireStore, scanStore } from './scan.ts';
import { writeWriters } from './store-files.ts';
import { emptyTrash, moveToTrash, proveMoves, sweep } from './trash.ts';

/** How often a look is repeated that something was removed under. */
const looksMax = 5;

/**
 * Looks at a store, or recovers it; see `RecoverOptions.mode`. Damage is reported, not thrown.
 * Throws NOT_FOUND, LOCKED, LOCK_UNAVAILABLE, FULL (no session was changed), IO, NEWER_FORMAT,
 * INVALID.
 */
export async function recover(root: string, options: RecoverOptions = {}): Promise<RecoveryReport> {
  return recoverWith(await nodeParts(), root, options);
}

/** The same on given parts, which a test may simulate. */
export async function recoverWith(
  parts: Parts,
  root: string,
  options: RecoverOptions = {},
): Promise<RecoveryReport> {
  requireRecoverOptions(options);
  requirePath(root, 'root', 'recover the store');
  try {
    const path = absolutePath(root);
    if ((await parts.fileSystem.stat(path)) === null) throw noDirectory(root);
    const layout = layoutOf(await parts.fileSystem.realPath(path));
    const mode = options.mode ?? 'scan';
    if (mode !== 'run') return await lookAndTell(parts, layout, options, mode);
    const wait = waitOf(options);
    // The gate is a file, which no other place than a store shall get.
    await requireStore(parts, layout);
    // Nobody can act there: what a look tells is all that there is to tell.
    if (await isShut(parts, layout)) return await lookAndTell(parts, layout, options, 'scan');
    return await withGate(parts, layout, wait, () => recoverDead(parts, layout, options));
  } catch (error) {
    const named = await namingMisplaced(parts, absolutePath(root), error);
    throw fromSystem(named, 'recover the store', root);
  }
}

/** True when something else stands in place of a lock file or directory that acting needs. */
async function isShut(parts: Parts, layout: Layout): Promise<boolean> {
  const { gate, journals, sessions } = layout;
  for (const path of [gate, journals, sessions]) {
    if ((await misplacedAt(parts, layout, path)) !== null) return true;
  }
  if ((await parts.fileSystem.stat(journals)) === null) return false;
  const writers = (await parts.fileSystem.list(journals)).filter((name) => !name.startsWith('.'));
  const found = await misplacedIn(parts, layout, { writers, sessions: [] });
  return found.some(({ path }) => path !== layout.quarantine);
}

/** Looks without any lock: what others did in the middle of the look makes it look again. */
async function lookAndTell(
  parts: Parts,
  layout: Layout,
  options: RecoverOptions,
  depth: 'scan' | 'verify',
): Promise<RecoveryReport> {
  for (let look = 1; ; look += 1) {
    try {
      const plan = await lookAt(parts, layout, options);
      const report = await buildReport(parts, plan, { outcome: 'looked', depth, options });
      // A session that was made again under the same name looks damaged, once.
      const inUse = plan.journals.some(({ role }) => role === 'live' || role === 'unknown');
      if (report.verdict !== 'damaged' || !inUse || look > 1) return report;
    } catch (error) {
      const isRemoved = isGone(error) || errnoOf(error) === 'ENOENT';
      if (!isRemoved || look === looksMax) throw error;
    }
  }
}

function waitOf(options: RecoverOptions): WaitOptions {
  const lockWaitMs = options.lockWaitMs ?? lockWaitMsDefault;
  return options.signal === undefined ? { lockWaitMs } : { lockWaitMs, signal: options.signal };
}

async function lookAt(
  parts: Parts,
  layout: Layout,
  options: RecoverOptions,
  liveJournals: 'read' | 'skip' = 'read',
): Promise<StorePlan> {
  const { onProgress, mode } = options;
  const progress = onProgress === undefined ? {} : { onProgress };
  // Whoever opens a store has no time for a look at the lock file of every session.
  const locks = mode === 'run' ? ({ lockFiles: 'tell' } as const) : {};
  const facts = await scanStore(parts, layout, { liveJournals, ...progress, ...locks });
  return planStore(facts, options.expectAtLeast ?? {});
}

/** Recovers every dead writer. The gate is held by the caller. */
export async function recoverDead(
  parts: Parts,
  layout: Layout,
  options: RecoverOptions,
): Promise<RecoveryReport> {
  const beganMs = parts.clock.monotonicMs();
  const plan = await lookAt(parts, layout, options, 'skip');
  for (const journal of plan.journals) {
    if (journal.role === 'unreadable') {
      throw fromSystem(
        journal.scan.error,
        'read a journal',
        journalPaths(layout, journal.scan.writer).directory,
      );
    }
  }
  if (isHindered(plan)) {
    return await buildReport(parts, plan, { outcome: 'looked', depth: 'scan', options });
  }
  const isShort = (await roomLacking(parts, layout, plan)) !== null;
  const work = plan.journals.some((journal) =>
    ['dead', 'missing', 'leftover'].includes(journal.role),
  );
  const outcome = plan.sessions.some((session) => session.verdict === 'deleted') || work;
  // The report is made from what stands there before, and told once everything is done.
  const report = await buildReport(parts, plan, {
    outcome: outcome ? 'healed' : 'looked',
    depth: 'scan',
    options,
  });
  await applyTombstones(parts, layout, plan);
  if (isShort) await requireRoom(parts, layout, plan);
  for (const journal of plan.journals) {
    if (journal.role === 'dead') await recoverJournal(parts, layout, plan, journal, options);
    if (journal.role === 'missing') await markMissing(parts, layout, plan, journal, options);
  }
  const gone = plan.journals.filter((journal) => ['dead', 'missing'].includes(journal.role));
  const leaving = new Set(gone.map((journal) => journal.scan.writer));
  // Sessions that were seen here, or seen to be gone, may have names that are not durable yet; they
  // are relied on now. A move is durable once both of its directories are.
  if (leaving.size > 0) await proveMoves(parts, layout);
  if (leaving.size > 0 || plan.journals.some((journal) => journal.role === 'leftover')) {
    // A leftover is garbage because the file does not list it. Whoever wrote that may have died
    // before it was durable, or may have been told so by a sync that failed: it is written again.
    const staying = plan.facts.writers.filter((writer) => !leaving.has(writer));
    await writeWriters(parts.fileSystem, layout, staying);
  }
  const left = await sweep(parts, layout, plan);
  announceRecovery(report, parts.clock.monotonicMs() - beganMs);
  return { ...report, findings: [...report.findings, ...unremovedFindings(layout, left)] };
}

/** True when a session to be recovered cannot be locked: its journal has to stay as it is. */
function isHindered({ facts, sessions }: StorePlan): boolean {
  const locked = sessions.filter(({ replay, journal }) => {
    return replay !== null || journal?.role === 'missing';
  });
  const ids = new Set(locked.map(({ scan }) => scan.id));
  return facts.misplaced.some(({ session }) => session !== null && ids.has(session));
}

/** The bytes that are free where they are too few; null when there is room for the plan. */
async function roomLacking(parts: Parts, layout: Layout, plan: StorePlan): Promise<number | null> {
  if (plan.bytesNeeded === 0) return null;
  const { freeBytes } = await parts.fileSystem.space(layout.root);
  return freeBytes >= plan.bytesNeeded ? null : freeBytes;
}

/** Deleted sessions go before it is refused: on a full disk they may be what takes the room. */
async function requireRoom(parts: Parts, layout: Layout, plan: StorePlan): Promise<void> {
  await emptyTrash(parts, layout);
  const freeBytes = await roomLacking(parts, layout, plan);
  if (freeBytes === null) return;
  throw new HoldfastError(
    'FULL',
    `Cannot recover: it needs ${plan.bytesNeeded} bytes and ${freeBytes} are free; ` +
      'no session was changed, free some space and run it again',
    { path: layout.root, bytesNeeded: plan.bytesNeeded, errno: 'ENOSPC' },
  );
}

/** Tombstones of all dead journals come before any replay, or a deleted session would come back. */
async function applyTombstones(parts: Parts, layout: Layout, plan: StorePlan): Promise<void> {
  const deleted = plan.sessions.filter((session) => session.verdict === 'deleted');
  if (deleted.length === 0) return;
  for (const { scan } of deleted) {
    if (scan.head === null) continue;
    const incarnation = incarnationOf(scan.head);
    await moveToTrash(parts, layout, { id: scan.id, incarnation });
  }
}

async function recoverJournal(
  parts: Parts,
  layout: Layout,
  plan: StorePlan,
  journal: JournalPlan,
  options: RecoverOptions,
): Promise<void> {
  const { directory } = journalPaths(layout, journal.scan.writer);
  const source = new FrameSource(parts.fileSystem, directory);
  const wait = waitOf(options);
  const expected: Expectations = options.expectAtLeast ?? {};
  try {
    for (const session of sessionsOf(plan, journal)) {
      if (session.replay === null) continue;
      const { id } = session.scan;
      const context = { journal, wait, source, expected: expectedSeq(expected, id) };
      try {
        await replaySession(parts, layout, session, context);
      } catch (error) {
        // One session that cannot be healed keeps the store shut: people must learn which one.
        const { history } = sessionPaths(layout, id);
        throw fromSystem(error, `recover session ${JSON.stringify(id)}`, history);
      }
      options.onProgress?.({ what: `session ${id}`, done: 1, total: null });
    }
  } finally {
    await source.close();
  }
  await setAside(parts, layout, plan, journal);
}

/** A torn tail is kept in part; a damaged journal, or one with homeless frames, as a whole. */
async function setAside(
  parts: Parts,
  layout: Layout,
  plan: StorePlan,
  journal: JournalPlan,
): Promise<void> {
  const { facts } = journal.scan;
  if (facts === null) return;
  const forked = sessionsOf(plan, journal).some((session) => session.replay?.forked === true);
  if (journal.verdict === 'damaged' || journal.homeless.length > 0 || forked) {
    const directory = `${layout.quarantine}/${journal.scan.writer}`;
    for (const segment of facts.segments) {
      const name = segment.path.slice(segment.path.lastIndexOf('/') + 1);
      await keepFile(parts.fileSystem, segment.path, directory, name);
    }
    return;
  }
  const problem = facts.firstProblem;
  if (problem === null || facts.tailBytes === 0) return;
  const segment = facts.segments.find((one) => one.number === problem.segment);
  if (segment === undefined) return;
  const from = { path: segment.path, offset: problem.offset, bytes: facts.tailBytes };
  await keepTornTail(parts.fileSystem, layout, from);
}

/** The sessions of a journal that is gone are marked, so that nobody opens them short. */
async function markMissing(
  parts: Parts,
  layout: Layout,
  plan: StorePlan,
  journal: JournalPlan,
  options: RecoverOptions,
): Promise<void> {
  const { writer } = journal.scan;
  for (const session of sessionsOf(plan, journal)) {
    if (session.verdict !== 'damaged') continue;
    await markDamaged(parts, layout, { session, writer }, waitOf(options));
  }
}

function sessionsOf(plan: StorePlan, journal: JournalPlan): readonly SessionPlan[] {
  return plan.sessions.filter((session) => session.journal === journal);
}
