/**
 * Goes on without the lost entries of one session: what is left stays in its place, a loss frame
 * names what is gone, the old history goes to quarantine first, whole, so that it can be put back.
 * Asked for by a person, never done by itself.
 */
import { requirePath } from '../base/known-options.ts';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import { lockWaitMsDefault } from '../base/quantities.ts';
import type { Head } from '../format/head.ts';
import { formatVersion } from '../format/segment-header.ts';
import { HistoryFile } from '../history/history-file.ts';
import { absolutePath } from '../platform/process-info.ts';
import { takeLock, withGate } from './gate.ts';
import { acceptHeadless, lookAtHeadless } from './accept-headless.ts';
import { layoutOf, relative, sessionIdFault, sessionPaths } from './layout.ts';
import type { Layout, SessionPaths } from './layout.ts';
import { lookAtLoss } from './loss-look.ts';
import { namingMisplaced } from './misplaced.ts';
import { requireAcceptLossOptions } from './options.ts';
import type { AcceptLossOptions } from './options.ts';
import { nodeParts } from './parts.ts';
import type { Parts } from './parts.ts';
import { keepFile } from './quarantine.ts';
import { recoverDead, recoverWith } from './recover.ts';
import type { AcceptedLoss, AcceptLossReport, RecoveryReport } from './report.ts';
import { attachedTo, noDirectory, requireNoStray, scanSession, scanStore } from './scan.ts';
import { readStoreFile, readWriters } from './store-files.ts';
import { copySurvivors, freshHead, SurvivorCopy } from './survivors.ts';

/** NOT_FOUND, LOCKED, NEEDS_RECOVERY, NEWER_FORMAT, FULL, IO. */
export async function acceptLoss(
  root: string,
  options: AcceptLossOptions,
): Promise<AcceptLossReport> {
  return acceptLossWith(await nodeParts(), root, options);
}

/** The same on given parts, which a test may simulate. */
export async function acceptLossWith(
  parts: Parts,
  root: string,
  options: AcceptLossOptions,
): Promise<AcceptLossReport> {
  requireAcceptLossOptions(options);
  requirePath(root, 'root', 'accept the loss');
  const wait = { lockWaitMs: options.lockWaitMs ?? lockWaitMsDefault };
  const path = absolutePath(root);
  try {
    if ((await parts.fileSystem.stat(path)) === null) throw noDirectory(root);
    const layout = layoutOf(await parts.fileSystem.realPath(path));
    await requireSession(parts, layout, options.session);
    if (options.dryRun === true) return await lookOnly(parts, layout, options.session);
    // What a dead writer left comes first: it may hold what the history has lost, or lose more.
    const recovered = await withGate(parts, layout, wait, () => recoverDead(parts, layout, wait));
    const { lock: lockPath } = sessionPaths(layout, options.session);
    // Deleted by what was recovered just now.
    await requireThere(parts, layout, options.session);
    const lock = await takeLock(parts, lockPath, `session ${options.session}`, wait);
    let accepted: AcceptedLoss;
    try {
      accepted = await acceptLocked(parts, layout, options.session);
    } finally {
      lock.release();
    }
    const report = await recoverWith(parts, root, { mode: 'scan' });
    return {
      ...withSetAside(report, recovered, options.session),
      changed: accepted.done,
      accepted,
    };
  } catch (error) {
    throw fromSystem(await namingMisplaced(parts, path, error), 'accept the loss', root);
  }
}

/** Entries of others that this run had to set aside are told once: here, or by nobody. */
function withSetAside(
  report: RecoveryReport,
  recovered: RecoveryReport,
  id: string,
): RecoveryReport {
  const setAside = recovered.findings.filter((one) => {
    return one.code === 'SET_ASIDE' && one.session !== id;
  });
  if (setAside.length === 0) return report;
  const isUsable = report.verdict === 'clean' || report.verdict === 'healable';
  const verdict = isUsable ? 'damaged' : report.verdict;
  return { ...report, verdict, findings: [...setAside, ...report.findings] };
}

/** What would be accepted; what its journal will bring is known to the report already. */
async function lookOnly(parts: Parts, layout: Layout, id: string): Promise<AcceptLossReport> {
  const report = await recoverWith(parts, layout.root, { mode: 'verify' });
  const { head } = await headOf(parts, layout, id);
  if (head === null) {
    const { loss } = await lookAtHeadless(parts, layout, id);
    return { ...report, accepted: { ...loss, done: false, setAside: null } };
  }
  const planned = report.sessions.find((session) => session.id === id) ?? null;
  const { loss } = await lookAtLoss(parts, layout, head, planned);
  return { ...report, accepted: { ...loss, done: false, setAside: null } };
}

/** Before the gate, whose lock file would be the first thing in a directory that is no store. */
async function requireSession(parts: Parts, layout: Layout, id: string): Promise<void> {
  if ((await readStoreFile(parts.fileSystem, layout)) === null) {
    // Says whether there is no store, or one that has lost the file.
    await scanStore(parts, layout, { liveJournals: 'skip' });
  }
  await requireThere(parts, layout, id);
}

async function requireThere(parts: Parts, layout: Layout, id: string): Promise<void> {
  const reason = sessionIdFault(id);
  if (reason !== null) {
    const message = `Cannot use the session id ${JSON.stringify(id)}: ${reason}`;
    throw new HoldfastError('INVALID', message, { path: 'session' });
  }
  const scan = await scanSession(parts, layout, id);
  requireNoStray(scan);
  if (scan.fault !== 'gone') return;
  const message = `Cannot find session ${JSON.stringify(id)}; \`holdfast list\` lists those that are there`;
  throw new HoldfastError('NOT_FOUND', message, { what: id });
}

/** Null when the head is gone: then only journals say what belongs to the session. */
async function headOf(
  parts: Parts,
  layout: Layout,
  id: string,
): Promise<{ readonly head: Head | null; readonly paths: SessionPaths }> {
  const { head, fault, paths, error } = await scanSession(parts, layout, id);
  if (fault === 'unreadable') throw fromSystem(error, 'read the session', paths.history);
  if (fault === 'newer') throw newerHead(id);
  return { head: fault === null ? head : null, paths };
}

function newerHead(id: string): HoldfastError<'NEWER_FORMAT'> {
  return new HoldfastError(
    'NEWER_FORMAT',
    `Cannot accept a loss of session ${JSON.stringify(id)}: a newer version wrote it; upgrade Holdfast`,
    { found: 'newer', supported: `${formatVersion.major}.x` },
  );
}

async function acceptLocked(parts: Parts, layout: Layout, id: string): Promise<AcceptedLoss> {
  const { head, paths } = await headOf(parts, layout, id);
  if (head === null) return acceptHeadless(parts, layout, id);
  await requireUnattached(parts, layout, head);
  const { loss, isBroken } = await lookAtLoss(parts, layout, head);
  if (!isBroken && head.damage === null) return { ...loss, done: false, setAside: null };
  const name = `${id}.history.${head.generation}`;
  const directory = `${layout.quarantine}/sessions`;
  await keepFile(parts.fileSystem, paths.history, directory, name);
  if (isBroken) await rewrite(parts, layout, id, head);
  else await closeLoss(parts, paths.history, head);
  return { ...loss, done: true, setAside: relative(layout, `${directory}/${name}`) };
}

/** Entries that only a journal may hold which was not recovered are not given up unseen. */
async function requireUnattached(parts: Parts, layout: Layout, head: Head): Promise<void> {
  const writer = attachedTo(head);
  if (writer === null || !(await readWriters(parts.fileSystem, layout)).includes(writer)) return;
  throw new HoldfastError(
    'NEEDS_RECOVERY',
    `Cannot accept a loss of session ${JSON.stringify(head.sessionId)}: the journal of writer ` +
      `${writer} holds its newest entries and was not recovered; run \`recover scan\``,
    { writer },
  );
}

/** The head tells of no loss any more; one that lies behind the last entry gets its loss frame. */
async function closeLoss(parts: Parts, path: string, head: Head): Promise<void> {
  const history = await HistoryFile.open(parts, path, head, 'write');
  try {
    const { damage, vouched } = history.head;
    const to = damage?.to ?? 0;
    const copy = new SurvivorCopy(parts, history, new Uint8Array(16));
    if (to > vouched.seq) await copy.accountFor(to);
    await copy.finish({ damage: null });
  } finally {
    await history.close();
  }
}

/**
 * After the old file was kept: new file aside, sync, rename, sync of the directory. At every step
 * there is one whole history.
 */
async function rewrite(parts: Parts, layout: Layout, id: string, head: Head): Promise<void> {
  const { fileSystem } = parts;
  const { history: path, directory } = sessionPaths(layout, id);
  const aside = `${path}.new`;
  if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
  const target = await HistoryFile.create(parts, aside, freshHead(parts, head));
  try {
    const copy = new SurvivorCopy(parts, target, new Uint8Array(16));
    await copySurvivors(parts, { path, head }, copy);
    await copy.accountFor(head.damage?.to ?? 0);
    await copy.finish();
  } finally {
    await target.close();
  }
  await fileSystem.rename(aside, path);
  await fileSystem.syncDirectory(directory);
}
