/** How far a run is: one line on a terminal that replaces itself, and else nothing. */
import { performance } from 'node:perf_hooks';

const intervalMs = 100;

/** What of standard error is needed. */
export type Terminal = Pick<NodeJS.WriteStream, 'isTTY'> & { write(text: string): unknown };

/** The line. */
export class Progress {
  readonly #stream: Terminal;
  #head = '';
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(stream: Terminal) {
    this.#stream = stream;
  }

  /** A case begins: its name stands in front of what is shown from now on. */
  begin(name: string, number: number, total: number): void {
    this.#head = total === 1 ? `${name}, ` : `${name} (${number} of ${total}), `;
    this.show('beginning', 0, 1);
  }

  /** A line that stays. */
  say(line: string): void {
    if (this.#stream.isTTY) this.#stream.write(`${line}\n`);
  }

  /** `done` and `total` are in the unit that `what` names. */
  show(what: string, done: number, total: number): void {
    if (!this.#stream.isTTY || performance.now() - this.#shownMs < intervalMs) return;
    this.#shownMs = performance.now();
    const share = Math.min(100, Math.floor((done / total) * 100));
    this.#stream.write(`\r\u001b[K${this.#head}${what}: ${share} %`);
  }

  /** For work that takes about so long: how much of it is over. Cheap enough for each append. */
  measuring(seconds: number): () => void {
    const start = performance.now();
    return () => this.show('measuring', performance.now() - start, seconds * 1000);
  }

  clear(): void {
    if (this.#shownMs > Number.NEGATIVE_INFINITY) this.#stream.write('\r\u001b[K');
    this.#shownMs = Number.NEGATIVE_INFINITY;
  }
}
