/**
 * Places of a mended source as places of the source that it was made of, so that a plan for mended
 * bytes can say where each thing stands in the file that somebody has before them. A place that
 * begins in new bytes begins where these were put. Numbers of records stay those of the mended
 * source: a record that a mend made readable had none before.
 */
import type { Place, PlacedMessage } from '../integrity/conversation.ts';
import type { ByteSource } from './byte-source.ts';
import { byte } from './json-scan.ts';
import type { Splice } from './splice.ts';
import { inOrder } from './splice.ts';

/** A splice, and what it did to the places behind it. */
interface Step {
  /** Where its new bytes begin and end in the result. */
  readonly at: number;
  readonly end: number;
  /** Where what it replaced begins and ends in the source. */
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
  /** Line ends that the source has more than the result, up to here and behind the splice. */
  readonly linesBefore: number;
  readonly linesBehind: number;
}

/** Made once for a list of splices; none of them may overlap. */
export class OriginalPlaces {
  readonly #steps: readonly Step[];
  /** Blocks of one record share its place, and go on to do so. */
  readonly #known = new WeakMap<Place, Place>();

  constructor(source: ByteSource, splices: readonly Splice[]) {
    this.#steps = stepsOf(source, splices);
  }

  /** The message with the places of the source. */
  ofMessage(message: PlacedMessage): PlacedMessage {
    const place = this.of(message.place);
    return { ...message, place, places: message.places.map((one) => this.of(one)) };
  }

  /** The place in the source. */
  of(place: Place): Place {
    const { offset, length, line } = place;
    if (offset === null || this.#steps.length === 0) return place;
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const begin = this.#begin(offset);
    const end = length === 0 ? begin.offset : this.#end(offset + length);
    const told = {
      ...place,
      offset: begin.offset,
      length: Math.max(0, end - begin.offset),
      line: line === null ? null : line + begin.lines,
    };
    this.#known.set(place, told);
    return told;
  }

  #begin(offset: number): { readonly offset: number; readonly lines: number } {
    const step = this.#last((at) => at <= offset);
    if (step === null) return { offset, lines: 0 };
    if (offset >= step.end) return { offset: offset - step.end + step.to, lines: step.linesBehind };
    const passed = lineEnds(step.bytes.subarray(0, offset - step.at));
    return { offset: step.from, lines: step.linesBefore - passed };
  }

  #end(offset: number): number {
    // What is put in right behind a record is no part of it.
    const step = this.#last((at) => at < offset);
    return step === null ? offset : Math.max(offset - step.end, 0) + step.to;
  }

  /** The last step for whose beginning this holds. */
  #last(isBefore: (at: number) => boolean): Step | null {
    let [low, high] = [0, this.#steps.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#steps[middle]?.at ?? 0)) low = middle + 1;
      else high = middle;
    }
    return this.#steps[low - 1] ?? null;
  }
}

function stepsOf(source: ByteSource, splices: readonly Splice[]): readonly Step[] {
  let [shift, lines] = [0, 0];
  return inOrder(splices).map(({ offset, length, bytes }): Step => {
    const [at, linesBefore] = [offset + shift, lines];
    shift += bytes.length - length;
    lines += lineEndsIn(source, offset, offset + length) - lineEnds(bytes);
    const [from, to, end] = [offset, offset + length, at + bytes.length];
    return { at, end, from, to, bytes, linesBefore, linesBehind: lines };
  });
}

const chunkBytes = 64 * 1024;

function lineEndsIn(source: ByteSource, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += chunkBytes) {
    count += lineEnds(source.read(at, Math.min(chunkBytes, to - at)));
  }
  return count;
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(byte.lf); at >= 0; at = bytes.indexOf(byte.lf, at + 1)) count += 1;
  return count;
}
