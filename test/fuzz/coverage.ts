/**
 * Which characters of the compiled sources have run so far, from V8's counters of blocks. An input that
 * brings a new one is kept, and later inputs are made from it.
 */
import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';

/** Counts what runs in this thread; one at a time, and made before what is counted is compiled. */
export class BlockCoverage {
  readonly #session: Session = new Session();
  readonly #seen = new Map<string, Uint8Array>();
  /** Characters that have run. */
  characters = 0;

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Whether something ran since the last look that is not yet known. */
  look(): boolean {
    return this.#take('look') > 0;
  }

  /** The same, and it is known from here on. */
  learn(): boolean {
    const found = this.#take('learn');
    this.characters += found;
    return found > 0;
  }

  /** Nothing is known from here on. */
  forget(): void {
    this.#seen.clear();
    this.characters = 0;
    this.#take('look');
  }

  stop(): void {
    this.#session.disconnect();
  }

  #take(purpose: 'look' | 'learn'): number {
    let found = 0;
    // The session answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      for (const script of result) {
        if (script.url.includes('/src/')) found += this.#unseen(script, purpose);
      }
    });
    return found;
  }

  #unseen({ scriptId, functions }: Profiler.ScriptCoverage, purpose: 'look' | 'learn'): number {
    let found = 0;
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined || whole.count === 0) continue;
      const { startOffset: from, endOffset: to } = whole;
      // Ranges are nested, outer ones first.
      const ran = new Uint8Array(to - from);
      for (const { startOffset, endOffset, count } of ranges) {
        ran.fill(count > 0 ? 1 : 0, startOffset - from, endOffset - from);
      }
      const seen = this.#seenOf(scriptId, to);
      for (let at = 0; at < ran.length; at += 1) {
        if (ran[at] === 0 || seen[from + at] === 1) continue;
        found += 1;
        if (purpose === 'learn') seen[from + at] = 1;
      }
    }
    return found;
  }

  #seenOf(scriptId: string, length: number): Uint8Array {
    const seen = this.#seen.get(scriptId) ?? new Uint8Array(0);
    if (seen.length >= length) return seen;
    const longer = new Uint8Array(2 * length);
    longer.set(seen);
    this.#seen.set(scriptId, longer);
    return longer;
  }
}
