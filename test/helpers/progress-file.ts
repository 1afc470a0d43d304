/**
 * Where a long run stands, in a file: the seed that comes next, and the sums so far. A run that is cut
 * off goes on from there, and repeats at most what it had not yet told.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The sums of a run, by name. */
export type Sums = Readonly<Record<string, number>>;

interface Kept {
  readonly run: string;
  readonly nextSeed: number;
  readonly sums: Sums;
}

/** The progress of one run; without a path it is only in memory. */
export class Progress {
  readonly #path: string | null;
  readonly #run: string;
  nextSeed: number;
  readonly #sums: Record<string, number>;

  constructor(path: string | null, kept: Kept) {
    this.#path = path;
    this.#run = kept.run;
    this.nextSeed = kept.nextSeed;
    this.#sums = { ...kept.sums };
  }

  /**
   * Goes on where the file says, or begins with this seed when there is none. A file of another kind
   * of run is refused, because its sums would say something else.
   */
  static open(path: string | undefined, run: string, firstSeed: number): Progress {
    const fresh = { run, nextSeed: firstSeed, sums: {} };
    if (path === undefined || path === '') return new Progress(null, fresh);
    if (!existsSync(path)) return new Progress(path, fresh);
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept;
    if (kept.run !== run) throw new Error(`${path} is of "${kept.run}", and this run is "${run}"`);
    return new Progress(path, kept);
  }

  get sums(): Sums {
    return this.#sums;
  }

  sum(name: string): number {
    return this.#sums[name] ?? 0;
  }

  /** What the seed gave is added, and the next one is due. */
  add(sums: Sums): void {
    for (const [name, count] of Object.entries(sums)) this.#sums[name] = this.sum(name) + count;
    this.nextSeed += 1;
    if (this.#path === null) return;
    const kept: Kept = { run: this.#run, nextSeed: this.nextSeed, sums: this.#sums };
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(kept, null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }

  /** The sums as one line. */
  toString(): string {
    return Object.entries(this.#sums)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  }
}
