/** A store in another process, as a test holds it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StoreOptions } from '../../src/store/api.ts';

const program = fileURLToPath(new URL('store-child.mjs', import.meta.url));

/** An error as the other process tells it. */
export class RemoteError extends Error {
  readonly code: string;
  readonly details: unknown;

  constructor(told: {
    readonly code: string;
    readonly message: string;
    readonly details: unknown;
  }) {
    super(told.message);
    this.code = told.code;
    this.details = told.details;
  }
}

interface Answer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly details: unknown };
}

/** One process with one store. Ended by `end`, whatever state it is in. */
export class StoreProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  /** Sequences that `flood` has told of. */
  readonly acknowledged: number[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (told: Answer | { readonly acknowledged: number }) => {
      if ('acknowledged' in told) this.acknowledged.push(told.acknowledged);
      else this.#waiting.get(told.call)?.(told);
    });
  }

  /**
   * Starts a process; with a root, its store is open for writing. `execArgv`: options of Node, for
   * its threads as well.
   */
  static async start(
    root?: string,
    options: StoreOptions = {},
    execArgv: readonly string[] = [],
  ): Promise<StoreProcess> {
    const child = fork(program, {
      execArgv: [...execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error('The process with the store ended before it was ready');
      }),
    ]);
    const process = new StoreProcess(child);
    if (root !== undefined) await process.open(root, options);
    return process;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  open(root: string, options: StoreOptions = {}): Promise<unknown> {
    return this.call('open', { root, options });
  }

  /** Opens a session, and makes it when it is not there. */
  session(id: string): Promise<unknown> {
    return this.call('session', { id, options: { create: true } });
  }

  append(id: string, texts: readonly string[], durability = 'durable'): Promise<unknown> {
    return this.call('append', { id, texts, durability });
  }

  async call(what: string, parameters: object = {}): Promise<unknown> {
    this.#calls += 1;
    const call = this.#calls;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(call, resolve));
    this.#child.send({ call, what, ...parameters });
    const { error, value } = await answered;
    if (error !== undefined) throw new RemoteError(error);
    return value;
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  /** SIGKILL; resolves when the process is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
