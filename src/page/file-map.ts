/**
 * What stands where in a file, drawn to scale: pieces exactly while they are few, and by what most
 * of each stripe is when they are many. Holds a bounded amount, whatever the file. Pure.
 */

/** What a piece of the file is; what no piece covers is other records of the tool. */
export type PieceKind = 'user' | 'assistant' | 'call' | 'result' | 'other' | 'sound' | 'free';

/** A run of bytes of one kind. Shares of the whole file, 0 to 1. */
export interface Piece {
  readonly kind: PieceKind;
  readonly from: number;
  readonly to: number;
}

const kinds: readonly PieceKind[] = [
  'user',
  'assistant',
  'call',
  'result',
  'other',
  'sound',
  'free',
];
const exactMax = 240;
const stripes = 600;

/** Collects pieces in any order; those that share bytes count for the stripes they touch. */
export class FileMap {
  readonly bytes: number;
  #exact: Piece[] | null = [];
  readonly #weights: ReadonlyMap<PieceKind, Float64Array>;

  constructor(bytes: number) {
    this.bytes = Math.max(1, bytes);
    this.#weights = new Map(kinds.map((kind) => [kind, new Float64Array(stripes)]));
  }

  add(kind: PieceKind, offset: number, length: number): void {
    const from = this.share(offset);
    const to = this.share(offset + length);
    if (to <= from) return;
    if (this.#exact !== null) {
      const last = this.#exact.at(-1);
      // Blocks of one record have the same place.
      if (last === undefined || last.from !== from || last.to !== to) {
        this.#exact.push({ kind, from, to });
      }
      if (this.#exact.length > exactMax) this.#exact = null;
    }
    const weights = this.#weights.get(kind);
    if (weights === undefined) return;
    const end = Math.min(stripes - 1, Math.floor(to * stripes));
    for (let stripe = Math.floor(from * stripes); stripe <= end; stripe += 1) {
      const covered = Math.min(to, (stripe + 1) / stripes) - Math.max(from, stripe / stripes);
      weights[stripe] = (weights[stripe] ?? 0) + Math.max(0, covered);
    }
  }

  /** Where a byte stands, as a share of the file. */
  share(offset: number): number {
    return Math.min(1, Math.max(0, offset / this.bytes));
  }

  /** Pieces in the order of the file. */
  pieces(): readonly Piece[] {
    if (this.#exact !== null) return this.#exact.toSorted((a, b) => a.from - b.from);
    const pieces: Piece[] = [];
    for (let stripe = 0; stripe < stripes; stripe += 1) {
      const kind = this.#most(stripe);
      const [from, to] = [stripe / stripes, (stripe + 1) / stripes];
      const last = pieces.at(-1);
      if (kind === null) continue;
      if (last?.kind === kind && last.to === from) pieces[pieces.length - 1] = { ...last, to };
      else pieces.push({ kind, from, to });
    }
    return pieces;
  }

  /** What more bytes of the stripe belong to than to anything else; null for no piece at all. */
  #most(stripe: number): PieceKind | null {
    let [most, weight] = [null as PieceKind | null, 1e-12];
    for (const [kind, weights] of this.#weights) {
      const here = weights[stripe] ?? 0;
      if (here > weight) [most, weight] = [kind, here];
    }
    return most;
  }
}
