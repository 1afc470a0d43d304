/** Times single pieces of work that are too long, or too rare, to be repeated in a loop. */
import { performance } from 'node:perf_hooks';
import { movedBytes } from './moved-bytes.ts';

/** What a piece of work took. */
export interface Timed<T> {
  readonly value: T;
  readonly ms: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Of all threads. */
  readonly cpuMs: number;
}

export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const [before, cpu, start] = [movedBytes(), process.cpuUsage(), performance.now()];
  const value = await work();
  const ms = performance.now() - start;
  const [after, { user, system }] = [movedBytes(), process.cpuUsage(cpu)];
  return {
    value,
    ms,
    readBytes: after.read - before.read,
    writtenBytes: after.written - before.written,
    cpuMs: (user + system) / 1000,
  };
}
