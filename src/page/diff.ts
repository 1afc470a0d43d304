/**
 * Two texts as a diff of lines: what both begin and end with is context, the rest is removed and
 * added. Exact, and quick for any size: a plan changes few places of a block. Pure.
 */
import { element, foreign } from './markup.ts';

/** One line of a diff. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+' | '~';
  readonly text: string;
}

/** Context lines that are shown on either side of a change. */
const context = 2;

/** Lines from one text to another; null stands for no text at all. */
export function diffLines(before: string | null, after: string | null): readonly DiffLine[] {
  const [old, now] = [before, after].map((text) => (text === null ? [] : text.split('\n')));
  if (old === undefined || now === undefined) return [];
  let [head, tail] = [0, 0];
  const room = Math.min(old.length, now.length);
  while (head < room && old[head] === now[head]) head += 1;
  while (tail < room - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]): readonly DiffLine[] =>
    lines.map((text) => ({ sign: ' ', text }));
  const gap = (count: number): readonly DiffLine[] =>
    count > 0 ? [{ sign: '~', text: `${count} equal ${count === 1 ? 'line' : 'lines'}` }] : [];
  const end = now.length - tail;
  return [
    ...gap(Math.max(0, head - context)),
    ...same(now.slice(Math.max(0, head - context), head)),
    ...old.slice(head, old.length - tail).map((text): DiffLine => ({ sign: '-', text })),
    ...now.slice(head, end).map((text): DiffLine => ({ sign: '+', text })),
    ...same(now.slice(end, end + context)),
    ...gap(Math.max(0, tail - context)),
  ];
}

const heard: Readonly<Record<DiffLine['sign'], string>> = {
  '-': 'removed: ',
  '+': 'added: ',
  ' ': '',
  '~': '',
};
const tags: Readonly<Record<DiffLine['sign'], string>> = {
  '-': 'del',
  '+': 'ins',
  ' ': 'span',
  '~': 'span',
};

/** A diff as markup: signs in a column of their own, so that copied lines have none. */
export function diffHtml(lines: readonly DiffLine[]): string {
  const rows = lines.map(({ sign, text }) => {
    const kind = sign === '~' ? 'gap' : tags[sign];
    const mark = sign === '~' ? '⋯' : sign;
    const name = heard[sign] === '' ? '' : `<span class="heard">${heard[sign]}</span>`;
    const body = element(tags[sign], {}, foreign(text));
    return `<div class="line ${kind}"><i aria-hidden="true">${mark}</i>${name}${body}</div>`;
  });
  return `<div class="diff" role="group" aria-label="Changed lines">${rows.join('')}</div>`;
}
