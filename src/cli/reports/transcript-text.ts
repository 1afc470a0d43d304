/** The report of a session for a terminal: the facts of the page, without its timeline. */
import { addAll } from '../../base/lists.ts';
import { fileWord } from '../../page/figures.ts';
import type { NextStep, TranscriptReport } from '../../page/report.ts';
import type { Style } from '../talk.ts';
import { bytes, counted, number, oneLine, wrapped } from '../text.ts';
import { findingsText } from '../transcripts/finding-text.ts';

const lossesShown = 20;

/** The whole report, with a line end. */
export function transcriptText(report: TranscriptReport, style: Style): string {
  const { findings, plan, unplanned, next } = report;
  const parts = [headText(report, style), style.dim(wrapped(factsText(report), 2))];
  if (findings.length > 0) parts.push(findingsText(findings, style));
  if (unplanned !== null) parts.push(wrapped(`There is no plan: ${oneLine(unplanned, 600)}`, 2));
  if (plan !== null) addAll(parts, planText(plan));
  parts.push(nextText(next));
  return `${parts.join('\n')}\n`;
}

/** Verdict and path in one line. */
export function headText({ verdict, path, told }: TranscriptReport, style: Style): string {
  const marks = { clean: style.green('✓'), repairable: style.yellow('●'), damaged: style.red('✗') };
  return `${marks[verdict]} ${style.bold(oneLine(path, 200))}\n${wrapped(oneLine(told, 1000), 2)}`;
}

function factsText({ format, profile, facts, counts, restorePoints }: TranscriptReport): string {
  const { records, messages, turns, calls, unanswered } = counts;
  const parts = [
    `${format} for ${profile}`,
    ...(counts.bytes === null ? [] : [bytes(counts.bytes)]),
    counted(records, 'record'),
    counted(messages, 'message'),
    counted(turns, 'turn'),
    counted(calls, 'call') + (unanswered === 0 ? '' : `, ${number(unanswered)} without result`),
  ];
  if (facts.sessionId !== null) parts.push(`session ${oneLine(facts.sessionId, 80)}`);
  if (facts.model !== null) parts.push(oneLine(facts.model, 60));
  if (restorePoints.length > 0) parts.push(counted(restorePoints.length, 'restore point'));
  return parts.join(', ');
}

function planText(plan: NonNullable<TranscriptReport['plan']>): readonly string[] {
  const { edits, mends, lost, unmended, policy } = plan;
  if (edits.length + mends.length + lost.length + unmended.length === 0) return [];
  const changes = `${counted(mends.length, 'mend')} of bytes, ${counted(edits.length, 'edit')}`;
  const gone = mends.filter((mend) => mend.lost !== undefined);
  const taken = lostCount(
    lost.length,
    gone.reduce((sum, { length }) => sum + length, 0),
  );
  const lines = [wrapped(`The repair (${policy}): ${changes}; it takes away ${taken}`, 2)];
  for (const { messageIndex, told, text } of lost.slice(0, lossesShown)) {
    const where = messageIndex === null ? '' : `message ${number(messageIndex + 1)}, `;
    const words = text === null ? '' : `: ${oneLine(text, 160)}`;
    lines.push(wrapped(`lost: ${where}${oneLine(told, 200)}${words}`, 4));
  }
  if (lost.length > lossesShown) lines.push(`    and ${number(lost.length - lossesShown)} more`);
  for (const { offset, length, removed, lost: words } of gone.slice(0, lossesShown)) {
    const line = words?.line ?? null;
    const where = line === null ? '' : `line ${number(line)}, `;
    const text = oneLine(new TextDecoder().decode(removed), 120);
    const what = words?.kind === 'zeros' ? ' of zeros, where a record may have stood' : `: ${text}`;
    lines.push(wrapped(`lost: ${where}byte ${number(offset)}, ${bytes(length)}${what}`, 4));
  }
  if (gone.length > lossesShown) lines.push(`    and ${number(gone.length - lossesShown)} more`);
  for (const { told, place } of unmended.slice(0, lossesShown)) {
    const where = place === undefined || place === null ? null : fileWord(place);
    const words = where === null ? '' : `${oneLine(where, 60)}, `;
    lines.push(wrapped(`not mended: ${words}${oneLine(told, 300)}`, 4));
  }
  return lines;
}

function lostCount(count: number, lostBytes: number): string {
  const parts = [
    ...(count === 0 ? [] : [counted(count, 'piece')]),
    ...(lostBytes === 0 ? [] : [`${bytes(lostBytes)} that nobody can read any more`]),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(' and ');
}

/** What to do, each step with its command on a line of its own. */
export function nextText(next: readonly NextStep[]): string {
  const steps = next.map(({ why, line }) => {
    const told = wrapped(`Next: ${oneLine(why, 400)}`, 0, 2);
    return line === null ? told : `${told}\n    ${oneLine(line, 2000)}`;
  });
  return steps.join('\n');
}
