/**
 * Gets out everything that can be had, into a new store, and lists every sequence that is lost. The
 * old store is read only. It works on what the other commands refuse: a bad store.json, a lost
 * manifest, a history without its head.
 */
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { fromHex, viewOf } from '../format/bytes.ts';
import type { Head } from '../format/head.ts';
import { emptyVouched } from '../format/head.ts';
import { HistoryFile } from '../history/history-file.ts';
import { FrameSource } from '../journal/frame-source.ts';
import { createDirectories } from '../platform/create-directories.ts';
import { absolutePath } from '../platform/process-info.ts';
import { storeFindings, journalFindings, sessionFindings } from './findings.ts';
import { journalPaths, layoutOf, sessionIdFault, sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import type { SalvageOptions } from './options.ts';
import { nodeParts } from './parts.ts';
import type { Parts } from './parts.ts';
import { planStore } from './plan.ts';
import type { JournalPlan, SessionPlan, StorePlan } from './plan.ts';
import type { SalvageReport, SalvagedSession } from './report.ts';
import { incarnationOf, notFound, scanStore } from './scan.ts';
import { createStoreFile } from './store-files.ts';
import { analyzeStreams } from './streams.ts';
import type { StreamInJournal } from './streams.ts';
import { copySurvivors, copyTail, freshHead, SurvivorCopy } from './survivors.ts';

/** INVALID when the target holds something; NOT_FOUND; FULL; IO. Damage is reported, not thrown. */
export async function salvage(root: string, options: SalvageOptions): Promise<SalvageReport> {
  return salvageWith(await nodeParts(), root, options);
}

/** The same on given parts, which a test may simulate. */
export async function salvageWith(
  parts: Parts,
  root: string,
  options: SalvageOptions,
): Promise<SalvageReport> {
  try {
    const path = absolutePath(root);
    if ((await parts.fileSystem.stat(path)) === null) throw notFound(root);
    const layout = layoutOf(await parts.fileSystem.realPath(path));
    const facts = await scanStore(parts, layout, { tolerant: true });
    const plan = planStore(facts, {});
    const target = await prepareTarget(parts, layout, absolutePath(options.to));
    return await copyStore(parts, plan, target, options);
  } catch (error) {
    throw fromSystem(error, 'salvage the store', root);
  }
}

async function prepareTarget(parts: Parts, source: Layout, to: string): Promise<Layout> {
  if (to === source.root || to.startsWith(`${source.root}/`)) {
    const message = 'Cannot salvage into the damaged store itself; name a directory outside of it';
    throw new HoldfastError('INVALID', message, { path: 'to' });
  }
  await createDirectories(parts.fileSystem, to);
  if ((await parts.fileSystem.list(to)).length > 0) {
    const message = `Cannot salvage into ${JSON.stringify(to)}: it is not empty; name a new directory`;
    throw new HoldfastError('INVALID', message, { path: 'to' });
  }
  const layout = layoutOf(to);
  await createDirectories(parts.fileSystem, layout.journals);
  await createDirectories(parts.fileSystem, layout.sessions);
  return layout;
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
    sessions.push(await copySession(parts, plan, session, target));
    const done = sessions.length;
    options.onProgress?.({ what: 'sessions', done, total: plan.sessions.length });
  }
  for (const journal of plan.journals) {
    for (const stream of journal.homeless) {
      const id = stream.sessionId;
      if (id === null || sessionIdFault(id) !== null || !wanted(id)) continue;
      if (sessions.some((session) => session.id === id)) continue;
      sessions.push(await copyHomeless(parts, plan, { journal, stream, id }, target));
    }
  }
  if (options.session !== undefined && sessions.length === 0) {
    const message = `Cannot find session ${JSON.stringify(options.session)} to salvage`;
    throw new HoldfastError('NOT_FOUND', message, { what: options.session });
  }
  await parts.fileSystem.syncDirectory(target.sessions);
  // Last: a directory without store.json is not yet a store.
  await createStoreFile(parts.fileSystem, parts.random, target);
  const root = plan.facts.layout.root;
  return { schema: 'holdfast.salvage/1', root, to: target.root, sessions, findings };
}

async function copySession(
  parts: Parts,
  plan: StorePlan,
  session: SessionPlan,
  target: Layout,
): Promise<SalvagedSession> {
  const { scan } = session;
  const tail = tailOf(plan, session);
  if (scan.head === null || scan.fault !== null) {
    const lost: SeqRange[] = [{ from: 1, to: tail?.stream.base?.seq ?? null }];
    if (tail === null) return writeNew(parts, plan, { id: scan.id, tail: null, lost }, target);
    return writeNew(parts, plan, { id: scan.id, tail, lost }, target);
  }
  const paths = sessionPaths(target, scan.id);
  await parts.fileSystem.createDirectory(paths.directory);
  const history = await HistoryFile.create(parts, paths.history, freshHead(parts, scan.head));
  try {
    const copy = new SurvivorCopy(parts, history, new Uint8Array(16));
    const from = { path: scan.paths.history, head: scan.head };
    const walk = await copySurvivors(parts, from, copy);
    if (tail !== null) await copyFromJournal(parts, plan, tail, copy);
    const last = session.replay?.lastSeq ?? 0;
    await copy.accountFor(last);
    await copy.finish();
    const lost = merged([...walk.lost, ...session.lost]);
    const { messages } = history.head;
    return { id: scan.id, entries: copy.lastSeq - countOf(lost, copy.lastSeq), messages, lost };
  } finally {
    await history.close();
  }
}

interface Tail {
  readonly journal: JournalPlan;
  readonly stream: StreamInJournal;
}

/** The session's stream in any journal that can be read, listed or not. */
function tailOf(plan: StorePlan, session: SessionPlan): Tail | null {
  const { head, id } = session.scan;
  const key = head === null ? null : incarnationOf(head);
  for (const journal of plan.journals) {
    const facts = journal.scan.facts;
    if (facts === null || journal.role === 'newer') continue;
    const analysis = journal.analysis ?? analyzeStreams(facts, 'damaged');
    for (const stream of analysis.streams.values()) {
      const own = key === null ? stream.sessionId === id : stream.key === key;
      if (own && !stream.detached && !stream.deleted) return { journal, stream };
    }
  }
  return null;
}

async function copyFromJournal(
  parts: Parts,
  plan: StorePlan,
  tail: Tail,
  copy: SurvivorCopy,
): Promise<void> {
  const { directory } = journalPaths(plan.facts.layout, tail.journal.scan.writer);
  const source = new FrameSource(parts.fileSystem, directory);
  try {
    const live = tail.journal.role === 'live' || tail.journal.role === 'unknown';
    const mark = tail.journal.scan.facts?.durableMark ?? 0;
    const frames = [...tail.stream.frames].sort((one, other) => one.streamSeq - other.streamSeq);
    // What a living writer has not synced yet is not anybody's to keep.
    await copyTail(
      frames.filter((frame) => !live || frame.journalSeq <= mark),
      source,
      copy,
    );
  } finally {
    await source.close();
  }
}

async function copyHomeless(
  parts: Parts,
  plan: StorePlan,
  from: Tail & { readonly id: string },
  target: Layout,
): Promise<SalvagedSession> {
  const before = from.stream.base?.seq ?? 0;
  const lost: SeqRange[] = before > 0 ? [{ from: 1, to: before }] : [];
  return writeNew(parts, plan, { id: from.id, tail: from, lost }, target);
}

/** A session whose head is gone: only what a journal still holds. */
async function writeNew(
  parts: Parts,
  plan: StorePlan,
  what: { readonly id: string; readonly tail: Tail | null; readonly lost: readonly SeqRange[] },
  target: Layout,
): Promise<SalvagedSession> {
  const { id, tail } = what;
  const paths = sessionPaths(target, id);
  await parts.fileSystem.createDirectory(paths.directory);
  const nowMs = parts.clock.nowMs();
  const head: Head = {
    number: 1,
    salt: viewOf(parts.random.bytes(8)).getBigUint64(0, true),
    generation: 1,
    incarnation: tail === null ? parts.random.bytes(16) : fromHex(tail.stream.key),
    attached: null,
    vouched: emptyVouched,
    baseOffset: 0,
    damage: null,
    sessionId: id,
    title: '',
    messages: 0,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  const history = await HistoryFile.create(parts, paths.history, head);
  try {
    const copy = new SurvivorCopy(parts, history, new Uint8Array(16));
    if (tail !== null) await copyFromJournal(parts, plan, tail, copy);
    await copy.finish();
    const lost = what.lost;
    const { messages } = history.head;
    return { id, entries: copy.lastSeq - countOf(lost, copy.lastSeq), messages, lost };
  } finally {
    await history.close();
  }
}

/** Ranges in order, overlapping ones as one. */
export function merged(ranges: readonly SeqRange[]): readonly SeqRange[] {
  const sorted = [...ranges].sort((one, other) => one.from - other.from);
  const result: SeqRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || (last.to !== null && range.from > last.to + 1)) {
      result.push(range);
    } else if (last.to !== null) {
      const to = range.to === null ? null : Math.max(range.to, last.to);
      result[result.length - 1] = { from: last.from, to };
    }
  }
  return result;
}

function countOf(ranges: readonly SeqRange[], lastSeq: number): number {
  let count = 0;
  for (const range of ranges) {
    const to = Math.min(range.to ?? lastSeq, lastSeq);
    if (to >= range.from) count += to - range.from + 1;
  }
  return count;
}
