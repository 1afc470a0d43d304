/** How far long preparations are: one line on a terminal that replaces itself, and else nothing. */
import { performance } from 'node:perf_hooks';

const intervalMs = 100;

/** What of standard error is needed. */
export type Terminal = Pick<NodeJS.WriteStream, 'isTTY'> & { write(text: string): unknown };

/** The line. */
export class Progress {
  readonly #stream: Terminal;
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(stream: Terminal) {
    this.#stream = stream;
  }

  /** `done` and `total` are in the unit that `what` names. */
  show(what: string, done: number, total: number): void {
    if (!this.#stream.isTTY || performance.now() - this.#shownMs < intervalMs) return;
    this.#shownMs = performance.now();
    const share = Math.min(100, Math.floor((done / total) * 100));
    this.#stream.write(`\r\u001b[K${what}: ${share} %`);
  }

  clear(): void {
    if (this.#shownMs > Number.NEGATIVE_INFINITY) this.#stream.write('\r\u001b[K');
    this.#shownMs = Number.NEGATIVE_INFINITY;
  }
}
