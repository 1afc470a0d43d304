/**
 * Processes of a case: a measurement that starts from nothing, or one that is killed. They are the
 * programs beside this file; the last line that they print is JSON. None outlives the run. What ends
 * one before its time is told in one line: see `programs/tell-failure`.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ExplainedError, exits } from './failure.ts';
import type { Explained } from './failure.ts';

const running = new Map<ChildProcess, NodeJS.Signals>();
process.on('exit', () => {
  for (const [child, signal] of running) child.kill(signal);
});

/** Ends it when the run ends. */
export function endWithRun(child: ChildProcess, signal: NodeJS.Signals): void {
  running.set(child, signal);
  child.once('exit', () => running.delete(child));
}

/** Of a process that a program of ours ran in. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Why it ended without having said what it should. */
export function endedEarly({ code, signal, stderr }: Ended): ExplainedError {
  // Ctrl-C reaches all processes of the terminal, and the child may be gone before we hear of it.
  if (signal === 'SIGINT' || signal === 'SIGTERM') {
    return new ExplainedError({ message: `stopped by ${signal}`, exit: exits.stopped });
  }
  if (signal !== null) {
    const message = `A process of the benchmark was killed by ${signal}`;
    return new ExplainedError({ message, exit: exits.machine });
  }
  const told = toldFailure(stderr);
  if (told !== null) return new ExplainedError(told);
  const message = `A process of the benchmark has ended with ${code}`;
  return new ExplainedError({ message, exit: exits.fault, trace: stderr.trimEnd() || null });
}

/** The last line, where `tell-failure` writes. */
function toldFailure(stderr: string): Explained | null {
  const line = stderr.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{"explained":')) return null;
  return (JSON.parse(line) as { readonly explained: Explained }).explained;
}

/** A process that answers in lines. */
export class Child {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<Ended>;

  constructor(program: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(`./programs/${program}.js`, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: 'pipe' });
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = endOf(child);
    endWithRun(child, 'SIGKILL');
    // Nobody reads what a dead process is told; `line` says why it is dead.
    child.stdin.on('error', () => undefined);
  }

  /** The next line; an Error when the process has ended without one. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done !== true) return value;
    throw endedEarly(await this.#ended);
  }

  /** Gives it a line. */
  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** SIGKILL, as a crash of the process; resolves once it is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** Resolves once it has ended by itself. */
  async ended(): Promise<void> {
    await this.#ended;
  }
}

/** Never rejects: a process that could not be started has told why, as one that ended. */
function endOf(child: ChildProcess): Promise<Ended> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => {
      resolve({ code: null, signal: null, stderr: stderr + message });
    });
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

/** Runs a program to its end; what it printed, from JSON. */
export async function measured<T>(program: string, ...args: readonly string[]): Promise<T> {
  const child = new Child(program, args);
  const line = await child.line();
  await child.ended();
  return JSON.parse(line) as T;
}
