/** Numbers, ranges, times and foreign text, as people read them. */
import { deepJson } from '../base/deep-json.ts';
import type { SeqRange } from '../base/errors.ts';

const columns = 92;

/** Breaks a paragraph into lines; `hang` is the indent of all lines but the first. */
export function wrapped(text: string, indent: number, hang: number = indent): string {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = ' '.repeat(hang);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}

/** `1 message`, `2 messages`, `12,345 messages`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** Thousands are set apart. */
export function number(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `512 B`, `5.9 MB`: decimal units, as disks are sold. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let value = count;
  for (const unit of ['kB', 'MB', 'GB', 'TB']) {
    value /= 1000;
    if (value < 999.95) return `${value.toFixed(value < 99.95 ? 1 : 0)} ${unit}`;
  }
  return `${number(Math.round(value))} TB`;
}

/** `12`, `12 to 14`, `12 to an unknown end`. */
export function range({ from, to }: SeqRange): string {
  if (to === null) return `${from} to an unknown end`;
  return from === to ? `${from}` : `${from} to ${to}`;
}

/** Several ranges in one phrase. */
export function ranges(list: readonly SeqRange[]): string {
  return list.map(range).join(', ');
}

/** How many sequences a range names; null when its end is not known. */
export function rangeCount({ from, to }: SeqRange): number | null {
  return to === null ? null : to - from + 1;
}

/** `2026-11-21 07:07:21Z`; `-` when there is none. */
export function time(timeMs: number | null): string {
  if (timeMs === null || !Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) return '-';
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/**
 * Foreign text made harmless: a conversation may hold escape sequences that would change the
 * terminal, and marks that turn the direction of writing. Line ends and tabs stay.
 */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.charCodeAt(0);
    return code > 255
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

/** One line of at most so many characters. */
export function oneLine(text: string, charactersMax: number): string {
  const line = harmless(
    text
      .slice(0, charactersMax * 4)
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return line.length > charactersMax ? `${line.slice(0, charactersMax - 1)}…` : line;
}

/**
 * JSON on one line, or indented. Bytes, which JSON lacks, are written as `{"$bytes":"<base64>"}`.
 */
export function json(value: unknown, indent = 0): string {
  const replace = (member: unknown): unknown =>
    member instanceof Uint8Array ? { $bytes: Buffer.from(member).toString('base64') } : member;
  if (indent === 0) return deepJson(value, replace) ?? 'null';
  return JSON.stringify(value, (_key, member: unknown) => replace(member), indent);
}
