/**
 * Findings: as a list with an anchor for each, and as a callout at the place that each is about.
 * Pure.
 */
import type { Place } from '../integrity/conversation.ts';
import type { Severity, TranscriptFinding } from '../integrity/finding.ts';
import { counted, grouped } from './figures.ts';
import { cutText, element, escaped, foreign, linkTo } from './markup.ts';

/** A finding with its number in the page, from 1, and where it stands in the timeline. */
export interface NumberedFinding {
  readonly number: number;
  readonly finding: TranscriptFinding;
  /** The message that it stands with, where that is in the page. */
  readonly shownAt: number | null;
}

const marks: Readonly<Record<Severity, string>> = { error: '✗', warning: '!', note: 'i' };
/** Sentences of rules are ours, and quote names and ids of the transcript. */
const sentenceCharacters = 1200;

/** The anchor of a finding in the list; the callout has `at-` in front. */
export function findingAnchor(number: number): string {
  return `f${number}`;
}

/** The list. */
export function findingsHtml(
  findings: readonly NumberedFinding[],
  total: number,
  empty: string,
): string {
  if (findings.length === 0) return `<p class="calm">${escaped(empty)}</p>`;
  const left = total - findings.length;
  const more =
    left > 0
      ? `<p class="cut">${counted(left, 'more finding')} not in this page; --json has all.</p>`
      : '';
  const items = findings.map((one) => itemHtml(one));
  return `${filterHtml(findings)}<ol class="findings" id="list">${items.join('\n')}</ol>${more}`;
}

function filterHtml(findings: readonly NumberedFinding[]): string {
  const severities = (['error', 'warning', 'note'] as const).map((severity) => {
    const count = findings.filter(({ finding }) => finding.severity === severity).length;
    if (count === 0) return '';
    const name = count === 1 ? severity : `${severity}s`;
    return element(
      'button',
      {
        type: 'button',
        class: `toggle ${severity}`,
        'data-severity': severity,
        'aria-pressed': 'true',
      },
      `${grouped(count)} ${name}`,
    );
  });
  const codes = [...new Set(findings.map(({ finding }) => finding.code))].toSorted();
  const options = codes.map((code) => {
    const count = findings.filter(({ finding }) => finding.code === code).length;
    return element('option', { value: code }, `${code} (${grouped(count)})`);
  });
  return (
    `<div class="filter" role="group" aria-label="Show findings by severity and code">${severities.join('')}` +
    '<label>Code <select id="code"><option value="">all</option>' +
    `${options.join('')}</select></label>` +
    `<output id="shown" aria-live="polite">${grouped(findings.length)} of ${grouped(findings.length)} shown</output></div>`
  );
}

function itemHtml({ number, finding, shownAt }: NumberedFinding): string {
  const { code, severity, place } = finding;
  const where = placeWords(finding.messageIndex, place);
  const at =
    shownAt === null
      ? where
      : linkTo(`at-f${number}`, where === '' ? 'in the timeline' : where, { class: 'where' });
  const head =
    `<header>${markHtml(severity)}${element('code', { class: 'code' }, code)}` +
    `<span class="where">${at}</span></header>`;
  return element(
    'li',
    {
      id: findingAnchor(number),
      class: `finding ${severity}`,
      tabindex: -1,
      'data-severity': severity,
      'data-code': code,
    },
    `${head}${wordsHtml(finding)}`,
  );
}

/** A finding at its place; it leads back to the list. */
export function calloutHtml({ number, finding }: NumberedFinding): string {
  const { code, severity } = finding;
  return element(
    'div',
    {
      id: `at-${findingAnchor(number)}`,
      class: `callout ${severity}`,
      'data-severity': severity,
      'data-code': code,
      role: 'note',
      tabindex: -1,
    },
    `<header>${markHtml(severity)}${linkTo(findingAnchor(number), code, { class: 'code' })}</header>` +
      wordsHtml(finding),
  );
}

function markHtml(severity: Severity): string {
  return (
    `<span class="mark-${severity} sign" aria-hidden="true">${marks[severity]}</span>` +
    `<span class="heard">${severity}</span>`
  );
}

function wordsHtml({ meaning, fix }: TranscriptFinding): string {
  const told = `<p dir="auto">${foreign(cutText(meaning, sentenceCharacters).shown)}</p>`;
  if (fix === null) return told;
  return `${told}<p class="fix" dir="auto">${foreign(cutText(fix, sentenceCharacters).shown)}</p>`;
}

/** `message 12 · line 14 · byte 8,812`. */
export function placeWords(messageIndex: number | null, place: Place | null): string {
  const words: string[] = [];
  if (messageIndex !== null) words.push(`message ${grouped(messageIndex)}`);
  if (place !== null) {
    if (place.line !== null) words.push(`line ${grouped(place.line)}`);
    if (place.offset !== null) words.push(`byte ${grouped(place.offset)}`);
    if (place.offset === null && place.id !== null)
      words.push(foreign(cutText(place.id, 60).shown));
  }
  return words.join(' · ');
}
