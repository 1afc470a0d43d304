/**
 * Damage that is done to files of records, with what it touched, so that a test knows which records
 * must come back whole.
 */

/** Whole numbers below a bound, from a seed; the same ones again for the same seed. */
export class Chances {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }
}

/** A file after one blow. */
export interface Damaged {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The bytes of the sound file that may be gone or changed: everything else is there. */
  readonly touched: { readonly from: number; readonly to: number };
  /** How many bytes were put in (taken out, below 0) at the touched place. */
  readonly grown: number;
}

/** The kinds of blows, each at a random place. */
export const blows: Readonly<Record<string, (sound: Buffer, chances: Chances) => Damaged>> = {
  truncated: (sound, chances) => {
    const at = chances.below(sound.length + 1);
    const touched = { from: at, to: sound.length };
    return {
      kind: `cut at ${at}`,
      bytes: sound.subarray(0, at),
      touched,
      grown: at - sound.length,
    };
  },
  'zeros put in': (sound, chances) => {
    const at = chances.below(sound.length + 1);
    const count = 1 + chances.below(5000);
    const bytes = Buffer.concat([sound.subarray(0, at), Buffer.alloc(count), sound.subarray(at)]);
    return { kind: `${count} zeros at ${at}`, bytes, touched: { from: at, to: at }, grown: count };
  },
  'zeros written over': (sound, chances) => {
    const from = chances.below(sound.length);
    const to = Math.min(sound.length, from + 1 + chances.below(5000));
    const bytes = Buffer.from(sound);
    bytes.fill(0, from, to);
    return { kind: `zeros over ${from} to ${to}`, bytes, touched: { from, to }, grown: 0 };
  },
  fused: (sound, chances) => {
    // Between objects only: a bare word on a line of its own is a record, and beside one it is
    // none.
    const ends = [...sound.entries()]
      .filter(([at, value]) => value === 0x0a && sound[at - 1] === 0x7d && sound[at + 1] === 0x7b)
      .map(([at]) => at);
    const at = ends[chances.below(ends.length)];
    if (at === undefined) return { kind: 'as it was', bytes: sound, touched: nothing, grown: 0 };
    const bytes = Buffer.concat([sound.subarray(0, at), sound.subarray(at + 1)]);
    return { kind: `no line end at ${at}`, bytes, touched: { from: at, to: at + 1 }, grown: -1 };
  },
  flipped: (sound, chances) => {
    const at = chances.below(sound.length);
    const bytes = Buffer.from(sound);
    // New structure may say something else that is right: a comma that becomes a brace leaves what
    // a torn record leaves with the next one glued to it.
    do bytes[at] = chances.below(256);
    while (bytes[at] === sound[at] || '{}[],:'.includes(String.fromCharCode(bytes[at] ?? 0)));
    const kind = `byte ${at} became ${bytes[at]}`;
    return { kind, bytes, touched: { from: at, to: at + 1 }, grown: 0 };
  },
  'cut and written again': (sound, chances) => {
    const at = chances.below(sound.length);
    const lineFrom = at === 0 ? 0 : sound.lastIndexOf(0x0a, at - 1) + 1;
    const bytes = Buffer.concat([sound.subarray(0, at), sound.subarray(lineFrom)]);
    const kind = `torn at ${at}, then the line in full`;
    return { kind, bytes, touched: { from: at, to: at }, grown: at - lineFrom };
  },
};

const nothing = { from: 0, to: 0 };

/** Where a record stands. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/**
 * What is wrong with the records that were found in a damaged file: one that the damage did not
 * touch and that is missing, or one that begins where no record of the sound file began.
 */
export function misread(
  sound: readonly Extent[],
  { kind, touched, grown }: Damaged,
  found: readonly Extent[],
): string[] {
  const lengths = new Map(found.map(({ from, to }) => [from, to - from]));
  const wrong: string[] = [];
  const begins = new Set<number>();
  for (const { from, to } of sound) {
    begins.add(from).add(from + grown);
    const before = to <= touched.from;
    if (!before && from < touched.to) continue;
    const at = before ? from : from + grown;
    if (lengths.get(at) !== to - from) wrong.push(`${kind}: the record at ${from} is missing`);
  }
  for (const { from } of found) {
    if (!begins.has(from)) wrong.push(`${kind}: a record is made up at ${from}`);
  }
  return wrong;
}
