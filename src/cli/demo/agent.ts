/**
 * The agent of the demonstration: a child process that appends a conversation until it is killed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Message } from '../../session/message.ts';
import { linesOf } from '../json-lines.ts';
import { mainPath } from '../package-files.ts';
import { JournalWatch } from './journal-watch.ts';

/** How many messages are on their way at once. */
const window = 4;

/** When the agent dies, if it does. */
export type Death =
  | { readonly kind: 'never' }
  /** As soon as so many messages of this run are acknowledged. */
  | { readonly kind: 'after'; readonly acknowledged: number }
  /** While this message is being written: when so many bytes of it are seen in the journal. */
  | { readonly kind: 'inside'; readonly index: number; readonly depthBytes: number };

/** One life of the agent. */
export interface Life {
  /** Messages that were acknowledged in this life. */
  readonly acknowledged: number;
  /** Messages that were handed to it. */
  readonly sent: number;
  readonly killed: boolean;
  readonly exitCode: number | null;
  readonly complaint: string;
}

/** Lets the agent append `messages` from an index on. */
export async function live(
  place: { readonly root: string; readonly session: string },
  messages: readonly Message[],
  from: number,
  death: Death,
  signal: AbortSignal,
): Promise<Life> {
  const agent = new Agent(place, signal);
  return agent.live(messages, from, death);
}

class Agent {
  readonly #root: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: AbortController = new AbortController();
  readonly #exit: Promise<unknown>;
  readonly #answers: Promise<void>;
  readonly #complaints: Promise<string>;
  #acknowledged = 0;
  #sent = 0;
  #killed = false;
  #waiting: (() => void)[] = [];

  constructor(place: { readonly root: string; readonly session: string }, signal: AbortSignal) {
    this.#root = place.root;
    const args = [mainPath(), 'append', place.root, '--session', place.session, '--quiet'];
    this.#child = spawn(process.execPath, args, {
      signal,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A killed reader is what this is about; the exit tells the rest.
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', () => this.#end());
    this.#exit = once(this.#child, 'close').catch(() => undefined);
    this.#child.on('exit', () => this.#end());
    this.#answers = this.#readAnswers();
    this.#complaints = textOf(this.#child.stderr);
  }

  async live(messages: readonly Message[], from: number, death: Death): Promise<Life> {
    for (let index = from; index < messages.length && !this.#isOver(); index += 1) {
      const message = messages[index];
      if (message === undefined) break;
      const isLast = death.kind === 'inside' && index === death.index;
      await this.#room(isLast ? 1 : window);
      if (this.#isDue(death) || this.#isOver()) break;
      if (isLast) await this.#dieInside(message, death.depthBytes);
      else await this.#send(message);
    }
    if (death.kind === 'after') {
      while (!this.#isDue(death) && !this.#isOver()) await this.#changed();
    }
    if (death.kind === 'never') this.#child.stdin.end();
    else this.#kill();
    await Promise.all([this.#exit, this.#answers]);
    return {
      acknowledged: this.#acknowledged,
      sent: this.#sent,
      killed: this.#killed && this.#child.signalCode === 'SIGKILL',
      exitCode: this.#child.exitCode,
      complaint: (await this.#complaints).trim(),
    };
  }

  async #dieInside(message: Message, depthBytes: number): Promise<void> {
    const watch = new JournalWatch(this.#root);
    // On a busy machine, who watches must get its turn while the agent writes.
    this.#yieldProcessor();
    const over = new AbortController();
    try {
      await watch.mark();
      const before = this.#acknowledged;
      const seen = watch.sees(depthBytes, AbortSignal.any([over.signal, this.#ended.signal]));
      const sent = this.#send(message);
      const answered = (async () => {
        while (this.#acknowledged === before && !this.#isOver()) await this.#changed();
        over.abort();
      })();
      await seen;
      this.#kill();
      await Promise.all([sent, answered]);
    } finally {
      await watch.close();
    }
  }

  #yieldProcessor(): void {
    try {
      setPriority(this.#child.pid ?? 0, constants.priority.PRIORITY_LOW);
    } catch {
      // It has just ended, or the system does not know priorities: the kill may come too late.
    }
  }

  async #send(message: Message): Promise<void> {
    this.#sent += 1;
    const flows = this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    if (flows || this.#isOver()) return;
    // Either it goes on, or the child has ended.
    const signal = this.#ended.signal;
    await once(this.#child.stdin, 'drain', { signal }).catch(() => undefined);
  }

  /** Waits until fewer than so many messages are on their way. */
  async #room(count: number): Promise<void> {
    while (this.#sent - this.#acknowledged >= count && !this.#isOver()) await this.#changed();
  }

  async #readAnswers(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      if (!('text' in line)) continue;
      this.#acknowledged += 1;
      this.#wake();
    }
  }

  #isDue(death: Death): boolean {
    return death.kind === 'after' && this.#acknowledged >= death.acknowledged;
  }

  #isOver(): boolean {
    return this.#killed || this.#ended.signal.aborted;
  }

  #kill(): void {
    if (this.#isOver()) return;
    this.#killed = this.#child.kill('SIGKILL');
    this.#wake();
  }

  #end(): void {
    this.#ended.abort();
    this.#wake();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
