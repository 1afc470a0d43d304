/**
 * Lines of a byte stream, with bounded memory whatever the stream holds. A line that cannot be text
 * is a value, not an exception: the caller decides whether to go on behind it.
 */
import { payloadBytesMax } from '../base/quantities.ts';
import { until } from './until.ts';

/** Bytes of one line, without its end. */
export const lineBytesMax: number = payloadBytesMax;

/** A line with its number, from 1. `bytes` is its length without its end. */
export type Line =
  | { readonly number: number; readonly bytes: number; readonly text: string }
  | { readonly number: number; readonly bytes: number; readonly fault: string };

const newline = 0x0a;

/** How lines are cut. */
export interface LineSettings {
  /** Bytes of one line, without its end; a longer one is a fault. */
  readonly bytesMax?: number | undefined;
  /** Reading ends when one of them aborts, also while it waits. */
  readonly stops?: readonly AbortSignal[];
}

/**
 * Cuts a stream into lines. The last one may lack its end; but what is there of a line when reading
 * is stopped is none: it was cut here and not by whoever sends it.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  { bytesMax = lineBytesMax, stops = [] }: LineSettings = {},
): AsyncGenerator<Line> {
  const line = new LineBuffer(bytesMax);
  for await (const chunk of until(chunks, stops)) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      if (end < 0) break;
      line.add(chunk.subarray(from, end));
      yield line.take();
      from = end + 1;
    }
    line.add(chunk.subarray(from));
  }
  const isCutHere = stops.some(({ aborted }) => aborted);
  if (line.bytes > 0 && !isCutHere) yield line.take();
}

class LineBuffer {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #number = 0;
  bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Beyond the bound only the length is kept. */
  add(part: Uint8Array): void {
    this.bytes += part.length;
    if (this.bytes > this.#bytesMax) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  take(): Line {
    this.#number += 1;
    const head = { number: this.#number, bytes: this.bytes };
    const parts = this.#parts;
    this.#parts = [];
    this.bytes = 0;
    if (head.bytes > this.#bytesMax) {
      return { ...head, fault: `it has ${head.bytes} bytes; the bound is ${this.#bytesMax}` };
    }
    try {
      // A byte order mark may stand before the first line only.
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: head.number > 1 });
      const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      return { ...head, text: decoder.decode(whole) };
    } catch {
      // The only way to fail is the one that is told.
      return { ...head, fault: 'it is not UTF-8' };
    }
  }
}
