/**
 * Judge: from the facts of a scan to what recovery will do, for every journal and every session.
 * Pure.
 */
import type { SeqRange } from '../base/errors.ts';
import { frameBytes } from '../format/frame.ts';
import { someFrame } from '../journal/frame-table.ts';
import { homelessIn } from './homeless.ts';
import type { Homeless } from './homeless.ts';
import { planReplay } from './replay-plan.ts';
import type { ReplayPlan } from './replay-plan.ts';
import type { SessionReport, StoreVerdict } from './report.ts';
import { attachedTo, incarnationOf } from './scan.ts';
import type { JournalScan, SessionScan, StoreFacts } from './scan.ts';
import { analyzeStreams } from './streams.ts';
import type { StreamAnalysis } from './streams.ts';
import { judgeJournal } from './verdict.ts';
import type { JournalVerdict } from './verdict.ts';

/** One journal, what it is, and what is in it. */
export interface JournalPlan {
  readonly scan: JournalScan;
  /** What is done with it: only `dead` ones are replayed and removed. */
  readonly role: 'live' | 'unknown' | 'missing' | 'unreadable' | 'newer' | 'dead' | 'leftover';
  /** Of a dead journal; null for the others. */
  readonly verdict: JournalVerdict | null;
  readonly analysis: StreamAnalysis | null;
  /** Entries that have no home any more: they are kept in quarantine. */
  readonly homeless: readonly Homeless[];
}

/** One session and what becomes of it. */
export interface SessionPlan {
  readonly scan: SessionScan;
  readonly verdict: SessionReport['verdict'];
  /** The journal that the session is attached to, when it counts. */
  readonly journal: JournalPlan | null;
  readonly replay: ReplayPlan | null;
  /** Losses that this look found, beside those that the head tells of. */
  readonly lost: readonly SeqRange[];
  /** Of `lost`, what only the caller says was there. */
  readonly unreached: readonly SeqRange[];
  readonly reason: string | null;
}

/** Everything that recovery will do, before it does any of it. */
export interface StorePlan {
  readonly facts: StoreFacts;
  readonly journals: readonly JournalPlan[];
  readonly sessions: readonly SessionPlan[];
  readonly missingExpected: readonly { readonly id: string; readonly seq: number }[];
  readonly verdict: StoreVerdict;
  readonly bytesNeeded: number;
}

/** Session id to the sequence that its owner knows to be durable. */
export type Expectations = Readonly<Record<string, number>>;

/** What the caller expects of this session; ids may be names that every object has. */
export function expectedSeq(expected: Expectations, id: string): number {
  return Object.hasOwn(expected, id) ? (expected[id] ?? 0) : 0;
}

/** Decides everything that recovery does with this store. */
export function planStore(facts: StoreFacts, expected: Expectations): StorePlan {
  const journals = facts.journals.map((scan) => {
    const counts = scan.listed || isNeeded(scan, facts.sessions);
    return planJournal({ ...scan, listed: counts }, facts.sessions);
  });
  const tombstones = new Set(
    journals.flatMap((journal) =>
      [...(journal.analysis?.streams.values() ?? [])]
        .filter((stream) => stream.deleted)
        .map((stream) => stream.key),
    ),
  );
  const sessions = facts.sessions.map((scan) => {
    return planSession(scan, { journals, tombstones, expected: expectedSeq(expected, scan.id) });
  });
  const known = new Set(facts.sessions.map((scan) => scan.id));
  const missingExpected = Object.entries(expected)
    .filter(([id, seq]) => seq > 0 && !known.has(id))
    .map(([id, seq]) => ({ id, seq }));
  const parts = { facts, journals, sessions, missingExpected };
  return { ...parts, verdict: storeVerdict(parts), bytesNeeded: bytesNeeded(parts) };
}

function planJournal(scan: JournalScan, sessions: readonly SessionScan[]): JournalPlan {
  const idle = { scan, verdict: null, analysis: null, homeless: [] };
  if (scan.state === 'live' || scan.state === 'unknown') return { ...idle, role: scan.state };
  if (!scan.listed) return { ...idle, role: 'leftover' };
  if (scan.state === 'missing') {
    const unread = sessions.find(({ fault }) => fault === 'unreadable');
    if (unread === undefined) return { ...idle, role: 'missing' };
    return { ...idle, scan: { ...scan, error: unread.error }, role: 'unreadable' };
  }
  if (scan.facts === null) return { ...idle, role: 'unreadable' };
  const verdict = judgeJournal(scan.facts);
  if (verdict === 'newer') return { ...idle, role: 'newer', verdict };
  const analysis = analyzeStreams(scan.facts, verdict);
  const homeless = homelessIn(analysis, scan.writer, sessions);
  // A home that cannot be read, or judged, may still be there: the journal waits for it. A damaged
  // one may have held entries of anybody.
  for (const { id, fault, error } of sessions) {
    const isWanted = homeless.some(({ sessionId }) => sessionId === null || sessionId === id);
    if (!isWanted && verdict !== 'damaged') continue;
    if (fault === 'unreadable') return { ...idle, scan: { ...scan, error }, role: 'unreadable' };
    if (fault === 'newer') return { ...idle, role: 'newer', verdict: 'newer' };
  }
  return { scan, role: 'dead', verdict, analysis, homeless };
}

/**
 * True for a dead journal that the writers file does not list, and that holds entries which a
 * session attached to it lacks: an older writers file was put back. A journal leaves the file only
 * once its sessions have everything, or are marked as damaged; so removing one that is needed is
 * never right.
 */
function isNeeded(scan: JournalScan, sessions: readonly SessionScan[]): boolean {
  const { facts } = scan;
  if (facts === null || scan.state !== 'dead') return false;
  const attached = sessions.filter(({ head, fault }) => {
    if (head === null || fault !== null || head.damage !== null) return false;
    return attachedTo(head) === scan.writer;
  });
  if (attached.length === 0) return false;
  const verdict = judgeJournal(facts);
  const { streams } = analyzeStreams(facts, verdict);
  // A power cut may leave some segments of a journal that was being removed. What counts as torn in
  // the whole journal may look like damage then, with entries behind it that recovery had cut. What
  // was acknowledged is not among them: recovery had settled everything up to the mark.
  const lastNeeded = verdict === 'damaged' ? facts.durableMark : Number.MAX_SAFE_INTEGER;
  return attached.some(({ head }) => {
    const stream = head === null ? undefined : streams.get(incarnationOf(head));
    if (stream === undefined || stream.detached || stream.deleted) return false;
    const vouchedSeq = head?.vouched.seq ?? 0;
    return someFrame(stream.frames, ({ streamSeq, journalSeq }) => {
      return streamSeq > vouchedSeq && journalSeq <= lastNeeded;
    });
  });
}

/** Plans one session; also used again under its lock, with a head that was read again. */
export function planSession(
  scan: SessionScan,
  context: {
    readonly journals: readonly JournalPlan[];
    readonly tombstones: ReadonlySet<string>;
    readonly expected: number;
  },
): SessionPlan {
  const { head, fault } = scan;
  const nothing = { scan, journal: null, replay: null, lost: [], unreached: [], reason: null };
  if (fault === 'unreadable')
    return { ...nothing, verdict: 'unreadable', reason: String(scan.error) };
  if (fault === 'newer') return { ...nothing, verdict: 'unsupported', reason: 'newer format' };
  if (fault !== null || head === null) {
    const lost = [{ from: 1, to: null }];
    return { ...nothing, verdict: 'damaged', lost, reason: faultText[fault ?? 'missing'] };
  }
  if (context.tombstones.has(incarnationOf(head))) return { ...nothing, verdict: 'deleted' };
  const writer = attachedTo(head);
  const journal = context.journals.find((one) => one.scan.listed && one.scan.writer === writer);
  if (journal === undefined || journal.role !== 'dead' || journal.analysis === null) {
    return withoutReplay(scan, journal ?? null, context.expected);
  }
  const stream = journal.analysis.streams.get(incarnationOf(head));
  const replay = planReplay(head.vouched, stream, journal.analysis);
  const unreached = belowExpected(replay.lastSeq, context.expected);
  const lost = [...replay.lost, ...unreached];
  const damaged = lost.length > 0 || head.damage !== null;
  const forked = replay.forked ? 'journal and history disagree' : null;
  const reason = forked ?? (damaged ? 'acknowledged entries are gone' : null);
  return {
    scan,
    journal,
    replay,
    lost,
    unreached,
    reason,
    verdict: damaged ? 'damaged' : 'healable',
  };
}

function withoutReplay(
  scan: SessionScan,
  journal: JournalPlan | null,
  expected: number,
): SessionPlan {
  const seq = scan.head?.vouched.seq ?? 0;
  const base = { scan, journal, replay: null, unreached: [] };
  if (journal?.role === 'missing') {
    const lost = [{ from: seq + 1, to: null }];
    return { ...base, lost, verdict: 'damaged', reason: 'its journal is gone' };
  }
  if ((scan.head?.damage ?? null) !== null) {
    return { ...base, lost: [], verdict: 'damaged', reason: 'acknowledged entries are gone' };
  }
  if (journal?.role === 'unreadable') {
    return { ...base, lost: [], verdict: 'unreadable', reason: String(journal.scan.error) };
  }
  if (journal?.role === 'newer') {
    return { ...base, lost: [], verdict: 'unsupported', reason: 'its journal has a newer format' };
  }
  // A live writer may hold newer entries than anyone else can see yet.
  const lost = journal === null ? belowExpected(seq, expected) : [];
  const reason = lost.length > 0 ? 'fewer entries than expected' : null;
  const verdict = lost.length > 0 ? 'damaged' : 'clean';
  return { ...base, lost, unreached: lost, verdict, reason };
}

function belowExpected(lastSeq: number, expected: number): readonly SeqRange[] {
  return lastSeq < expected ? [{ from: lastSeq + 1, to: expected }] : [];
}

const faultText = {
  gone: 'its directory is gone',
  missing: 'its history is gone',
  damaged: 'both blocks of its head are damaged',
  foreign: 'something else stands in its place',
} as const;

function storeVerdict(plan: Omit<StorePlan, 'verdict' | 'bytesNeeded'>): StoreVerdict {
  const verdicts = new Set(plan.sessions.map((session) => session.verdict));
  const roles = new Set(plan.journals.map((journal) => journal.role));
  if (verdicts.has('unreadable') || roles.has('unreadable')) return 'unreadable';
  if (verdicts.has('damaged') || plan.missingExpected.length > 0) return 'damaged';
  if (plan.facts.misplaced.length > 0) return 'damaged';
  // Acknowledged entries that no session has any more: nothing here heals that, a person must look.
  if (plan.journals.some(({ homeless }) => homeless.length > 0)) return 'damaged';
  if (verdicts.has('unsupported') || roles.has('newer')) return 'unsupported';
  const work = roles.has('dead') || roles.has('missing') || verdicts.has('deleted');
  return work ? 'healable' : 'clean';
}

/**
 * Room for what is settled, for what goes to quarantine, and for a few small files. What a run that
 * was cut off, or a full disk, left behind a vouched end is cut off before anything is settled
 * there: it is room, and counting it twice would refuse what fits. A session with a tombstone has
 * no replay.
 */
function bytesNeeded(plan: Omit<StorePlan, 'verdict' | 'bytesNeeded'>): number {
  let bytes = 0;
  for (const { scan, replay } of plan.sessions) {
    if (replay === null) continue;
    let settled = 8192;
    for (const frame of replay.frames) settled += frameBytes(frame.payloadBytes) + 40;
    bytes += Math.max(0, settled - scratchBytes(scan));
  }
  for (const journal of plan.journals) {
    if (journal.role !== 'dead' || journal.scan.facts === null) continue;
    const keep = journal.verdict === 'damaged' || journal.homeless.length > 0;
    if (keep) for (const segment of journal.scan.facts.segments) bytes += segment.fileBytes;
    else bytes += Math.min(journal.scan.facts.tailBytes, 1024 * 1024);
  }
  return bytes === 0 ? 0 : bytes + 16 * 1024;
}

/** Bytes of a history that nobody vouches for. */
function scratchBytes({ head, fileBytes }: SessionScan): number {
  return head === null ? 0 : Math.max(0, fileBytes - head.vouched.endOffset);
}
