/**
 * How far a run over the corpus has come, in a file: how often each transcript was damaged, and what
 * was misread. A run that is cut off goes on from there with its own seed.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

interface OfFile {
  readonly done: number;
  readonly misread: readonly string[];
}

interface Kept {
  readonly seed: number;
  readonly files: Readonly<Record<string, OfFile>>;
}

/** The progress of one run; without a path it is only in memory. */
export class DamageProgress {
  readonly seed: number;
  readonly #path: string | undefined;
  readonly #files: Map<string, OfFile>;

  constructor(path: string | undefined, { seed, files }: Kept) {
    this.#path = path;
    this.seed = seed;
    this.#files = new Map(Object.entries(files));
  }

  /** Goes on where the file says; begins with this seed when there is none. */
  static open(path: string | undefined, seed: number): DamageProgress {
    const isKept = path !== undefined && path !== '' && existsSync(path);
    const kept = isKept ? (JSON.parse(readFileSync(path, 'utf8')) as Kept) : { seed, files: {} };
    return new DamageProgress(path, kept);
  }

  /** How often a transcript was damaged. */
  done(file: string): number {
    return this.#files.get(file)?.done ?? 0;
  }

  /** What was misread in it. */
  misread(file: string): readonly string[] {
    return this.#files.get(file)?.misread ?? [];
  }

  /** All damage so far. */
  get all(): number {
    return [...this.#files.values()].reduce((sum, { done }) => sum + done, 0);
  }

  /** One more blow, and what was misread after it. */
  add(file: string, misread: readonly string[]): void {
    const before = this.misread(file);
    this.#files.set(file, { done: this.done(file) + 1, misread: [...before, ...misread] });
  }

  /** The file is there in full, as it was before or as it is now. */
  save(): void {
    if (this.#path === undefined || this.#path === '') return;
    const kept: Kept = { seed: this.seed, files: Object.fromEntries(this.#files) };
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(kept, null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
