/**
 * Gets out everything that can be had, into a new store, and lists every sequence that is lost. The
 * old store is read only. It works on what the other commands refuse: a bad store.json, a lost
 * manifest, a history without its head.
 */
import { requirePath } from '../base/known-options.ts';
import { HoldfastError, errnoOf, fromSystem } from '../base/errors.ts';
import { fromHex } from '../format/bytes.ts';
import { HistoryFile } from '../history/history-file.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import { framesWhere } from '../journal/frame-table.ts';
import type { Frames } from '../journal/frame-table.ts';
import { createDirectories } from '../platform/create-directories.ts';
import { absolutePath } from '../platform/process-info.ts';
import { storeFindings, journalFindings, sessionFindings } from './findings.ts';
import { copyFromJournal, newestTailOf, rebuild } from './headless.ts';
import type { Tail } from './headless.ts';
import { layoutOf, relative, sessionIdFault, sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import { acceptedLosses, allLost, merged } from './losses.ts';
import { requireSalvageOptions } from './options.ts';
import type { SalvageOptions } from './options.ts';
import { nodeParts } from './parts.ts';
import type { Parts } from './parts.ts';
import { planStore } from './plan.ts';
import type { SessionPlan, StorePlan } from './plan.ts';
import { removeChildren, removeTree } from './remove-tree.ts';
import type { Finding, SalvageReport, SalvagedSession } from './report.ts';
import { incarnationOf, noDirectory, notFound, scanStore } from './scan.ts';
import { createStoreFile, writeWriters } from './store-files.ts';
import { analyzeStreams } from './streams.ts';
import { copySurvivors, freshHead, SurvivorCopy } from './survivors.ts';

/**
 * INVALID when the target holds something; NOT_FOUND; FULL; IO. Damage is reported, not thrown.
 * What is refused, or fails, leaves nothing in the target.
 */
export async function salvage(root: string, options: SalvageOptions): Promise<SalvageReport> {
  return salvageWith(await nodeParts(), root, options);
}

/** The same on given parts, which a test may simulate. */
export async function salvageWith(
  parts: Parts,
  root: string,
  options: SalvageOptions,
): Promise<SalvageReport> {
  requireSalvageOptions(options);
  requirePath(root, 'root', 'salvage the store');
  try {
    const path = absolutePath(root);
    if ((await parts.fileSystem.stat(path)) === null) throw noDirectory(root);
    const layout = layoutOf(await parts.fileSystem.realPath(path));
    const facts = await scanStore(parts, layout, { tolerant: true });
    const plan = planStore(facts, {});
    await requireSource(parts, plan, options.session);
    const target = await prepareTarget(parts, layout, absolutePath(options.to));
    try {
      return await copyStore(parts, plan, target.layout, options);
    } catch (error) {
      // The first error is the one to tell; a target without store.json is no store in any case.
      await removeHalf(parts, target).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw fromSystem(error, 'salvage the store', root);
  }
}

/** NOT_FOUND when there is nothing to get out, so that nothing is made for it. */
async function requireSource(
  parts: Parts,
  plan: StorePlan,
  wanted: string | undefined,
): Promise<void> {
  const { layout } = plan.facts;
  const { storeFile, writersFile, sessions, journals } = layout;
  const found = [storeFile, writersFile, sessions, journals].map((path) => {
    return parts.fileSystem.stat(path);
  });
  if ((await Promise.all(found)).every((stat) => stat === null)) throw notFound(layout.root);
  if (wanted === undefined) return;
  const isThere = plan.sessions.some(({ scan, verdict }) => {
    return scan.id === wanted && verdict !== 'deleted';
  });
  if (isThere || homelessIds(plan).has(wanted)) return;
  const message =
    `Cannot find session ${JSON.stringify(wanted)} to salvage in ${JSON.stringify(layout.root)}; ` +
    '`recover scan` lists those that are there';
  throw new HoldfastError('NOT_FOUND', message, { what: wanted });
}

/** The new store, and whether its directory was made for it. */
interface Target {
  readonly layout: Layout;
  readonly made: boolean;
}

async function removeHalf(parts: Parts, { layout, made }: Target): Promise<void> {
  await removeChildren(parts.fileSystem, layout.root);
  if (made) await parts.fileSystem.removeDirectory(layout.root);
}

async function prepareTarget(parts: Parts, source: Layout, to: string): Promise<Target> {
  if (to === source.root || to.startsWith(`${source.root}/`)) {
    const message = 'Cannot salvage into the damaged store itself; name a directory outside of it';
    throw new HoldfastError('INVALID', message, { path: 'to' });
  }
  const made = (await parts.fileSystem.stat(to)) === null;
  await createDirectories(parts.fileSystem, to);
  if ((await parts.fileSystem.list(to)).length > 0) {
    const message = `Cannot salvage into ${JSON.stringify(to)}: it is not empty; name a new directory`;
    throw new HoldfastError('INVALID', message, { path: 'to' });
  }
  const layout = layoutOf(to);
  await createDirectories(parts.fileSystem, layout.journals);
  await createDirectories(parts.fileSystem, layout.sessions);
  return { layout, made };
}

async function copyStore(
  parts: Parts,
  plan: StorePlan,
  target: Layout,
  options: SalvageOptions,
): Promise<SalvageReport> {
  const sessions: SalvagedSession[] = [];
  const findings = [
    ...storeFindings(plan),
    ...plan.journals.flatMap((journal) => journalFindings(plan, journal)),
    ...plan.sessions.flatMap((session) => sessionFindings(plan, session, null)),
  ];
  const wanted = (id: string): boolean => options.session === undefined || options.session === id;
  for (const session of plan.sessions) {
    options.signal?.throwIfAborted();
    if (!wanted(session.scan.id) || session.verdict === 'deleted') continue;
    try {
      sessions.push(await copySession(parts, plan, session, target));
    } catch (error) {
      if (errnoOf(error) !== 'EIO') throw error;
      // A place that the medium does not give up must not keep the other sessions in.
      const { id, paths } = session.scan;
      findings.push(unreadable(relative(plan.facts.layout, paths.history), id, error));
      await removeTree(parts.fileSystem, sessionPaths(target, id).directory);
      sessions.push(await writeNew(parts, { id, tail: null }, target));
    }
    const done = sessions.length;
    options.onProgress?.({ what: 'sessions', done, total: plan.sessions.length });
  }
  for (const id of homelessIds(plan)) {
    if (!wanted(id) || sessions.some((session) => session.id === id)) continue;
    const tail = await newestTailOf(parts, plan, id);
    sessions.push(await writeNew(parts, { id, tail }, target));
  }
  await parts.fileSystem.syncDirectory(target.sessions);
  await writeWriters(parts.fileSystem, target, []);
  // Last: a directory without store.json is not yet a store.
  await createStoreFile(parts.fileSystem, parts.random, target);
  const root = plan.facts.layout.root;
  return { schema: 'holdfast.salvage/1', root, to: target.root, sessions, findings };
}

function unreadable(file: string, session: string, error: unknown): Finding {
  const message = `The machine refused: ${String(error)}`;
  return { code: 'UNREADABLE', severity: 'error', file, offset: null, session, message };
}

/** Sessions that are gone but for entries in a journal. */
function homelessIds(plan: StorePlan): ReadonlySet<string> {
  const streams = plan.journals.flatMap((journal) => journal.homeless);
  const ids = streams.map((stream) => stream.sessionId).filter((id) => id !== null);
  return new Set(ids.filter((id) => sessionIdFault(id) === null));
}

async function copySession(
  parts: Parts,
  plan: StorePlan,
  session: SessionPlan,
  target: Layout,
): Promise<SalvagedSession> {
  const { head, fault, id, paths } = session.scan;
  if (head === null || fault !== null) {
    const tail = await newestTailOf(parts, plan, id);
    return writeNew(parts, { id, tail }, target);
  }
  const { directory, history: path } = sessionPaths(target, id);
  await parts.fileSystem.createDirectory(directory);
  const history = await HistoryFile.create(parts, path, freshHead(parts, head));
  try {
    const copy = new SurvivorCopy(parts, history, new Uint8Array(16));
    const walk = await copySurvivors(parts, { path: paths.history, head }, copy);
    const facts = session.journal?.scan.facts ?? null;
    const isClosed =
      session.journal?.role === 'newer' || (session.journal !== null && facts === null);
    if (facts !== null) await copyFromJournal(parts, facts, framesBehind(session, facts), copy);
    await copy.accountFor(session.replay?.lastSeq ?? 0);
    await copy.finish();
    // A journal that cannot be read, or judged, may hold more: it is not said to be all.
    const unseen = isClosed ? [{ from: head.vouched.seq + 1, to: null }] : [];
    const lost = allLost(head, walk, [...session.lost, ...copy.dropped, ...unseen]);
    const accepted = merged(acceptedLosses(head, walk));
    return { id, entries: copy.entries, messages: history.head.messages, lost, accepted };
  } finally {
    await history.close();
  }
}

/** Entries of its journal behind what the session's history vouches for. */
function framesBehind(session: SessionPlan, facts: JournalFacts): Frames {
  const { head } = session.scan;
  if (session.replay !== null) return session.replay.frames;
  if (head === null || session.journal?.role === 'newer') return [];
  // What a living writer has not synced yet is not anybody's to keep.
  const stream = analyzeStreams(facts, 'unclean').streams.get(incarnationOf(head));
  return framesWhere(stream?.frames ?? [], (frame) => frame.journalSeq <= facts.durableMark);
}

/** A session whose head is gone: only what a journal still holds. */
async function writeNew(
  parts: Parts,
  what: { readonly id: string; readonly tail: Tail | null },
  target: Layout,
): Promise<SalvagedSession> {
  const { id, tail } = what;
  const paths = sessionPaths(target, id);
  await parts.fileSystem.createDirectory(paths.directory);
  const incarnation = tail === null ? parts.random.bytes(16) : fromHex(tail.stream.key);
  const rebuilt = await rebuild(parts, { id, tail, incarnation }, paths.history);
  // Journals tell of no accepted loss: what they lack is lost.
  return { id, ...rebuilt, accepted: [] };
}
