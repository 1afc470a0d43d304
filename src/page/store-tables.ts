/** Sessions and writers of a store as tables. Pure. */
import type { SeqRange } from '../base/errors.ts';
import type { RecoveryReport, SessionReport, WriterReport } from '../recovery/report.ts';
import { counted, grouped, sizeText } from './figures.ts';
import type { PageLimits } from './limits.ts';
import { cutText, foreign, tableBox } from './markup.ts';

const verdictTones: Readonly<Record<SessionReport['verdict'], string>> = {
  clean: 'good',
  healed: 'good',
  healable: 'warning',
  deleted: 'note',
  damaged: 'error',
  unsupported: 'error',
  unreadable: 'error',
};

/** The sessions, those with something to tell first. */
export function sessionsHtml({ sessions }: RecoveryReport, limits: PageLimits): string {
  if (sessions.length === 0) return '<p class="calm">There is no session in this store.</p>';
  const weight = (session: SessionReport): number =>
    session.verdict === 'clean' && toldOf(session).length === 0 ? 1 : 0;
  const rows = sessions
    .toSorted((a, b) => weight(a) - weight(b))
    .slice(0, limits.rows)
    .map((session) => {
      const { id, verdict, messages, lastSeq } = session;
      const told = toldOf(session).map((line) => `<div>${line}</div>`);
      return (
        `<tr><th scope="row">${foreign(id)}</th>` +
        `<td><span class="tag ${verdictTones[verdict]}">${verdict}</span></td>` +
        `<td class="num">${grouped(messages)}</td><td class="num">${grouped(lastSeq)}</td>` +
        `<td>${told.join('')}</td></tr>`
      );
    });
  const left = sessions.length - rows.length;
  const more =
    left > 0 ? `<p class="cut">${counted(left, 'more session')} not in this page.</p>` : '';
  return (
    tableBox(
      'Table of sessions',
      '<table class="wide"><thead><tr>' +
        '<th scope="col">Session</th><th scope="col">Verdict</th><th scope="col" ' +
        'class="num">Messages</th>' +
        '<th scope="col" class="num">Last seq</th><th scope="col">What to know</th></tr></thead>' +
        `<tbody>${rows.join('')}</tbody></table>`,
    ) + more
  );
}

function toldOf({ kept, inDoubt, lost, unknownOutcomes }: SessionReport): readonly string[] {
  const lines: string[] = [];
  if (lost.length > 0) lines.push(`<b>lost</b> seq ${ranges(lost)}`);
  if (inDoubt !== null) lines.push(`in doubt: seq ${ranges([inDoubt])}, never acknowledged`);
  if (kept.length > 0) lines.push(`kept in a journal: seq ${ranges(kept)}`);
  for (const { name, callId, seq } of unknownOutcomes.slice(0, 20)) {
    const call = `${foreign(cutText(name, 60).shown)} (${foreign(cutText(callId, 60).shown)}`;
    lines.push(`unknown outcome: ${call}, seq ${seq})`);
  }
  if (unknownOutcomes.length > 20) {
    lines.push(`${grouped(unknownOutcomes.length - 20)} more unknown outcomes`);
  }
  return lines;
}

function ranges(list: readonly SeqRange[]): string {
  const shown = list.slice(0, 12).map(({ from, to }) => {
    if (to === null) return `${grouped(from)} to an unknown end`;
    return from === to ? grouped(from) : `${grouped(from)} to ${grouped(to)}`;
  });
  const left = list.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${grouped(left)} more ranges` : shown.join(', ');
}

/** The writers and what became of their journals. */
export function writersHtml(writers: readonly WriterReport[], limits: PageLimits): string {
  if (writers.length === 0) {
    return '<p class="calm">No writer has a journal here: everything is in the histories.</p>';
  }
  const rows = writers.slice(0, limits.rows).map((writer) => {
    const { state, verdict, owner, segments, durableMark, lastSeq, cut } = writer;
    const pid = owner?.pid ?? null;
    const torn =
      cut.bytes === 0
        ? ''
        : `${sizeText(cut.bytes)} cut, with ${counted(cut.entries, 'entry', 'entries')}`;
    return (
      `<tr><th scope="row"><code>${foreign(writer.writer.slice(0, 8))}</code></th>` +
      `<td>${state}${pid === null ? '' : `, process ${pid}`}</td><td>${foreign(verdict)}</td>` +
      `<td class="num">${grouped(segments)}</td><td class="num">${grouped(durableMark)}</td>` +
      `<td class="num">${grouped(lastSeq)}</td><td>${torn}</td></tr>`
    );
  });
  return tableBox(
    'Table of writers',
    '<table class="wide"><thead><tr>' +
      '<th scope="col">Writer</th><th scope="col">State</th><th scope="col">Verdict</th>' +
      '<th scope="col" class="num">Segments</th><th scope="col" class="num">Synced to</th>' +
      '<th scope="col" class="num">Read to</th><th scope="col">Torn tail</th></tr></thead>' +
      `<tbody>${rows.join('')}</tbody></table>`,
  );
}
