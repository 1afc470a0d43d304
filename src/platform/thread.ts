/**
 * A thread that serves one caller: started with a value, it answers commands with events. If it
 * dies, for whatever reason, the caller is told once. Errors cross as plain fields.
 */
import { once } from 'node:events';
import { parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { present } from '../base/assert.ts';

type Hello =
  | { readonly hello: 'ready' }
  | {
      readonly hello: 'failed';
      readonly error: { readonly message: string; readonly code?: string; readonly path?: string };
    };

/**
 * Runs in the thread: begins, says so, and then hands on all commands that have come, in order.
 * They come together, because a thread that works synchronously would otherwise end all work for
 * the first before it learns of the second, and nothing could be done for both at once.
 */
export async function serveThread<Start, Command, Event>(
  begin: (
    start: Start,
    emit: (event: Event) => void,
  ) => Promise<(commands: readonly Command[]) => void>,
): Promise<void> {
  const port = present(parentPort, 'this module runs in a thread');
  try {
    const handle = await begin(workerData as Start, (event) => port.postMessage(event));
    port.on('message', (first: Command) => handle([first, ...arrived<Command>(port)]));
    port.postMessage({ hello: 'ready' } satisfies Hello);
  } catch (error) {
    const { message, code, path } = error as { message: string; code?: string; path?: string };
    const fields = {
      message,
      ...(code !== undefined && { code }),
      ...(path !== undefined && { path }),
    };
    port.postMessage({ hello: 'failed', error: fields } satisfies Hello);
  }
}

function arrived<Command>(port: MessagePort): Command[] {
  const commands: Command[] = [];
  for (;;) {
    const received = receiveMessageOnPort(port) as { readonly message: Command } | undefined;
    if (received === undefined) return commands;
    commands.push(received.message);
  }
}

/** The caller's side of a thread. */
export interface Thread<Command, Event> {
  post(command: Command, transfer?: readonly ArrayBuffer[]): void;
  onEvent(listener: (event: Event) => void): void;
  /** Called when the thread ended without being asked to. */
  onDeath(listener: (error: Error) => void): void;
  ref(): void;
  unref(): void;
  end(): Promise<void>;
}

/**
 * Starts a thread from a module of this package and waits until it has begun. A module of the
 * sources (`src/….ts`) is run from its compiled form, because Node 20 cannot run TypeScript in a
 * thread.
 */
export async function startThread<Start, Command, Event>(
  module: URL,
  start: Start,
): Promise<Thread<Command, Event>> {
  const compiled = module.href.replace(/\/src\/(.*)\.ts$/, '/dist/$1.js');
  const worker = new Worker(new URL(compiled), { workerData: start, execArgv: [] });
  let ending = false;
  let died: Error | null = null;
  let deathListener: ((error: Error) => void) | null = null;
  const die = (error: Error): void => {
    if (ending || died !== null) return;
    died = error;
    deathListener?.(error);
  };
  worker.on('error', (error: Error) => die(error));
  worker.on('exit', (code) => die(new Error(`The journal thread ended with code ${code}`)));
  const [hello] = (await once(worker, 'message')) as [Hello];
  if (hello.hello === 'failed') {
    ending = true;
    await worker.terminate();
    throw Object.assign(new Error(hello.error.message), hello.error);
  }
  return {
    post: (command, transfer) => worker.postMessage(command, [...(transfer ?? [])]),
    onEvent: (listener) => worker.on('message', listener),
    onDeath: (listener) => {
      deathListener = listener;
      if (died !== null) listener(died);
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    end: async () => {
      ending = true;
      await worker.terminate();
    },
  };
}
