/**
 * Tell: from a plan to the one report that everybody reads. Reads sessions again, changes nothing.
 */
import type { SeqRange } from '../base/errors.ts';
import { HoldfastError, errnoOf } from '../base/errors.ts';
import type { Head } from '../format/head.ts';
import { FrameSource } from '../journal/frame-source.ts';
import type { Fold } from '../session/fold.ts';
import { snapshotState, undigested } from '../session/fold.ts';
import { journalFindings, sessionFindings, storeFindings } from './findings.ts';
import { journalPaths } from './layout.ts';
import { allLost, lostText, outside, runsOf } from './losses.ts';
import type { RecoverOptions } from './options.ts';
import type { Parts } from './parts.ts';
import type { JournalPlan, SessionPlan, StorePlan } from './plan.ts';
import { openReading } from './open-reading.ts';
import type { Readable } from './reading-threads.ts';
import { readSession } from './read-session.ts';
import type { DeadTail, SessionReading } from './read-session.ts';
import { incarnationOf, isCut, scanSession } from './scan.ts';
import type {
  Finding,
  RecoveryReport,
  SessionReport,
  UnknownOutcome,
  WriterReport,
} from './report.ts';

/** How often a session is looked at that changes meanwhile. */
const looksMax = 5;

/** What the report is about. */
export interface ReportContext {
  /** Whether this run carries the plan out. */
  readonly outcome: 'looked' | 'healed';
  /** `verify` reads every byte; the others only what a dead writer touched. */
  readonly depth: 'scan' | 'verify' | 'run';
  readonly options: RecoverOptions;
}

/** Builds the report. Fails as reading fails, or when the caller aborts. */
export async function buildReport(
  parts: Parts,
  plan: StorePlan,
  context: ReportContext,
): Promise<RecoveryReport> {
  const sessions: SessionReport[] = [];
  const findings: Finding[] = [...storeFindings(plan)];
  for (const journal of plan.journals) findings.push(...journalFindings(plan, journal));
  const ahead = context.depth === 'verify' ? parts.readAhead?.(settled(plan)) : undefined;
  try {
    for (const planned of plan.sessions) {
      context.options.signal?.throwIfAborted();
      const whole = (await ahead?.of(planned.scan.paths.history)) ?? null;
      const current =
        whole === null
          ? await readCurrent(parts, plan, planned, context.depth)
          : { session: planned, reading: whole };
      if (current === null) continue;
      const { session, reading } = current;
      const report = sessionReport(session, reading, context);
      sessions.push(report);
      findings.push(...sessionFindings(plan, session, reading));
      context.options.onProgress?.({
        what: 'sessions read',
        done: sessions.length,
        total: plan.sessions.length,
      });
    }
  } finally {
    await ahead?.end();
  }
  const damaged = sessions.some((session) => session.verdict === 'damaged');
  const verdict = plan.verdict === 'healable' || plan.verdict === 'clean' ? damaged : false;
  const healed = context.outcome === 'healed' && plan.verdict === 'healable';
  return {
    schema: 'holdfast.recovery/1',
    root: plan.facts.layout.root,
    verdict: verdict ? 'damaged' : healed ? 'healed' : plan.verdict,
    changed: context.outcome === 'healed',
    historiesRead: context.depth === 'verify',
    writers: plan.journals.map(writerReport),
    sessions,
    findings,
    bytesNeeded: plan.bytesNeeded,
  };
}

/** The sessions that have all of their entries in histories which can be read. */
function settled({ sessions }: StorePlan): readonly Readable[] {
  return sessions.flatMap(({ scan: { head, fault, paths, fileBytes: bytes }, replay }) =>
    head === null || fault !== null || replay !== null
      ? []
      : [{ path: paths.history, head, bytes }],
  );
}

/**
 * Without reading it, nobody knows what such a session holds. One that is attached to a journal
 * that no longer counts was recovered and not opened since: calls whose outcome a crash left
 * unknown are told by every look, and not by the one that healed it only.
 */
function isToBeRead({ scan, replay, journal }: SessionPlan): boolean {
  const { head } = scan;
  if (replay !== null) return true;
  if (head === null || scan.fault !== null) return false;
  return head.damage !== null || isCut(scan) || (head.attached !== null && journal === null);
}

/**
 * A session and what stands in it. A living process may delete one and make it again, settle it or
 * accept a loss between the scan, which read its head, and this reading; what is found then does
 * not fit the head, and is no damage unless the head is still the same. Null when it is gone.
 */
async function readCurrent(
  parts: Parts,
  plan: StorePlan,
  planned: SessionPlan,
  depth: ReportContext['depth'],
): Promise<{ readonly session: SessionPlan; readonly reading: SessionReading | null } | null> {
  let session = planned;
  for (let look = 1; ; look += 1) {
    const needed = depth === 'verify' || isToBeRead(session);
    const reading = needed ? await readPlanned(parts, plan, session, depth) : null;
    const isSound = reading === null || !isBroken(reading);
    if (isSound || session.replay !== null || look === looksMax) return { session, reading };
    const scan = await scanSession(parts, plan.facts.layout, session.scan.id);
    if (scan.fault === 'gone') return null;
    if (isSameHead(scan.head, session.scan.head)) return { session, reading };
    session = { ...session, scan };
  }
}

/** What does not decode keeps a session shut as well, whoever is to blame for it. */
function isBroken({ walk, undecodable }: SessionReading): boolean {
  return walk.damage !== null || undecodable.length > 0;
}

function isSameHead(one: Head | null, other: Head | null): boolean {
  if (one === null || other === null) return one === other;
  return one.number === other.number && incarnationOf(one) === incarnationOf(other);
}

async function readPlanned(
  parts: Parts,
  plan: StorePlan,
  session: SessionPlan,
  depth: ReportContext['depth'],
): Promise<SessionReading | null> {
  const { head, paths } = session.scan;
  if (head === null) return null;
  // A report tells counts and calls, and no digest; bases are compared where all is read.
  const read = (tail: DeadTail | null): Promise<SessionReading> =>
    depth === 'verify'
      ? readSession(parts.fileSystem, paths.history, head, tail)
      : openReading(parts.fileSystem, paths.history, head, tail, undigested);
  const writer = session.journal?.scan.writer;
  if (session.replay === null || writer === undefined) {
    try {
      return await read(null);
    } catch (error) {
      // Deleted, by a process at work, since the store was scanned.
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }
  const { directory } = journalPaths(plan.facts.layout, writer);
  const source = new FrameSource(parts.fileSystem, directory);
  try {
    return await read({ frames: session.replay.frames, source, digest: undigested });
  } finally {
    await source.close();
  }
}

function sessionReport(
  session: SessionPlan,
  reading: SessionReading | null,
  context: ReportContext,
): SessionReport {
  const { scan, replay } = session;
  const seq = replay?.lastSeq ?? scan.head?.vouched.seq ?? 0;
  const broken = reading !== null && isBroken(reading);
  const lost = allLost(scan.head, reading?.walk ?? null, session.lost);
  const verdict = broken ? 'damaged' : session.verdict;
  const healed = verdict === 'healable' && context.outcome === 'healed';
  const messages = reading?.fold.messages ?? scan.head?.messages ?? 0;
  return {
    id: scan.id,
    verdict: healed ? 'healed' : verdict,
    messages,
    entries: reading?.fold.entries ?? seq,
    lastSeq: seq,
    kept: replay === null ? [] : runsOf(replay.frames),
    inDoubt: outside(replay?.inDoubt ?? null, lost),
    lost,
    unknownOutcomes: reading === null ? [] : unknownOutcomes(reading.fold),
  };
}

/** Calls whose intent is durable and whose outcome nobody knows. */
export function unknownOutcomes(fold: Fold): readonly UnknownOutcome[] {
  return snapshotState(fold, fold.lastSeq)
    .openCalls.filter((call) => call.progress === 'unknown-outcome')
    .map((call) => ({ callId: call.callId, name: call.name, seq: call.intentSeq ?? 0 }));
}

function writerReport(journal: JournalPlan): WriterReport {
  const { scan } = journal;
  const facts = scan.facts;
  const closed = journal.verdict === 'closed';
  return {
    writer: scan.writer,
    state: closed ? 'closed' : scan.state,
    verdict: journal.verdict ?? journal.role,
    owner: scan.owner,
    segments: facts?.segments.length ?? 0,
    durableMark: facts?.durableMark ?? 0,
    lastSeq: journal.analysis?.followsTo ?? facts?.lastSeq ?? 0,
    cut: {
      bytes: journal.verdict === 'torn' ? (facts?.tailBytes ?? 0) : 0,
      entries: journal.verdict === 'torn' ? cutEntries(journal) : 0,
    },
  };
}

function cutEntries(journal: JournalPlan): number {
  const streams = [...(journal.analysis?.streams.values() ?? [])];
  return streams.reduce((sum, stream) => sum + stream.cutSeqs.size, 0);
}

/** The DAMAGED error that opening a session answers with. */
export function damagedError(
  id: string,
  lost: readonly SeqRange[],
  place: { readonly file: string | null; readonly offset: number | null; readonly reason: string },
): HoldfastError<'DAMAGED'> {
  const what = lost.length === 0 ? 'no entry is known to be lost' : lostText(lost);
  const isOne = lost.length === 1 && lost.every(({ from, to }) => from === to);
  const without =
    lost.length === 0 ? 'let it open again' : `go on without ${isOne ? 'it' : 'them'}`;
  const rest = lost.length === 0 ? 'everything' : 'everything else';
  return new HoldfastError(
    'DAMAGED',
    `Cannot open session ${JSON.stringify(id)}: ${place.reason}; ${what}; ` +
      `get ${rest} out with \`recover salvage\`, or ${without} with \`recover accept-loss\``,
    { sessions: [{ id, lost }], file: place.file, offset: place.offset },
  );
}
