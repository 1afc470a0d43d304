/** Numbers, sizes and times of a page, in words. Pure. */
import type { Place } from '../integrity/conversation.ts';

/** Thousands are set apart: `12,345`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 call`, `2 calls`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `512 B`, `5.9 MB`: decimal units, as disks are sold. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ['kB', 'MB', 'GB']) {
    value /= 1000;
    if (value < 999.95) return `${value.toFixed(value < 99.95 ? 1 : 0)} ${unit}`;
  }
  return `${grouped(Math.round(value))} GB`;
}

/** `2026-11-21 07:07:21Z`; `-` for a time that is none. */
export function timeText(timeMs: number): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) return '-';
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** `message 12`: counted from 1, as the commands do; in JSON they count from 0. */
export function messageWord(index: number): string {
  return `message ${grouped(index + 1)}`;
}

/** `line 14 (byte 8,812)`; of a row the id. Null where nothing is known. */
export function fileWord({ line, offset, id }: Place): string | null {
  const byte = offset === null ? null : `byte ${grouped(offset)}`;
  if (line !== null) return `line ${grouped(line)}${byte === null ? '' : ` (${byte})`}`;
  return byte ?? id;
}

/** The anchor of a message, by its number from 0. */
export function messageAnchor(index: number): string {
  return `m${index + 1}`;
}
