/**
 * A thread that fuzzes rounds as it is told, and lets the main thread see what it is trying: from a
 * decoder that hangs nothing else would come out. `scripts/fuzz.mjs` starts it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { initChecksum } from '../../src/format/checksum.ts';
import { BlockCoverage } from './coverage.ts';
import { runRound } from './round.ts';
import type { RoundTally } from './round.ts';
import { attempt } from './target.ts';
import { targets } from './targets.ts';

/** What is shared: [inputs begun, number of the target, length], and the bytes being tried. */
export interface FuzzData {
  readonly told: Int32Array;
  readonly bytes: Uint8Array;
  /** Counting what runs takes as long as running it: a thread that does not is twice as fast. */
  readonly guidance: 'guided' | 'plain';
}

/** Inputs that were kept, by target. */
type Corpus = Map<string, Uint8Array[]>;

/** What the main thread asks for: a round, or one input of a target. */
export type FuzzOrder =
  | {
      readonly seed: number;
      readonly inputs: number;
      readonly only: string;
      readonly corpus: Corpus;
    }
  | { readonly target: string; readonly bytes: Uint8Array };

/** What it hears. */
export interface FuzzAnswer {
  readonly tally: RoundTally;
  /** Characters of the compiled sources that ran at least once; 0 in a thread that does not count. */
  readonly characters: number;
  readonly corpus: Corpus;
  readonly violation: {
    readonly target: string;
    readonly bytes: Uint8Array;
    readonly message: string;
  } | null;
}

const { told, bytes: current, guidance } = workerData as FuzzData;

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function answerTo(order: FuzzOrder): Promise<FuzzAnswer> {
  if ('target' in order) {
    const nothing = { tally: { inputs: 0, kept: 0 }, characters: 0, corpus: new Map() };
    const target = targets.find(({ name }) => name === order.target);
    if (target === undefined) throw new Error(`No target ${order.target}`);
    await target.images();
    try {
      await attempt(target, order.bytes);
      return { ...nothing, violation: null };
    } catch (error) {
      return { ...nothing, violation: { ...order, message: textOf(error) } };
    }
  }
  const chosen = targets.filter(({ name }) => name.includes(order.only));
  const begins = (target: { readonly name: string }, bytes: Uint8Array): void => {
    current.set(bytes.subarray(0, current.length));
    told[1] = targets.findIndex(({ name }) => name === target.name);
    told[2] = bytes.length;
    Atomics.add(told, 0, 1);
  };
  const { corpus } = order;
  const { tally, violation } = await runRound(chosen, order, { coverage, begins, corpus });
  return {
    tally,
    characters: coverage?.characters ?? 0,
    corpus,
    violation: violation === null ? null : { ...violation, message: textOf(violation.error) },
  };
}

// Nothing of the decoders was called yet.
const coverage = guidance === 'guided' ? new BlockCoverage() : null;
await initChecksum();
parentPort?.on('message', (order: FuzzOrder) => {
  answerTo(order).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => parentPort?.postMessage({ fault: textOf(error) }),
  );
});
