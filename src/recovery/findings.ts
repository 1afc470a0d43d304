/** The facts of a plan that are worth telling, each with its code and its place. Pure. */
import { relative } from './layout.ts';
import type { Layout } from './layout.ts';
import { acceptedLosses, allLost, lostText, rangesText, runsOf } from './losses.ts';
import { misplacedText } from './misplaced.ts';
import { journalFile } from './replay.ts';
import type { JournalPlan, SessionPlan, StorePlan } from './plan.ts';
import type { SessionReading } from './read-session.ts';
import type { Finding, FindingCode } from './report.ts';
import { isCut } from './scan.ts';
import type { Unremoved } from './trash.ts';
import { segmentName } from '../journal/segment-maker.ts';
import type { JournalProblem } from '../journal/journal-reader.ts';

type Place = Pick<Finding, 'file' | 'offset' | 'session'>;
const nowhere: Place = { file: null, offset: null, session: null };

function finding(
  code: FindingCode,
  severity: Finding['severity'],
  place: Partial<Place>,
  message: string,
): Finding {
  return { code, severity, ...nowhere, ...place, message };
}

/** Findings that belong to no journal and no single session. */
export function storeFindings(plan: StorePlan): readonly Finding[] {
  const expected = plan.missingExpected.map(({ id, seq }) => {
    const message = `Session ${id} should hold at least entry ${seq} and is not there`;
    return finding('BELOW_EXPECTED', 'error', { session: id }, message);
  });
  const strays = plan.facts.strays.map((name) => {
    return finding('STRAY_FILE', 'warning', { file: name }, 'Holdfast did not put this here');
  });
  return [...expected, ...strays, ...misplacedFindings(plan)];
}

function misplacedFindings({ facts: { layout, misplaced } }: StorePlan): readonly Finding[] {
  return misplaced.map((one) => {
    const at = { file: relative(layout, one.path), session: one.session };
    return finding('STRAY_FILE', 'error', at, misplacedText(one));
  });
}

/** What recovery could not remove: it is in nobody's way, and the next run tries again. */
export function unremovedFindings(layout: Layout, left: readonly Unremoved[]): readonly Finding[] {
  return left.map(({ path, reason }) => {
    const message = `Garbage that could not be removed, and stays: ${reason}`;
    return finding('STRAY_FILE', 'warning', { file: relative(layout, path) }, message);
  });
}

/** Findings of one journal. */
export function journalFindings(plan: StorePlan, journal: JournalPlan): readonly Finding[] {
  const { scan, role } = journal;
  const { layout } = plan.facts;
  const file = relative(layout, `${layout.journals}/${scan.writer}`);
  switch (role) {
    case 'live': {
      const pid = scan.owner?.pid ?? null;
      const owner = pid === null ? 'its owner is alive' : `process ${pid} is alive`;
      return [finding('LIVE_WRITER', 'info', { file }, `In use: ${owner}`)];
    }
    case 'unknown':
      // What stands in the place of its lock file, or of itself, is told already.
      if (plan.facts.misplaced.some(({ path }) => path.includes(scan.writer))) return [];
      return [
        finding(
          'OWNER_UNKNOWN',
          'warning',
          { file },
          'Locks are not available here: it may be in use',
        ),
      ];
    case 'missing':
      return [
        finding('MISSING_JOURNAL', 'error', { file }, 'This journal counts and is not there'),
      ];
    case 'unreadable':
      return [
        finding('UNREADABLE', 'error', { file }, `The machine refused: ${String(scan.error)}`),
      ];
    case 'newer':
      return [finding('NEWER_FORMAT', 'error', { file }, 'A newer version of Holdfast wrote this')];
    case 'leftover':
      return [finding('STRAY_FILE', 'info', { file }, 'A journal that does not count: it goes')];
    case 'dead':
      return deadFindings(plan, journal, file);
  }
}

function deadFindings(plan: StorePlan, journal: JournalPlan, file: string): readonly Finding[] {
  const { facts } = journal.scan;
  const { layout } = plan.facts;
  const result: Finding[] = [];
  if (journal.verdict === 'unclean' || journal.verdict === 'torn') {
    result.push(finding('UNCLEAN_STOP', 'info', { file }, 'Its writer died without closing it'));
  }
  if (facts === null) return result;
  const problem = facts.firstProblem;
  if (problem !== null) {
    const at = {
      file: journalFile(layout, journal, segmentName(problem.segment)),
      offset: problem.offset,
    };
    result.push(problemFinding(journal, problem, at, facts.tailBytes));
  } else if (journal.verdict === 'damaged') {
    const message = `Entries up to ${facts.durableMark} were durable, and only ${facts.lastSeq} are there`;
    result.push(finding('DAMAGED_FRAME', 'error', { file }, message));
  }
  if (facts.missing !== null && problem?.kind !== 'missing') {
    const { number, reason } = facts.missing;
    const at = { file: journalFile(layout, journal, segmentName(number)) };
    result.push(finding('MISSING_SEGMENT', 'error', at, reason));
  }
  if (facts.deadBytes > 0) {
    const message = `${facts.deadBytes} bytes of a write that failed; they never counted`;
    result.push(finding('DEAD_BYTES', 'info', { file }, message));
  }
  for (const segment of facts.segments) {
    if (segment.soundHeaderBlocks !== 1) continue;
    const at = { file: relative(layout, segment.path), offset: 0 };
    const message = 'One of two header blocks is damaged; the other one serves';
    result.push(finding('DAMAGED_HEADER', 'warning', at, message));
  }
  for (const { sessionId: session, frames, lacks } of journal.homeless) {
    const whose = session === null ? 'a session' : `session ${session}`;
    const which = rangesText(runsOf(frames));
    const why =
      lacks === 'gone'
        ? 'have no home here any more'
        : 'are not in its history, which is an older or another one';
    const message = `Entries ${which} of ${whose} ${why}; recovery sets them aside`;
    result.push(finding('SET_ASIDE', 'error', { file, session }, message));
  }
  return result;
}

function problemFinding(
  journal: JournalPlan,
  problem: JournalProblem,
  at: Partial<Place>,
  tailBytes: number,
): Finding {
  if (journal.verdict === 'torn') {
    const message = `${tailBytes} bytes of an unfinished batch: never acknowledged, unless the medium lost its mark`;
    return finding('TORN_TAIL', 'warning', at, message);
  }
  const codes: Record<JournalProblem['kind'], FindingCode> = {
    tail: 'DAMAGED_FRAME',
    header: 'DAMAGED_HEADER',
    size: 'SHORT_FILE',
    missing: 'MISSING_SEGMENT',
    chain: 'CHAIN_BROKEN',
    identity: 'CHAIN_BROKEN',
    newer: 'NEWER_FORMAT',
  };
  return finding(codes[problem.kind], 'error', at, problem.reason);
}

/** Findings of one session; more of them when it was read as a whole. */
export function sessionFindings(
  plan: StorePlan,
  session: SessionPlan,
  reading: SessionReading | null,
): readonly Finding[] {
  const { scan } = session;
  const at = { session: scan.id, file: relative(plan.facts.layout, scan.paths.history) };
  const result = new FindingList(at);
  const add = (code: FindingCode, severity: Finding['severity'], message: string): void => {
    result.add(finding(code, severity, at, message));
  };
  if (scan.fault === 'missing') add('MISSING_HISTORY', 'error', 'The history is not there');
  if (scan.fault === 'damaged')
    add('DAMAGED_HEADER', 'error', 'Both blocks of the head are damaged');
  if (scan.fault === 'foreign')
    add('STRAY_FILE', 'error', 'This is not the history of this session');
  if (scan.fault === 'newer')
    add('NEWER_FORMAT', 'error', 'A newer version of Holdfast wrote this');
  if (scan.fault === 'unreadable')
    add('UNREADABLE', 'error', `The machine refused: ${String(scan.error)}`);
  if (scan.fault === null && scan.soundBlocks === 1) {
    add('DAMAGED_HEADER', 'warning', 'One of two head blocks is damaged; the other one serves');
  }
  if (isCut(scan)) {
    const end = scan.head?.vouched.endOffset ?? 0;
    add('SHORT_FILE', 'error', `The head vouches for ${end} bytes, the file has ${scan.fileBytes}`);
  }
  if (session.replay?.forked === true) add('FORKED', 'error', 'Journal and history disagree');
  for (const { from, to } of session.unreached) {
    const [entries, them] =
      from === to ? [`Entry ${from} is`, 'it'] : [`Entries ${from} to ${to} are`, 'them'];
    add('BELOW_EXPECTED', 'error', `${entries} expected, and nothing here tells of ${them}`);
  }
  const proven = session.lost.filter((range) => !session.unreached.includes(range));
  for (const range of allLost(scan.head, reading?.walk ?? null, proven)) {
    const text = lostText([range]);
    add('DAMAGED_FRAME', 'error', `${text.charAt(0).toUpperCase()}${text.slice(1)}`);
  }
  if (reading === null) return result.told();
  if (reading.walk.damage !== null) {
    const { offset, reason } = reading.walk.damage;
    result.add({ ...finding('DAMAGED_FRAME', 'error', at, reason), offset });
  }
  for (const range of acceptedLosses(scan.head, reading.walk)) {
    add(
      'LOSS_ACCEPTED',
      'info',
      `Entries ${range.from} to ${range.to ?? '?'} are known to be lost`,
    );
  }
  addDerived(result, reading, at);
  for (const seq of reading.undecodable) {
    add(
      'UNDECODABLE_PAYLOAD',
      'error',
      `The checksums of entry ${seq} hold, its payload does not decode`,
    );
  }
  return result.told();
}

/** What can be done without: a warning, never a loss. */
function addDerived(
  result: FindingList,
  { walk: { damagedDerived }, badBases }: SessionReading,
  at: Partial<Place>,
): void {
  const warn = (offset: number, message: string): void => {
    result.add(finding('DAMAGED_FRAME', 'warning', { ...at, offset }, message));
  };
  const damaged = new Set(damagedDerived.slice(0, alikeMax));
  for (const offset of damagedDerived) {
    warn(offset, 'A base or a restore point is damaged; nothing of the conversation is lost');
  }
  for (const offset of badBases) {
    if (damaged.has(offset)) continue;
    warn(offset, 'There is no base here that holds; nothing is lost, it is made again');
  }
}

/** Findings of one session that are alike; what is more is counted, or a report has no bound. */
const alikeMax = 1000;

/** Findings of one session, with a bound. */
class FindingList {
  readonly #at: Partial<Place>;
  readonly #findings: Finding[] = [];
  readonly #counts = new Map<string, { readonly like: Finding; count: number }>();

  constructor(at: Partial<Place>) {
    this.#at = at;
  }

  add(one: Finding): void {
    const kind = `${one.severity} ${one.code}`;
    const known = this.#counts.get(kind) ?? { like: one, count: 0 };
    this.#counts.set(kind, known);
    known.count += 1;
    if (known.count <= alikeMax) this.#findings.push(one);
  }

  told(): readonly Finding[] {
    const more = [...this.#counts.values()].filter(({ count }) => count > alikeMax);
    return [
      ...this.#findings,
      ...more.map(({ like: { code, severity }, count }) => {
        const message = `${count - alikeMax} more of this kind are not listed`;
        return finding(code, severity, this.#at, message);
      }),
    ];
  }
}
