/**
 * Processes of a case: a measurement that starts from nothing, or one that is killed. They are the
 * programs beside this file; the last line that they print is JSON. None outlives the run.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process that answers in lines. */
export class Child {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(`./programs/${program}.js`, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = child;
    this.#process = child;
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  /** The next line; an Error when the process has ended without one. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done !== true) return value;
    throw new Error(`A process of the benchmark has ended with ${this.#process.exitCode}`);
  }

  /** Gives it a line. */
  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** SIGKILL, as a crash of the process; resolves once it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  /** Resolves once it has ended by itself. */
  async ended(): Promise<void> {
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}

/** Runs a program to its end; what it printed, from JSON. */
export async function measured<T>(program: string, ...args: readonly string[]): Promise<T> {
  const child = new Child(program, args);
  const line = await child.line();
  await child.ended();
  return JSON.parse(line) as T;
}
