/**
 * The least that a log with a thread of its own can do: a message to the thread, pwrite and fdatasync
 * there, a message back. What is above it is the engine's; what is below it is the machine's price
 * for two wake-ups.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// Plain JavaScript as text, because Node 20 does not run TypeScript in a thread.
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { fdatasyncSync, openSync, writeSync } = require('node:fs');
  const file = openSync(workerData.path, 'w');
  writeSync(file, new Uint8Array(workerData.fileBytes), 0, workerData.fileBytes, 0);
  fdatasyncSync(file);
  let at = 0;
  parentPort.on('message', ({ bytes }) => {
    if (at + bytes.length > workerData.fileBytes) at = 0;
    writeSync(file, bytes, 0, bytes.length, at);
    at += bytes.length;
    fdatasyncSync(file);
    parentPort.postMessage({ at });
  });
  parentPort.postMessage('ready');
`;

/** Appends as a thread that does nothing else. */
export class BareThread {
  readonly #worker: Worker;
  readonly #bytes: number;
  #answer: (() => void) | null = null;

  constructor(worker: Worker, bytes: number) {
    this.#worker = worker;
    this.#bytes = bytes;
    worker.on('message', () => this.#answer?.());
  }

  /** Each append writes so many bytes, round and round in a zero-filled file of `fileBytes`. */
  static async start(path: string, bytes: number, fileBytes: number): Promise<BareThread> {
    const worker = new Worker(program, { eval: true, workerData: { path, fileBytes } });
    await once(worker, 'message');
    return new BareThread(worker, bytes);
  }

  append(): Promise<void> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker.postMessage({ bytes: new Uint8Array(this.#bytes).fill(1) });
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
