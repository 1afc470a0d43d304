/**
 * A file as a strip drawn to scale: what its bytes are, and a mark at each fault that leads to the
 * finding. Marks that would stand on each other are one, with their number. Pure.
 */
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

const tones: readonly Tone[] = ['error', 'warning', 'note'];
/** Marks nearer than this share of the strip are drawn as one. */
const nearest = 0.022;
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
  free: 'free space',
};

/** The strip of one file with its legend and scale. `name` says which file, to those who hear it. */
export function damageMap(map: FileMap, marks: readonly FaultMark[], name: string): string {
  const groups = grouping(map, marks);
  const pieces = map.pieces();
  const top = marks.length === 0 ? 4 : marksTop;
  const strip = element(
    'svg',
    {
      class: 'strip',
      width: '100%',
      height: top + 46,
      role: 'group',
      'aria-label': told(map, marks, name),
    },
    [
      element('rect', { class: 'p-rest', y: top, width: '100%', height: 36 }),
      ...pieces.map(({ kind, from, to }) =>
        element('rect', {
          class: `p-${kind}`,
          x: at(from),
          y: top,
          width: wide(from, to),
          height: 36,
        }),
      ),
      ...marks.map((mark) => extent(map, mark)),
      ...groups.map(markOf),
    ].join(''),
  );
  return `<figure class="map">${strip}${scale(map.bytes)}${legend(pieces, marks)}</figure>`;
}

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
function extent(map: FileMap, { offset, length, tone, inBytes }: FaultMark): string {
  const from = map.share(offset);
  const width = `${Math.max(0.2, (map.share(offset + length) - from) * 100).toFixed(3)}%`;
  const x = `${Math.min(99.8, from * 100).toFixed(3)}%`;
  const span = inBytes === true ? { y: marksTop - 4, height: 44 } : { y: marksTop + 37, height: 4 };
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
): string {
  const present = new Set(pieces.map(({ kind }) => kind));
  const shown = (Object.keys(names) as PieceKind[]).filter((kind) => present.has(kind));
  const items = shown.map((kind) => `<li><i class="k-${kind}"></i>${names[kind]}</li>`);
  if (!present.has('sound')) items.push('<li><i class="k-rest"></i>other records</li>');
  for (const tone of tones) {
    if (marks.some((mark) => mark.tone === tone)) {
      items.push(`<li><i class="k-fault ${tone}"></i>${tone}</li>`);
    }
  }
  return `<ul class="legend">${items.join('')}</ul>`;
}
