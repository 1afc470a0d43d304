/**
 * Smaller parts of the page: facts, messages that are not in the conversation, restore points.
 * Pure.
 */
import type { SnapshotSummary } from '../session/state.ts';
import type { SideConversation } from '../transcript/transcript.ts';
import { counted, grouped, timeText } from './figures.ts';
import type { PageLimits } from './limits.ts';
import { cutText, escaped, foreign, tableBox } from './markup.ts';
import type { ReportedSide, TranscriptReport } from './report.ts';

/** What the file says of itself. */
export function factsHtml({ facts, counts, format, profile, path }: TranscriptReport): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['Session', facts.sessionId],
    ['Title', facts.title],
    ['Directory', facts.cwd],
    ['Model', facts.model],
    ['Written by', facts.version === null ? format : `${format} ${facts.version}`],
    ['Checked for', profile],
    ['Size', counts.bytes === null ? null : `${grouped(counts.bytes)} bytes`],
    ['Records', grouped(counts.records)],
    ['Path', path],
  ];
  const shown = rows.flatMap(([name, value]) => {
    if (value === null) return [];
    const text = foreign(cutText(value, 600).shown);
    const kind = value.length > 26 ? ' class="long-fact"' : '';
    return [`<div${kind}><dt>${name}</dt><dd><bdi>${text}</bdi></dd></div>`];
  });
  return `<dl class="facts">${shown.join('')}</dl>`;
}

const sideWords: Readonly<Record<SideConversation['kind'], string>> = {
  sidechain: 'side chain',
  branch: 'branch that was left',
  compacted: 'compacted',
  'rolled-back': 'rolled back',
};

/** What the file holds beside the conversation. */
export function sidesHtml(sides: readonly ReportedSide[], limits: PageLimits): string {
  if (sides.length === 0) return '';
  const rows = sides.slice(0, limits.rows).map(({ kind, id, messages }) => {
    const name = id === null ? '–' : foreign(cutText(id, 80).shown);
    return `<tr><th scope="row">${sideWords[kind]}</th><td>${name}</td><td class="num">${messages === null ? '–' : grouped(messages)}</td></tr>`;
  });
  const left = sides.length - rows.length;
  const more = left > 0 ? `<p class="cut">${counted(left, 'more')} not in this page.</p>` : '';
  return (
    '<h3>In the file, but not in the conversation</h3>' +
    tableBox(
      'Other messages',
      '<table><thead><tr>' +
        '<th scope="col">What</th><th scope="col">Name</th><th scope="col" ' +
        'class="num">Messages</th></tr></thead>' +
        `<tbody>${rows.join('')}</tbody></table>`,
    ) +
    more
  );
}

/** Where a session can go back to, the newest first. */
export function restorePointsHtml(points: readonly SnapshotSummary[], limits: PageLimits): string {
  const rows = points
    .toReversed()
    .slice(0, limits.rows)
    .map(({ id, timeMs, messageIndex, action, label, onBranch }) => {
      const name = label === null ? '' : `<b>${foreign(cutText(label, 200).shown)}</b> `;
      const left = onBranch ? '' : ' <span class="where">on a branch that was left</span>';
      return (
        `<tr><th scope="row">${id}</th><td>${escaped(timeText(timeMs))}</td>` +
        `<td class="num">${grouped(messageIndex)}</td>` +
        `<td>${name}${foreign(cutText(action, 300).shown)}${left}</td></tr>`
      );
    });
  return tableBox(
    'Table of restore points',
    '<table class="points"><thead><tr><th scope="col">Snapshot</th><th scope="col">Taken</th>' +
      '<th scope="col" class="num">Messages</th>' +
      '<th scope="col">What was going on</th></tr></thead>' +
      `<tbody>${rows.join('')}</tbody></table>`,
  );
}
