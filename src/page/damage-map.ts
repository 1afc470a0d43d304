/**
 * A file as a strip drawn to scale: what its bytes are, and a mark at each fault that leads to the
 * finding. Marks that would stand on each other are one, with their number. Pure.
 */
import { addAll } from '../base/lists.ts';
import type { FileMap, PieceKind } from './file-map.ts';
import { grouped, sizeText } from './figures.ts';
import { element, linkTo, escaped } from './markup.ts';

/** How grave a mark is; the gravest of a group gives it its colour. */
export type Tone = 'error' | 'warning' | 'note';

/** A fault at its place in the file. */
export interface FaultMark {
  /** Anchor of the finding. */
  readonly anchor: string;
  readonly code: string;
  readonly tone: Tone;
  readonly offset: number;
  readonly length: number;
  /** The bytes themselves are bad; otherwise it is what they say. */
  readonly inBytes: true | undefined;
}

/** Bytes that nobody can read any more. */
export interface LostSpan {
  readonly offset: number;
  readonly length: number;
}

/** What cannot be read: `lost` goes with a repair, and `damaged` stays in the copy as it is. */
export interface UnreadSpans {
  readonly lost: readonly LostSpan[];
  readonly damaged: readonly LostSpan[];
}

const noSpans: UnreadSpans = { lost: [], damaged: [] };

const tones: readonly Tone[] = ['error', 'warning', 'note'];
/** Marks nearer than this share of the strip are drawn as one. */
const nearest = 0.034;
/** Pixels above the strip that marks need. */
const marksTop = 30;

/** Names of the kinds, as the legend shows them. */
const names: Readonly<Record<PieceKind, string>> = {
  user: 'user',
  assistant: 'assistant',
  call: 'tool call',
  result: 'tool result',
  other: 'other messages',
  sound: 'sound frames',
  bad: 'damaged',
};

/**
 * The strip of one file with its legend and scale. `name` says which file, to those who hear it.
 */
export function damageMap(
  map: FileMap,
  marks: readonly FaultMark[],
  name: string,
  unread: UnreadSpans = noSpans,
): string {
  const strip = stripHtml(map, marks, { name, height: 36, unread });
  const { lost, damaged } = unread;
  const gone = lost.length === 0 ? [] : ['<li><i class="k-lost"></i>lost for good</li>'];
  const stays =
    damaged.length === 0 ? [] : ['<li><i class="k-damaged"></i>not readable, stays as it is</li>'];
  const signs = legend(map.pieces(), marks, [...gone, ...stays]);
  return `<figure class="map">${strip}${scale(map.bytes)}${signs}</figure>`;
}

/** The strip alone, lower: one of many, which share a legend. */
export function damageRow(map: FileMap, marks: readonly FaultMark[], name: string): string {
  return `<div class="map">${stripHtml(map, marks, { name, height: 16, unread: noSpans })}</div>`;
}

/** The legend of several strips. */
export function sharedLegend(
  maps: readonly { readonly map: FileMap; readonly marks: readonly FaultMark[] }[],
): string {
  const pieces = maps.flatMap(({ map }) => map.pieces());
  return legend(
    pieces,
    maps.flatMap(({ marks }) => marks),
  );
}

function stripHtml(
  map: FileMap,
  marks: readonly FaultMark[],
  {
    name,
    height,
    unread: { lost, damaged },
  }: { readonly name: string; readonly height: number; readonly unread: UnreadSpans },
): string {
  const top = marks.length === 0 ? 2 : marksTop;
  const gone = lost.reduce((sum, { length }) => sum + length, 0);
  const more = gone === 0 ? '' : `, ${sizeText(gone)} lost for good`;
  const span = (kind: string, { offset, length }: LostSpan): string => {
    const [from, to] = [map.share(offset), map.share(offset + length)];
    // Never so narrow that nobody sees it.
    return piece(kind, at(Math.min(0.997, from)), wide(from, Math.max(to, from + 0.003)));
  };
  const label = `${told(map, marks, name)}${more}`;
  const piece = (kind: string, x: string, width: string): string =>
    element('rect', { class: `p-${kind}`, x, y: top, width, height });
  return element(
    'svg',
    { class: 'strip', width: '100%', height: top + height + 6, role: 'group', 'aria-label': label },
    [
      piece('rest', '0', '100%'),
      ...map.pieces().map(({ kind, from, to }) => piece(kind, at(from), wide(from, to))),
      ...marks.map((mark) => extent(map, mark, height)),
      // On top of the extents of their findings, which would have the colour of every error.
      ...lost.map((one) => span('lost', one)),
      ...(damaged.length === 0 ? [] : [hatching]),
      ...damaged.map((one) => span('damaged', one)),
      ...grouping(map, marks).map(markOf),
    ].join(''),
  );
}

/** Stripes, so that nobody has to tell two shades of one colour apart. */
const hatching = element(
  'defs',
  {},
  element(
    'pattern',
    { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
    element('rect', { class: 'hatch-ground', width: 6, height: 6 }) +
      element('path', { class: 'hatch-line', d: 'M-1,7 L7,-1 M-1,1 L1,-1 M5,7 L7,5' }),
  ),
);

function told(map: FileMap, marks: readonly FaultMark[], name: string): string {
  const what = marks.length === 0 ? 'no fault' : `${grouped(marks.length)} faults`;
  return `${name}, ${grouped(map.bytes)} bytes, drawn to scale: ${what}`;
}

function at(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}

function wide(from: number, to: number): string {
  return `${Math.max(0.06, (to - from) * 100).toFixed(3)}%`;
}

/** The bytes of a fault, never so narrow that nobody sees them. */
function extent(
  map: FileMap,
  { offset, length, tone, inBytes }: FaultMark,
  stripHeight: number,
): string {
  const from = map.share(offset);
  const width = `${Math.max(0.2, (map.share(offset + length) - from) * 100).toFixed(3)}%`;
  const x = `${Math.min(99.8, from * 100).toFixed(3)}%`;
  const span =
    inBytes === true
      ? { y: marksTop - 4, height: stripHeight + 8 }
      : { y: marksTop + stripHeight + 1, height: 4 };
  return element('rect', { class: `fault ${tone}`, x, width, ...span });
}

interface Group {
  readonly share: number;
  readonly marks: FaultMark[];
}

function grouping(map: FileMap, marks: readonly FaultMark[]): readonly Group[] {
  const groups: Group[] = [];
  for (const mark of marks.toSorted((a, b) => a.offset - b.offset)) {
    // A dot at the very edge would be cut in half.
    const share = Math.min(0.988, Math.max(0.012, map.share(mark.offset)));
    const last = groups.at(-1);
    if (last !== undefined && share - last.share < nearest) last.marks.push(mark);
    else groups.push({ share, marks: [mark] });
  }
  return groups;
}

function markOf({ share, marks }: Group): string {
  const [first] = marks;
  if (first === undefined) return '';
  const tone = tones.find((one) => marks.some((mark) => mark.tone === one)) ?? 'note';
  const codes = [...new Set(marks.map(({ code }) => code))];
  const which = marks.length === 1 ? first.code : `${marks.length} findings: ${codes.join(', ')}`;
  const label = `${which}, at byte ${grouped(first.offset)}`;
  const x = at(share);
  const many = marks.length > 1 ? (marks.length > 99 ? '…' : String(marks.length)) : '';
  const drawing =
    element('title', {}, escaped(label)) +
    element('line', { x1: x, x2: x, y1: 18, y2: marksTop }) +
    element('circle', { cx: x, cy: 11, r: many === '' ? 6 : 10 }) +
    (many === '' ? '' : element('text', { x, y: 15, 'aria-hidden': 'true' }, many));
  return linkTo(first.anchor, drawing, {
    class: `mark ${tone}`,
    'data-findings': marks.map(({ anchor }) => anchor).join(' '),
  });
}

function scale(bytes: number): string {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    return `<span>${sizeText(Math.round(bytes * share))}</span>`;
  });
  return `<div class="scale" aria-hidden="true">${ticks.join('')}</div>`;
}

function legend(
  pieces: readonly { readonly kind: PieceKind }[],
  marks: readonly FaultMark[],
  more: readonly string[] = [],
): string {
  const present = new Set(pieces.map(({ kind }) => kind));
  const shown = (Object.keys(names) as PieceKind[]).filter((kind) => present.has(kind));
  const items = shown.map((kind) => `<li><i class="k-${kind}"></i>${names[kind]}</li>`);
  const rest = present.has('sound') ? 'nothing, or not vouched for' : 'other records';
  items.push(`<li><i class="k-rest"></i>${rest}</li>`);
  addAll(items, more);
  for (const tone of tones) {
    if (marks.some((mark) => mark.tone === tone)) {
      items.push(`<li><i class="k-fault ${tone}"></i>${tone}</li>`);
    }
  }
  return `<ul class="legend">${items.join('')}</ul>`;
}
