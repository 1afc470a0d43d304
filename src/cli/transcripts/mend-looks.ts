/**
 * What a mend does to the bytes of a file, as somebody can judge it: the line, what stands there
 * before and after, and whether words go that nobody can read any more.
 */
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Splice } from '../../transcript/splice.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { lostMark } from '../../transcript/zero-runs.ts';

/** One mend with its surroundings. */
export interface MendLook {
  readonly offset: number;
  readonly length: number;
  /** The finding that it answers, by its place. */
  readonly code: TranscriptFinding['code'] | null;
  /** What a person has to know of it, such as that it is a guess; mostly null. */
  readonly told: string | null;
  /** 1-based; null in formats without lines. */
  readonly line: number | null;
  /** What is put in. */
  readonly by: string;
  /** What stood at the place, with a little around it; what is long is cut in the middle. */
  readonly before: string;
  readonly after: string;
}

/** Bytes that a mend takes out although something was written there. */
export interface LostBytes {
  readonly offset: number;
  readonly length: number;
  readonly code: TranscriptFinding['code'] | null;
  readonly line: number | null;
  /** The first characters. */
  readonly text: string;
  readonly kind: LossKind;
}

/**
 * `unfinished`: the end of a file of lines that was cut while it was written. `zeros`: where they
 * stand a record may have been. `damaged`: anything else.
 */
export type LossKind = 'unfinished' | 'zeros' | 'damaged';

/** Fewer zeros than these hold no record of any tool, which has a name and a value at least. */
const recordBytesMin = 12;
/** Mends that may stand so near to one another that they are seen in one look. */
const nearMends = 8;
const aroundBytes = 32;
const shownBytes = 96;
const lostTextBytes = 240;
const chunkBytes = 64 * 1024;
/** Lines are counted from the place of a finding, which may be that of a large record. */
const lineLookBytes = 1024 * 1024;

/** The mends of a transcript, looked at one by one; reads a little around each of them. */
export class MendLooks {
  readonly #source: ByteSource;
  readonly #placed: readonly (readonly [number, TranscriptFinding])[];

  constructor(source: ByteSource, { findings }: Pick<Transcript, 'findings'>) {
    this.#source = source;
    this.#placed = findings
      .flatMap((finding): (readonly [number, TranscriptFinding])[] => {
        const offset = finding.place?.offset ?? null;
        return offset === null ? [] : [[offset, finding]];
      })
      .toSorted(([one], [other]) => one - other);
  }

  /** What each of the mends does at its place, those in front of it carried out. */
  looks(mends: readonly Splice[]): readonly MendLook[] {
    return mends.map((mend, index) =>
      this.look(mend, mends.slice(Math.max(0, index - nearMends), index)),
    );
  }

  /** What a mend does at its place, behind the `done` ones, which are told in front of it. */
  look(splice: Splice, done: readonly Splice[] = []): MendLook {
    const { offset, length, bytes, why } = splice;
    const finding = this.#findingOf(splice);
    const front = this.#front(offset, done);
    const end = offset + length;
    const back = this.#text(end, Math.min(this.#source.size, end + aroundBytes));
    const by = new TextDecoder().decode(bytes);
    const before = `${front}${this.#shown(offset, end)}${back}`;
    const line = this.#lineAt(offset, finding);
    const code = why?.code ?? splice.code ?? finding?.code ?? null;
    const told = why?.told ?? null;
    return { offset, length, code, told, line, by, before, after: `${front}${by}${back}` };
  }

  /** What the mend takes away of what was written; null when that was nothing, or stands twice. */
  lost(splice: Splice): LostBytes | null {
    const { offset, length, bytes, why, takes } = splice;
    // What says why it is done writes a link or a member anew, and takes no words.
    if (why !== undefined || takes === 'nothing') return null;
    const finding = this.#findingOf(splice);
    const code = splice.code ?? finding?.code ?? null;
    if (code === 'DUPLICATE_RECORD') return null;
    // Zeros in a string were written over a part of it, for which the mark stands.
    const isEmpty = !lostMark.equals(bytes) && this.#isEmpty(offset, offset + length);
    if (isEmpty && !this.#mayBeRecord(offset, offset + length)) return null;
    const text = this.#text(offset, Math.min(offset + length, offset + lostTextBytes));
    const line = this.#lineAt(offset, finding);
    const isEnd = offset + length === this.#source.size && bytes.length === 0;
    const isUnfinished = code === 'TORN_RECORD' && isEnd;
    const kind = isEmpty ? 'zeros' : isUnfinished ? 'unfinished' : 'damaged';
    return { offset, length, code, line, text, kind };
  }

  /** The text in front of a place, as the mends that are done leave it. */
  #front(offset: number, done: readonly Splice[]): string {
    let [text, at] = ['', offset];
    for (const mend of done.toReversed()) {
      const end = mend.offset + mend.length;
      if (end > at || end < offset - aroundBytes) break;
      text = new TextDecoder().decode(mend.bytes) + this.#text(end, at) + text;
      at = mend.offset;
    }
    const more = Math.max(0, aroundBytes - text.length);
    return (this.#text(Math.max(0, at - more), at) + text).slice(-aroundBytes);
  }

  /** Whether nothing stands there but zeros, blanks, commas between elements, and marks. */
  #isEmpty(from: number, to: number): boolean {
    for (let at = from; at < to; at += chunkBytes) {
      const bytes = this.#source.read(at, Math.min(chunkBytes, to - at));
      if (bytes.some((byte) => !emptyBytes.has(byte))) return false;
    }
    return true;
  }

  /**
   * Whether zeros may stand where a record was: there are enough of them, and whole ones stand
   * around them. Behind the last one there may have been nothing: a file that grew has such an end.
   */
  #mayBeRecord(from: number, to: number): boolean {
    let zeros = 0;
    for (let at = from; at < to && zeros < recordBytesMin; at += chunkBytes) {
      const bytes = this.#source.read(at, Math.min(chunkBytes, to - at));
      for (const byte of bytes) if (byte === 0) zeros += 1;
    }
    if (zeros < recordBytesMin) return false;
    const [before, behind] = [this.#textBefore(from), this.#textBehind(to)];
    const opens = behind === 0x7b || behind === 0x5b;
    // In front of a list there is nothing; its first element stands behind the bracket.
    return opens && (before === null ? behind === 0x7b : closing.has(before));
  }

  /** The last byte in front of a place that says something; null at the beginning of the file. */
  #textBefore(place: number): number | null {
    for (let end = place; end > 0; end -= aroundBytes) {
      const from = Math.max(0, end - aroundBytes);
      const byte = [...this.#source.read(from, end - from)].findLast((one) => !emptyBytes.has(one));
      if (byte !== undefined) return byte;
    }
    return null;
  }

  #textBehind(place: number): number | null {
    for (let at = place; at < this.#source.size; at += chunkBytes) {
      const byte = this.#source.read(at, chunkBytes).find((one) => !emptyBytes.has(one));
      if (byte !== undefined) return byte;
    }
    return null;
  }

  #shown(from: number, to: number): string {
    if (to - from <= shownBytes) return this.#text(from, to);
    const half = shownBytes / 2;
    return `${this.#text(from, from + half)} … ${this.#text(to - half, to)}`;
  }

  #text(from: number, to: number): string {
    return new TextDecoder().decode(this.#source.read(from, Math.max(0, to - from)));
  }

  #lineAt(offset: number, finding: TranscriptFinding | null): number | null {
    const place = finding?.place ?? null;
    if (place === null || place.line === null || place.offset === null) return null;
    const between = offset - place.offset;
    if (between === 0 || Math.abs(between) > lineLookBytes) return place.line;
    const passed = this.#source.read(Math.min(offset, place.offset), Math.abs(between));
    const step = Math.sign(between);
    return passed.reduce((line, byte) => (byte === 0x0a ? line + step : line), place.line);
  }

  /**
   * The finding that a splice answers: of those that reach its bytes the last that begins in front
   * of their end, and one of its code before all others.
   */
  #findingOf({ offset, length, code }: Splice): TranscriptFinding | null {
    let nearest: TranscriptFinding | null = null;
    let [low, high] = [0, this.#placed.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#placed[middle]?.[0] ?? 0) <= offset + length) low = middle + 1;
      else high = middle;
    }
    for (let at = low - 1; at >= Math.max(0, low - nearFindings); at -= 1) {
      const [from, finding] = this.#placed[at] ?? [0, null];
      if (finding === null || offset > from + (finding.place?.length ?? 0)) continue;
      if (code === undefined || finding.code === code) return finding;
      nearest ??= finding;
    }
    return nearest;
  }
}

/** Findings of one place that are looked through; more than a few never overlap. */
const nearFindings = 16;
/** What a record or an element ends with. */
const closing: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const emptyBytes: ReadonlySet<number> = new Set([0, 9, 10, 13, 32, 0x2c, 0xef, 0xbb, 0xbf]);
