/**
 * One writer that awaits each durable append, against the least that any log must do: pwrite and
 * fdatasync of as many bytes into space that is there already, once in this thread and once behind a
 * message to another. All take turns in short slices, so that whatever else the machine does meets
 * each of them.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import { Bench } from 'tinybench';
import type { Settings } from '../arguments.ts';
import { BareThread } from '../bare-thread.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';

const sliceMs = 250;
const warmupAppends = 200;
const rawFileBytes = 16 * 1024 * 1024;
const ratioMax = 2;

export async function benchAppend(settings: Settings, directory: string): Promise<CaseResult> {
  const store = await Store.open(join(directory, 'append'));
  const session = await store.createSession();
  const message = { role: 'assistant', content: 'x'.repeat(settings.textBytes) };
  const bytes = await bytesPerAppend(store, session, message);
  const raw = new RawLog(join(directory, 'raw'), bytes);
  const thread = await BareThread.start(join(directory, 'thread'), bytes, rawFileBytes);
  const samples = { holdfast: [] as number[], thread: [] as number[], raw: [] as number[] };
  const tasks = {
    holdfast: async (): Promise<void> => {
      await session.append(message);
    },
    thread: () => thread.append(),
    raw: () => raw.append(),
  };
  const turns = Math.max(1, Math.round((settings.seconds * 1000) / (3 * sliceMs)));
  const slice = Math.min(sliceMs, settings.seconds * 333);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const name of ['holdfast', 'thread', 'raw'] as const) {
      const bench = new Bench({ time: slice, warmup: false, retainSamples: true, iterations: 1 });
      bench.add(name, tasks[name], { async: name !== 'raw' });
      const [task] = await bench.run();
      if (task?.result.state !== 'completed') throw new Error(`The slice of ${name} failed`);
      samples[name].push(...(task.result.latency.samples ?? []));
    }
  }
  raw.close();
  await thread.stop();
  await store.close();
  const holdfast = latencyOf(samples.holdfast);
  const least = latencyOf(samples.raw);
  const bare = latencyOf(samples.thread);
  const ratio = holdfast.p50Ms / least.p50Ms;
  return {
    case: 'append',
    settings: { 'text bytes': settings.textBytes, 'bytes written': bytes, 'slice ms': slice },
    rows: [
      { writer: 'holdfast, durable', ...latencyCells(holdfast) },
      { writer: 'the same in a bare thread', ...latencyCells(bare) },
      { writer: 'pwrite + fdatasync', ...latencyCells(least) },
    ],
    findings: [
      `p50 is ${shown(ratio)} times that of the raw loop (target: at most ${ratioMax})`,
      `a thread that only writes and syncs takes ${shown(bare.p50Ms / least.p50Ms)} times the raw loop`,
    ],
    numbers: {
      ratioP50: ratio,
      holdfastP50Ms: holdfast.p50Ms,
      threadP50Ms: bare.p50Ms,
      rawP50Ms: least.p50Ms,
      bytes,
    },
  };
}

/** Also warms everything up. */
async function bytesPerAppend(
  store: Store,
  session: Session,
  message: Parameters<Session['append']>[0],
): Promise<number> {
  await session.append(message);
  const before = store.counters.bytes;
  for (let count = 0; count < warmupAppends; count += 1) await session.append(message);
  return Math.round((store.counters.bytes - before) / warmupAppends);
}

/** Appends to a zero-filled file with synchronous calls, round and round. */
class RawLog {
  readonly #file: number;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(path: string, bytes: number) {
    this.#bytes = new Uint8Array(bytes).fill(1);
    this.#file = openSync(path, 'w');
    writeSync(this.#file, new Uint8Array(rawFileBytes), 0, rawFileBytes, 0);
    fdatasyncSync(this.#file);
  }

  append(): void {
    writeSync(this.#file, this.#bytes, 0, this.#bytes.length, this.#at);
    fdatasyncSync(this.#file);
    this.#at += this.#bytes.length;
    if (this.#at + this.#bytes.length > rawFileBytes) this.#at = 0;
  }

  close(): void {
    closeSync(this.#file);
  }
}
