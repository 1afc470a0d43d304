/**
 * The report of a whole store as a page of the same design: sessions, findings, each file drawn to
 * scale, writers, restore points. Pure.
 */
import type { RecoveryReport, StoreVerdict } from '../recovery/report.ts';
import type { SnapshotSummary } from '../session/state.ts';
import { damageRow, sharedLegend } from './damage-map.ts';
import type { FaultMark } from './damage-map.ts';
import type { FileMap } from './file-map.ts';
import { counted, grouped, sizeText } from './figures.ts';
import { findingAnchor, findingsHtml } from './findings.ts';
import type { NumberedFinding, ShownFinding } from './findings.ts';
import { pageFrame } from './frame.ts';
import type { Section, VerdictTone } from './frame.ts';
import { pageLimits } from './limits.ts';
import type { PageLimits } from './limits.ts';
import { foreign } from './markup.ts';
import type { NextStep } from './report.ts';
import { restorePointsHtml } from './sections.ts';
import { shellWord } from './shell-word.ts';
import { sessionsHtml, writersHtml } from './store-tables.ts';

/** One file of a store, as it was read frame by frame. */
export interface StoreFile {
  /** Path below the root, as findings name it. */
  readonly path: string;
  readonly map: FileMap;
  readonly frames: number;
}

/** Where one session can go back to. */
export interface SessionPoints {
  readonly session: string;
  readonly points: readonly SnapshotSummary[];
}

/** What a page of a store is made of. */
export interface StorePageInput {
  readonly report: RecoveryReport;
  /** The verdict in one sentence. */
  readonly told: string;
  readonly next: readonly NextStep[];
  readonly files: readonly StoreFile[];
  /** Files that are there and were not read for this page. */
  readonly filesLeft: number;
  readonly restorePoints: readonly SessionPoints[];
  readonly limits?: Partial<PageLimits>;
}

const tones: Readonly<Record<StoreVerdict, VerdictTone>> = {
  clean: 'good',
  healed: 'good',
  healable: 'warning',
  damaged: 'error',
  unsupported: 'error',
  unreadable: 'error',
};

/** The page, in pieces of markup. */
export function* storePage(input: StorePageInput): Generator<string, void> {
  const { report, told, next } = input;
  const limits = { ...pageLimits, ...input.limits };
  const findings = numbered(report, limits);
  const hurt = report.sessions.filter(({ lost }) => lost.length > 0).length;
  const errors = report.findings.filter(({ severity }) => severity === 'error').length;
  const warnings = report.findings.filter(({ severity }) => severity === 'warning').length;
  const bytes = input.files.reduce((sum, { map }) => sum + map.bytes, 0);
  const messages = report.sessions.reduce((sum, session) => sum + session.messages, 0);
  const bad = (name: string, count: number, tone: VerdictTone) =>
    count === 0 ? [] : [{ name, value: grouped(count), tone }];
  yield* pageFrame({
    kind: 'store report',
    title: report.root.slice(report.root.lastIndexOf('/') + 1),
    path: report.root,
    tone: tones[report.verdict],
    told,
    figures: [
      { name: 'Sessions', value: grouped(report.sessions.length) },
      { name: 'Messages', value: grouped(messages) },
      { name: 'Writers', value: grouped(report.writers.length) },
      { name: 'Read here', value: sizeText(bytes) },
      ...bad('Sessions with loss', hurt, 'error'),
      ...bad('Errors', errors, 'error'),
      ...bad('Warnings', warnings, 'warning'),
      ...(errors + warnings === 0 ? [{ name: 'Errors', value: '0', tone: 'good' } as const] : []),
    ],
    next,
    sections: [
      section('sessions', 'Sessions', report.sessions.length, sessionsHtml(report, limits)),
      section(
        'findings',
        'Findings',
        report.findings.length,
        findingsHtml(findings, report.findings.length, 'Nothing was found in this store.'),
      ),
      filesSection(input, findings),
      section('writers', 'Writers', report.writers.length, writersHtml(report.writers, limits)),
      ...pointsSection(input, limits),
    ],
  });
}

function section(id: string, title: string, count: number, content: string): Section {
  return { id, title, count, content: [content] };
}

function numbered({ findings }: RecoveryReport, limits: PageLimits): readonly NumberedFinding[] {
  const order = { error: 0, warning: 1, info: 2 } as const;
  return findings
    .toSorted((a, b) => order[a.severity] - order[b.severity])
    .slice(0, limits.findings)
    .map(({ code, severity, file, offset, session, message }, index) => {
      const finding: ShownFinding = {
        code,
        severity: severity === 'info' ? 'note' : severity,
        place: offset === null ? null : { record: 0, offset, length: 0, line: null, id: null },
        messageIndex: null,
        blockIndex: null,
        meaning: message,
        fix: null,
        file: file ?? (session === null ? 'the store' : `session ${session}`),
      };
      return { number: index + 1, finding, shownAt: null };
    });
}

function filesSection(
  { files, filesLeft }: StorePageInput,
  findings: readonly NumberedFinding[],
): Section {
  const maps = files.map((file) => ({ ...file, marks: marksOf(file, findings) }));
  const parts = maps.map(({ path, map, frames, marks }) => {
    const facts = `${sizeText(map.bytes)}, ${counted(frames, 'frame')}`;
    const name = `<h3 class="file"><bdi>${foreign(path)}</bdi> <small>${facts}</small></h3>`;
    return name + damageRow(map, marks, path);
  });
  if (files.length > 0) parts.push(sharedLegend(maps));
  if (files.length === 0) parts.push('<p class="calm">No file of this store could be read.</p>');
  if (filesLeft > 0) {
    const more = counted(filesLeft, 'more file');
    parts.push(`<p class="cut">${more} in which nothing was found not drawn here.</p>`);
  }
  return { id: 'map', title: 'The files, to scale', count: files.length, content: parts };
}

function marksOf(file: StoreFile, findings: readonly NumberedFinding[]): readonly FaultMark[] {
  return findings.flatMap(({ number, finding }): readonly FaultMark[] => {
    const offset = finding.place?.offset ?? null;
    if (finding.file !== file.path || offset === null) return [];
    return [
      {
        anchor: findingAnchor(number),
        code: finding.code,
        tone: finding.severity,
        offset,
        length: 0,
        inBytes: true,
      },
    ];
  });
}

function pointsSection(
  { restorePoints, report }: StorePageInput,
  limits: PageLimits,
): readonly Section[] {
  const withPoints = restorePoints.filter(({ points }) => points.length > 0).slice(0, limits.rows);
  if (withPoints.length === 0) return [];
  const count = withPoints.reduce((sum, { points }) => sum + points.length, 0);
  const content = withPoints.map(({ session, points }) => {
    return `<h3>${foreign(session)}</h3>${restorePointsHtml(points, limits)}`;
  });
  const line = `holdfast rewind SESSION ${shellWord(report.root)} --to-snapshot N`;
  content.unshift(
    `<p class="calm">A session goes back to one of these with <code>${foreign(line)}</code>, and ` +
      'comes back with <code>--undo</code>. With <code>--dry-run</code> it only tells what it ' +
      'would do.</p>',
  );
  return [{ id: 'restore', title: 'Restore points', count, content }];
}
