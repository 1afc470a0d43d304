/**
 * The report of one session as a page that needs nothing else. Streams its markup in pieces, so
 * that a large session never is one string; `PageLimits` says how much of it stands in the page.
 * Pure.
 */
import { messageOf } from '../integrity/plan/edit.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import { damageMap } from './damage-map.ts';
import type { FaultMark, LostSpan } from './damage-map.ts';
import { counted, grouped, messageAnchor, sizeText } from './figures.ts';
import { findingAnchor, findingsHtml } from './findings.ts';
import type { NumberedFinding } from './findings.ts';
import { pageFrame } from './frame.ts';
import type { Figure, Section, VerdictTone } from './frame.ts';
import { Allowance, pageLimits } from './limits.ts';
import type { PageLimits } from './limits.ts';
import { outlineOf } from './outline.ts';
import type { Outline } from './outline.ts';
import { originalsOf, planHtml } from './plan.ts';
import type { ReportedPlan, TranscriptReport, TranscriptVerdict } from './report.ts';
import { anchorsOf } from './anchors.ts';
import type { Anchors } from './anchors.ts';
import { lostBytesHtml } from './lost-bytes.ts';
import { factsHtml, restorePointsHtml, sidesHtml } from './sections.ts';
import { foreign } from './markup.ts';
import { shownMessages } from './selection.ts';
import { timelineHtml } from './timeline.ts';

/** What a page of a session is made of. */
export interface TranscriptPageInput {
  readonly report: TranscriptReport;
  /** The conversation that the numbers of the report are about; walked five times at most. */
  readonly conversation: () => Iterable<PlacedMessage>;
  /** The one that the plan is about, once the bytes are mended; the same unless told. */
  readonly planned?: readonly PlacedMessage[];
  /** What the first walk found, when somebody has walked already. */
  readonly outline?: Outline;
  /** Bounds that shall differ from the usual ones. */
  readonly limits?: Partial<PageLimits>;
}

const tones: Readonly<Record<TranscriptVerdict, VerdictTone>> = {
  clean: 'good',
  repairable: 'warning',
  damaged: 'error',
};

/** Whether a reader of the timeline sees it; what belongs to no message cannot be missed there. */
function isPlaced({ finding, shownAt }: NumberedFinding): boolean {
  return shownAt !== null || finding.messageIndex === null;
}

/** The page, in pieces of markup. */
export function* transcriptPage(input: TranscriptPageInput): Generator<string, void> {
  const { report, conversation } = input;
  const limits = { ...pageLimits, ...input.limits };
  const outline = input.outline ?? outlineOf(conversation(), report.counts.bytes);
  const edits = report.plan?.edits ?? [];
  const telling = [
    ...report.findings
      .toSorted((a, b) => weight(a.severity) - weight(b.severity))
      .flatMap(({ messageIndex }) => (messageIndex === null ? [] : [messageIndex])),
    ...edits.slice(0, limits.edits).map(messageOf),
    ...outline.calls.filter(({ state }) => state === 'dangling').map(({ message }) => message),
  ];
  const shown = shownMessages(outline.messages, telling, limits.messages);
  const { findings, byMessage, lost, lostByMessage } = anchorsOf(
    report,
    outline,
    shown,
    limits,
    conversation,
  );
  yield* pageFrame({
    kind: 'session report',
    title: titleOf(report),
    path: report.path,
    tone: tones[report.verdict],
    told: report.told,
    figures: figures(report),
    next: report.next,
    sections: [
      ...mapSection(report, outline, { findings, lost }),
      findingsSection(report, findings),
      ...planSection(report, { shown, outline, limits, conversation, planned: input.planned }),
      timelineSection({
        outline,
        conversation,
        shown,
        findings: byMessage,
        lost: lostByMessage,
        findingsLeft: report.findings.length - findings.filter(isPlaced).length,
        edits: editsByMessage(report.plan, limits),
        context: { limits, allowance: new Allowance(limits.conversation) },
      }),
      ...restoreSection(report, limits),
      factsSection(report, limits),
    ],
  });
}

function weight(severity: 'error' | 'warning' | 'note'): number {
  return severity === 'error' ? 0 : severity === 'warning' ? 1 : 2;
}

function titleOf({ path, facts }: TranscriptReport): string {
  return facts.title ?? path.slice(path.lastIndexOf('/') + 1);
}

function figures({ counts, format, profile }: TranscriptReport): readonly Figure[] {
  const bad = (name: string, value: number, tone: VerdictTone): readonly Figure[] =>
    value === 0 ? [] : [{ name, value: grouped(value), tone }];
  return [
    { name: 'Format', value: format },
    { name: 'Provider', value: profile },
    ...(counts.bytes === null ? [] : [{ name: 'Size', value: sizeText(counts.bytes) }]),
    { name: 'Messages', value: grouped(counts.messages) },
    { name: 'Turns', value: grouped(counts.turns) },
    { name: 'Tool calls', value: grouped(counts.calls) },
    ...bad('Without result', counts.unanswered, counts.errors > 0 ? 'error' : 'warning'),
    ...bad('Errors', counts.errors, 'error'),
    ...bad('Warnings', counts.warnings, 'warning'),
    ...(counts.errors + counts.warnings === 0
      ? [{ name: 'Errors', value: '0', tone: 'good' } as const]
      : []),
  ];
}

function mapSection(
  report: TranscriptReport,
  { map }: Outline,
  { findings, lost }: Pick<Anchors, 'findings' | 'lost'>,
): readonly Section[] {
  if (map === null) return [];
  const marks = findings.flatMap(({ number, finding }): readonly FaultMark[] => {
    const { place, code, severity } = finding;
    if (place === null || place.offset === null) return [];
    const { offset, length } = place;
    const inBytes = finding.messageIndex === null ? true : undefined;
    return [{ anchor: findingAnchor(number), code, tone: severity, offset, length, inBytes }];
  });
  const gone = (report.plan?.mends ?? []).filter((mend) => mend.lost !== undefined);
  const unread = { lost: gone, damaged: damagedIn(report) };
  const content = [damageMap(map, marks, 'The file', unread), lostBytesHtml(lost, gone.length)];
  return [{ id: 'map', title: 'The file, to scale', count: null, content }];
}

const unreadable: ReadonlySet<string> = new Set([
  'TORN_RECORD',
  'NUL_RUN',
  'MALFORMED_RECORD',
  'OVERSIZED_RECORD',
]);

/** Bytes that cannot be read and that no mend touches: they are in the copy as they are. */
function damagedIn({ findings, plan }: TranscriptReport): readonly LostSpan[] {
  return findings.flatMap(({ place, code, severity }): readonly LostSpan[] => {
    if (place === null || place.offset === null || severity !== 'error') return [];
    const { offset, length } = place;
    const isMended = plan?.mends.some((mend) => {
      return mend.offset < offset + length && offset < mend.offset + Math.max(1, mend.length);
    });
    return isMended === true || !unreadable.has(code) ? [] : [{ offset, length }];
  });
}

function findingsSection(
  { findings, profile }: TranscriptReport,
  numbered: readonly NumberedFinding[],
): Section {
  const empty = `Nothing was found, in the bytes of the file or by the rules of ${profile}.`;
  const content = findingsHtml(numbered, findings.length, empty);
  return { id: 'findings', title: 'Findings', count: findings.length, content: [content] };
}

interface PlanPlaces {
  readonly shown: ReadonlySet<number> | null;
  readonly outline: Outline;
  readonly limits: PageLimits;
  readonly conversation: () => Iterable<PlacedMessage>;
  readonly planned: readonly PlacedMessage[] | undefined;
}

function planSection(
  { plan, unplanned, format }: TranscriptReport,
  { shown, outline, limits, conversation, planned }: PlanPlaces,
): readonly Section[] {
  const title = 'The repair, exactly';
  if (unplanned !== null) {
    const content = [`<p class="calm">There is no plan: ${foreign(unplanned)}</p>`];
    return [{ id: 'plan', title, count: null, content }];
  }
  if (plan === null) return [];
  const { edits, mends, lost, unmended } = plan;
  if (edits.length + mends.length + lost.length + unmended.length === 0) return [];
  const originals = originalsOf(edits, () => planned ?? conversation(), limits);
  // Mended bytes may say more than damaged ones; then the numbers of both do not agree.
  const isSame = planned === undefined || planned.length === outline.messages;
  const link = (message: number): string | null =>
    isSame && message < outline.messages && (shown?.has(message) ?? true)
      ? messageAnchor(message)
      : null;
  const how = format === 'holdfast' ? 'by appending' : 'into a new file';
  const lead =
    `<p class="calm">Policy <code>${plan.policy}</code>. Nothing of it has been done: it is ` +
    `carried out only on request, and only ${how}. What is there stays.</p>`;
  const count = edits.length + mends.length;
  const content = [
    lead,
    planHtml(plan, originals, limits, { messages: planned?.length ?? outline.messages, link }),
  ];
  return [{ id: 'plan', title, count, content }];
}

function editsByMessage(
  plan: ReportedPlan | null,
  limits: PageLimits,
): ReadonlyMap<number, readonly string[]> {
  const edits = new Map<number, string[]>();
  for (const [index, edit] of (plan?.edits ?? []).slice(0, limits.edits).entries()) {
    const message = messageOf(edit);
    edits.set(message, [...(edits.get(message) ?? []), `e${index + 1}`]);
  }
  return edits;
}

function timelineSection(input: Parameters<typeof timelineHtml>[0]): Section {
  const { outline, shown } = input;
  const bounded =
    shown === null
      ? ''
      : `<p class="calm">${counted(shown.size, 'message')} of ${grouped(outline.messages)} are in this ` +
        'page: where something was found, the beginning, and the newest.</p>';
  const opener =
    '<div class="opener"><button type="button" class="quiet" data-open="all">Open all ' +
    'turns</button>' +
    '<button type="button" class="quiet" data-open="none">Close all</button></div>\n';
  function* content(): Generator<string, void> {
    if (outline.messages === 0) yield '<p class="calm">There is no message in this session.</p>';
    else {
      yield bounded + opener;
      yield* timelineHtml(input);
    }
  }
  const count = outline.turns.length;
  return { id: 'timeline', title: 'Timeline', count, content: content() };
}

function restoreSection(
  { restorePoints }: TranscriptReport,
  limits: PageLimits,
): readonly Section[] {
  if (restorePoints.length === 0) return [];
  const content = [restorePointsHtml(restorePoints, limits)];
  return [{ id: 'restore', title: 'Restore points', count: restorePoints.length, content }];
}

function factsSection(report: TranscriptReport, limits: PageLimits): Section {
  const content = [factsHtml(report), sidesHtml(report.sides, limits)];
  return { id: 'facts', title: 'Facts of the file', count: null, content };
}
