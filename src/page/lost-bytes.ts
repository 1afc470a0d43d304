/**
 * Bytes that the repair takes away although something was written there: nobody can read them any
 * more, so what is left of their words is shown, as a list and at its place in the timeline. Pure.
 */
import { bytesText } from './bytes-text.ts';
import { counted, grouped, sizeText } from './figures.ts';
import { element, foreign, linkTo } from './markup.ts';
import type { ByteMend, LostWords } from './report.ts';

/** A piece of the file that is lost, with its number in the page, from 1. */
export interface LostPiece {
  readonly number: number;
  readonly mend: ByteMend;
  readonly lost: LostWords;
  /** The message that it stands with, where that is in the page. */
  readonly shownAt: number | null;
}

const kindWords: Readonly<Record<LostWords['kind'], string>> = {
  unfinished: 'cut off while it was written',
  zeros: 'zero bytes where a record may have stood',
  damaged: 'damaged',
};

/** The anchor of a piece in the list; the callout has `at-` in front. */
export function lostAnchor(number: number): string {
  return `lost${number}`;
}

/** The list; empty when nothing is lost. */
export function lostBytesHtml(pieces: readonly LostPiece[], total: number): string {
  if (pieces.length === 0) return '';
  const bytes = pieces.reduce((sum, { mend }) => sum + mend.length, 0);
  const items = pieces.map((piece) => {
    const { number, mend, shownAt } = piece;
    const where =
      shownAt === null ? placeOf(piece) : linkTo(`at-${lostAnchor(number)}`, placeOf(piece));
    return (
      `<li id="${lostAnchor(number)}" tabindex="-1"><span class="where">${where}</span> ` +
      `${toldOf(piece)}${wordsHtml(mend)}</li>`
    );
  });
  const left = total - pieces.length;
  if (left > 0)
    items.push(`<li class="left-out">${counted(left, 'more place')} not in this page.</li>`);
  const head = `Lost for good: ${sizeText(bytes)} in ${counted(total, 'place')}`;
  return `<div class="lost"><h3>${head}</h3><ul>${items.join('')}</ul></div>`;
}

/** A piece at its place; it leads back to the list. */
export function lostCalloutHtml(piece: LostPiece): string {
  const { number, mend } = piece;
  const link = linkTo(lostAnchor(number), 'lost for good', { class: 'code' });
  return element(
    'div',
    { id: `at-${lostAnchor(number)}`, class: 'callout error', role: 'note', tabindex: -1 },
    `<header>${link}<span class="where">${placeOf(piece)}</span></header>` +
      `<p>${toldOf(piece)}</p>${wordsHtml(mend)}`,
  );
}

function placeOf({ mend, lost }: LostPiece): string {
  const byte = `byte ${grouped(mend.offset)}`;
  return lost.line === null ? byte : `line ${grouped(lost.line)} · ${byte}`;
}

function toldOf({ mend, lost }: LostPiece): string {
  const code = lost.code === null ? '' : ` (<code class="code">${lost.code}</code>)`;
  return `${sizeText(mend.length)}, ${kindWords[lost.kind]}${code}`;
}

/** The first of the bytes, as far as they are in the report. */
function wordsHtml({ removed, length }: ByteMend): string {
  const more = length - removed.length;
  const left = more > 0 ? `\n… ${counted(more, 'more byte')}` : '';
  return element('pre', { class: 'raw', dir: 'auto' }, foreign(bytesText(removed) + left));
}
