/**
 * The appender of power cuts and kills as a test holds it. It is started ahead of its turn, because to start
 * Node takes longer than all the rest of a cut.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const appender = fileURLToPath(new URL('appender.mjs', import.meta.url));

/** What the appender is about to do. */
export interface AppenderPlan {
  readonly root: string;
  readonly round: number;
  readonly seed: number;
  /** What it does more often than all the rest; null: nothing. */
  readonly favour: string | null;
  /** The sessions that it works with. */
  readonly ids: readonly string[];
  /** Acts after which it closes the store and ends; it goes on for ever when there is no such. */
  readonly acts?: number;
  /** Lines after which it kills itself. */
  readonly dieAfterLines?: number;
  readonly segmentBytes?: number;
}

/** One process, which waits until it is told its plan. */
export class AppenderProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  #errors = '';

  /** `wrapper`: a program with its options that runs it, such as a tracer. */
  constructor(wrapper: readonly string[] = []) {
    const [program, ...options] = [...wrapper, process.execPath, appender];
    // Calls that go to the kernel through a ring are not seen by a tracer.
    const env = { ...process.env, UV_USE_IO_URING: '0' };
    this.#child = spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.#closed = once(this.#child, 'close');
    // It may have ended already when it is told.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (text: Buffer) => {
      this.#errors += text.toString();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it said on its standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Its lines, until it has ended. */
  async *lines(plan: AppenderPlan): AsyncIterable<string> {
    this.#child.stdin.write(`${JSON.stringify(plan)}\n`);
    yield* createInterface({ input: this.#child.stdout });
    await this.#closed;
  }

  /** True when it ended by SIGKILL. */
  get wasKilled(): boolean {
    return this.#child.signalCode === 'SIGKILL';
  }

  /** Lets it send the large message that it has announced. */
  goOn(): void {
    this.#child.stdin.write('\n');
  }

  kill(): void {
    this.signal('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, whether it was told or not. */
  async end(): Promise<void> {
    this.kill();
    this.#child.stdout.resume();
    await this.#closed;
  }
}
