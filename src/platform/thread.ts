/**
 * A thread that serves one caller: begun with a value, it answers commands with events. If it dies,
 * for whatever reason, the caller is told once. Errors cross as plain fields.
 *
 * A thread is hired before it is needed: to start one takes about 17 ms, and to load its modules as
 * much again, while the caller has other work to do first.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';
import { present } from '../base/assert.ts';
import { errnoOf, HoldfastError } from '../base/errors.ts';
import { Channel, channelMemory } from './channel.ts';
import type { ChannelMemory, RecordCodec } from './channel.ts';
import { LoopClock } from './loop-clock.ts';
import { clearTimer, inNextTurn, setTimer } from './real-timers.ts';
import { compiledModule } from './compiled-module.ts';
import { descriptorsOfThread, requireDescriptors } from './spare-descriptors.ts';
import type { Clock } from './clock.ts';

/** How commands and events cross. */
export interface ThreadCodecs<Command, Event> {
  readonly command: RecordCodec<Command>;
  readonly event: RecordCodec<Event>;
}

/** What a thread is told once: to begin, or that there is no work for it. */
type Order<Start> = { readonly start: Start } | typeof dismissal;
const dismissal = 'dismissed';
/** How long a thread that is dismissed may load on; then it is ended where it stands. */
const dismissMsMax = 1000;

type Hello =
  | { readonly hello: 'ready' }
  | {
      readonly hello: 'failed';
      readonly error: { readonly message: string; readonly code?: string; readonly path?: string };
      /** A file that it should run is not there: what Node says of it. */
      readonly missing?: string;
    };

/**
 * Runs in the thread: begins once it is told to, says so, and then hands on all commands that have
 * come, in order. They come together, because a thread that works synchronously would otherwise end
 * all work for the first before it learns of the second, and nothing could be done for both at
 * once.
 *
 * The thread sleeps until a command comes or a timer of its clock is due, not in its event loop: it
 * must do nothing that only an event loop would end.
 */
export async function serveThread<Start, Command, Event>(
  codecs: ThreadCodecs<Command, Event>,
  begin: (
    start: Start,
    emit: (event: Event) => void,
    clock: Clock,
  ) => Promise<(commands: readonly Command[]) => void>,
): Promise<void> {
  const parent = present(parentPort, 'this module runs in a thread');
  const memory = workerData as ChannelMemory;
  const channel = new Channel<Event, Command>(memory, { out: codecs.event, in: codecs.command });
  const clock = new LoopClock();
  const order = await new Promise<Order<Start>>((resolve) => parent.once('message', resolve));
  if (order === dismissal) return;
  try {
    const handle = await begin(order.start, (event) => channel.send(event), clock);
    parent.postMessage({ hello: 'ready' } satisfies Hello);
    serve(channel, clock, handle);
  } catch (error) {
    const { message, code, path } = error as { message: string; code?: string; path?: string };
    const fields = {
      message,
      ...(code !== undefined && { code }),
      ...(path !== undefined && { path }),
    };
    parent.postMessage({ hello: 'failed', error: fields } satisfies Hello);
  }
}

function serve<Command, Event>(
  channel: Channel<Event, Command>,
  clock: LoopClock,
  handle: (commands: readonly Command[]) => void,
): void {
  const turn = (): void => {
    channel.wait(clock.untilNextMs);
    clock.fire();
    const commands = channel.receive();
    if (commands.length > 0) handle(commands);
    // Between two turns, whatever was promised runs to its end.
    setImmediate(turn);
  };
  setImmediate(turn);
}

/** The caller's side of a thread. */
export interface Thread<Command, Event> {
  post(command: Command, transfer?: readonly ArrayBuffer[]): void;
  onEvent(listener: (event: Event) => void): void;
  /** Called when the thread ended without being asked to, after its last event. */
  onDeath(listener: (error: Error) => void): void;
  ref(): void;
  unref(): void;
  end(): Promise<void>;
}

/** A thread that loads its modules and waits. One of the two is called, once. */
export interface HiredThread<Start, Command, Event> {
  /** Gives it its work, and waits until it has begun. Fails as it fails in the thread. */
  begin(start: Start): Promise<Thread<Command, Event>>;
  /** Ends it: there is no work for it. */
  dismiss(): Promise<void>;
}

/** Starts a thread from a module of this package. */
export function hireThread<Start, Command, Event>(
  module: URL,
  codecs: ThreadCodecs<Command, Event>,
): HiredThread<Start, Command, Event> {
  const { near, far } = channelMemory();
  const options = { workerData: far, transferList: [far.port], execArgv: [] };
  const worker = hire(compiledModule(module), options);
  const caller = new Caller<Command, Event>(worker, near, codecs);
  // From here on: it may end before it is told to begin.
  const hello = helloOf(worker);
  return {
    begin: async (start) => {
      worker.postMessage({ start } satisfies Order<Start>);
      const answer = await hello;
      if (answer.hello === 'ready') return caller;
      await caller.end();
      const cause = Object.assign(new Error(answer.error.message), answer.error);
      throw answer.missing === undefined ? cause : missingFile(module, answer.missing, cause);
    },
    // Node leaves the file open that a thread reads as it is ended, so it loads all of them first.
    dismiss: async () => {
      worker.postMessage(dismissal);
      await soon(hello, dismissMsMax);
      await caller.end();
    },
  };
}

/** Fails as the machine fails: also where Node tells that as an error of its own. */
function hire(module: URL, options: WorkerOptions): Worker {
  try {
    requireDescriptors(descriptorsOfThread);
    return new Worker(module, options);
  } catch (error) {
    const { message, code } = notBegun(error);
    throw Object.assign(new Error(message, { cause: error }), { code });
  }
}

/** What Node says of a module that is not there: the one of the thread, or one that it loads. */
const missingCodes: ReadonlySet<unknown> = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND']);

/** IO for a bundle into which this package was put without its thread. */
function missingFile(module: URL, told: string, cause: Error): HoldfastError<'IO'> {
  const { protocol, href } = compiledModule(module);
  const path = protocol === 'file:' ? fileURLToPath(href) : href;
  const message =
    `Cannot start the thread of the journal: ${told}. A bundle needs it as a file of its own: ` +
    `build "holdfast/io-worker" as ${JSON.stringify(path)}, or keep holdfast out of the bundle, or open ` +
    'with `io: "pool"`, which starts no thread';
  return new HoldfastError('IO', message, { syscall: null, errno: 'EIO', path }, { cause });
}

/** In words of Node, when it is its own error and not one of the machine. */
const machineCodes = /\b(?:EMFILE|ENFILE|EAGAIN|ENOMEM)\b/;

/**
 * What kept a thread from its beginning. Files of this package that it could not load are none of
 * the caller's: their paths stay in the message.
 */
function notBegun(error: unknown): { readonly message: string; readonly code: string } {
  const code = errnoOf(error) ?? machineCodes.exec(String(error))?.[0] ?? 'EIO';
  return { message: `The journal thread could not begin: ${String(error)}`, code };
}

/** Waits for what never rejects, and not for longer. */
async function soon(work: Promise<unknown>, msMax: number): Promise<void> {
  let stop = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    const timer = setTimer(resolve, msMax);
    stop = () => clearTimer(timer);
  });
  await Promise.race([work, late]);
  stop();
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

/** What the thread says first; that it failed when it ends before that. Never rejects. */
async function helloOf(worker: Worker): Promise<Hello> {
  const over = new AbortController();
  const { signal } = over;
  const failed = (message: string): Hello => ({ hello: 'failed', error: { message, code: 'EIO' } });
  try {
    return await Promise.race([
      once(worker, 'message', { signal }).then(([hello]) => hello as Hello),
      once(worker, 'exit', { signal }).then(([code]) =>
        failed(`The journal thread ended with code ${String(code)} before it had begun`),
      ),
    ]);
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    const missing = missingCodes.has(code) ? { missing: firstLine(message) } : {};
    return { hello: 'failed', error: notBegun(error), ...missing };
  } finally {
    over.abort();
  }
}

class Caller<Command, Event> implements Thread<Command, Event> {
  readonly #worker: Worker;
  readonly #channel: Channel<Command, Event>;
  #state: 'running' | 'ending' | 'dead' = 'running';
  #death: Error | null = null;
  #onEvent: ((event: Event) => void) | null = null;
  #onDeath: ((error: Error) => void) | null = null;

  constructor(worker: Worker, memory: ChannelMemory, codecs: ThreadCodecs<Command, Event>) {
    this.#worker = worker;
    this.#channel = new Channel(memory, { out: codecs.command, in: codecs.event });
    worker.on('error', (error: Error) => this.#die(error));
    worker.on('exit', (code) => this.#die(new Error(`The journal thread ended with code ${code}`)));
  }

  post(command: Command, transfer: readonly ArrayBuffer[] = []): void {
    this.#channel.send(command, transfer);
  }

  onEvent(listener: (event: Event) => void): void {
    this.#onEvent = listener;
    this.#channel.listen(listener).catch((error: unknown) => {
      // A fault of ours in whoever listens: it must not end as a rejection that nobody reads.
      inNextTurn(() => {
        throw error;
      });
    });
  }

  onDeath(listener: (error: Error) => void): void {
    this.#onDeath = listener;
    if (this.#death !== null) listener(this.#death);
  }

  ref(): void {
    this.#worker.ref();
  }

  unref(): void {
    this.#worker.unref();
  }

  async end(): Promise<void> {
    this.#state = 'ending';
    this.#channel.close();
    await this.#worker.terminate();
  }

  #die(error: Error): void {
    if (this.#state !== 'running') return;
    this.#state = 'dead';
    this.#death = error;
    // What it still said comes first.
    if (this.#onEvent !== null) for (const event of this.#channel.receive()) this.#onEvent(event);
    this.#onDeath?.(error);
  }
}
