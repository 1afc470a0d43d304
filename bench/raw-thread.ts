/**
 * The least that any log must do: pwrite and fdatasync of as many bytes into space that is there
 * already, one after the other with synchronous calls. It has a thread of its own, so that it leaves
 * the caller's thread, and the processor that the caller's thread runs on, as it found them.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

// Plain JavaScript as text, because Node 20 does not run TypeScript in a thread.
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { fdatasyncSync, openSync, writeSync } = require('node:fs');
  const { path, fileBytes, bytes } = workerData;
  const file = openSync(path, 'w');
  writeSync(file, new Uint8Array(fileBytes), 0, fileBytes, 0);
  fdatasyncSync(file);
  const block = new Uint8Array(bytes).fill(1);
  let at = 0;
  parentPort.on('message', (sliceMs) => {
    const samples = [];
    const end = performance.now() + sliceMs;
    for (let begin = performance.now(); begin < end; ) {
      writeSync(file, block, 0, bytes, at);
      fdatasyncSync(file);
      at = at + 2 * bytes > fileBytes ? 0 : at + bytes;
      const now = performance.now();
      samples.push(now - begin);
      begin = now;
    }
    parentPort.postMessage(samples);
  });
  parentPort.postMessage('ready');
`;

/** A raw loop that runs in slices. */
export class RawThread {
  readonly #worker: Worker;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Each turn writes so many bytes, round and round in a zero-filled file of `fileBytes`. */
  static async start(path: string, bytes: number, fileBytes: number): Promise<RawThread> {
    const worker = new Worker(program, { eval: true, workerData: { path, bytes, fileBytes } });
    await once(worker, 'message');
    return new RawThread(worker);
  }

  /** Runs for so long; the times of the turns in milliseconds. */
  async slice(sliceMs: number): Promise<readonly number[]> {
    this.#worker.postMessage(sliceMs);
    const [samples] = (await once(this.#worker, 'message')) as [readonly number[]];
    return samples;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
