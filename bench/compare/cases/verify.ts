/**
 * Checking every byte of a store, as `recover verify` does, against reading the same files and hashing
 * them with native xxHash64 in one pass: the least that any check of all bytes has to do.
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Xxh64 } from '@node-rs/xxhash';
import { recover } from 'holdfast';
import { shown } from '../../report.ts';
import type { CaseResult } from '../../report.ts';
import { verdict } from '../../verdict.ts';
import type { Settings } from '../arguments.ts';
import { makeStore } from '../conversations.ts';
import { messageBytes } from '../messages.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { takeTurns } from '../turns.ts';
import type { Contestant } from '../turns.ts';

const rounds = 5;
const chunkBytes = 1024 * 1024;
const shareMin = 0.6;
/** What a message of this length takes in a history, about. */
const storedBytes = messageBytes + 64;

/** Speeds over the same bytes. */
export async function compareVerify(settings: Settings, directory: string): Promise<CaseResult> {
  const root = join(directory, 'store');
  await makeStore(root, Math.max(1, Math.round(settings.bytes / storedBytes)));
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const contestants: readonly Contestant<number>[] = [
    timed('holdfast verify', () => verify(root)),
    timed('read + xxHash64', () => hashAll(paths)),
  ];
  const turns = await takeTurns(contestants, { rounds, sliceMs: 0, warmupMs: 0 });
  const [own = [], least = []] = turns.map(({ results }) => results);
  const share = ratiosOf(least, own);
  const speed = (ms: readonly number[]): number => bytes / 1024 ** 2 / (spreadOf(ms).median / 1000);
  return {
    case: 'verify',
    settings: { bytes, files: paths.length, rounds },
    rows: turns.map(({ name, results }) => ({
      contestant: name,
      ...fasterCells(ratiosOf(results, own)),
      ms: spreadOf(results).median,
      'MiB/s': speed(results),
    })),
    findings: [
      `verify runs at ${toldRatio(share)} of the speed of reading and hashing ` +
        `${shown(bytes / 1024 ** 2)} MiB (target: at least ${shareMin}): ` +
        verdict(share.median >= shareMin),
    ],
    numbers: {
      share: share.median,
      verifyMiBPerSecond: speed(own),
      hashMiBPerSecond: speed(least),
    },
  };
}

function timed(name: string, run: () => Promise<void> | void): Contestant<number> {
  return {
    name,
    slice: async () => {
      const begin = performance.now();
      await run();
      return performance.now() - begin;
    },
  };
}

async function verify(root: string): Promise<void> {
  const report = await recover(root, { mode: 'verify' });
  if (report.verdict !== 'clean' || !report.historiesRead) {
    throw new Error(`The store is ${report.verdict}, or was not read to its end`);
  }
}

function hashAll(paths: readonly string[]): void {
  const chunk = new Uint8Array(chunkBytes);
  for (const path of paths) {
    const hash = new Xxh64();
    const file = openSync(path, 'r');
    for (;;) {
      const read = readSync(file, chunk, 0, chunkBytes, null);
      if (read === 0) break;
      hash.update(chunk.subarray(0, read));
    }
    closeSync(file);
    hash.digest();
  }
}
