/** A hundred appenders in one process: what a server does that runs many agents. */
import { performance } from 'node:perf_hooks';
import type { Peer } from './peers/peer.ts';

/** Messages that wait for the disk at any time. */
export const concurrency = 100;

/** What a slice of appending came to. */
export interface Appended {
  readonly messages: number;
  /** Until the last of them was on the disk. */
  readonly elapsedMs: number;
}

/**
 * Appends from all sides for so long. A log that does not group by itself gets ten messages at a
 * time from a tenth of the appenders, so that as many messages wait everywhere.
 */
export async function appendFromAll(peer: Peer, sliceMs: number): Promise<Appended> {
  let messages = 0;
  const begin = performance.now();
  const end = begin + sliceMs;
  const appender = async (): Promise<void> => {
    do {
      await peer.append(peer.group);
      messages += peer.group;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: concurrency / peer.group }, appender));
  return { messages, elapsedMs: performance.now() - begin };
}
