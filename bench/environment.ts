/**
 * Where a benchmark runs, and whether fsync is real there. Durable numbers without this are worthless:
 * a memory file system, or a library that swallows fsync, makes every log look fast.
 */
import {
  closeSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, cpus, loadavg, release, type } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { latencyOf } from './latency.ts';
import { onDisk } from './place.ts';

export interface Environment {
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  /** Runnable threads of the last minute, when the run began; beside `cores` it says how quiet it was. */
  readonly loadAverage: number;
  readonly directory: string;
  /** Kind of the file system, as the machine names it; `unknown` when it does not say. */
  readonly fileSystem: string;
  readonly fdatasyncMedianMs: number;
  readonly isFsyncReal: boolean;
}

/** No disk that keeps what it is given answers faster. */
const realSyncMsMin = 0.02;
const probes = 200;
const blockBytes = 4096;

/** Looks at the machine, and measures fdatasync in this directory. */
export function lookAround(directory: string): Environment {
  const fdatasyncMedianMs = latencyOf(
    onDisk('write into', directory, () => syncSamples(directory)),
  ).p50Ms;
  return {
    node: process.version,
    system: `${type()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    loadAverage: loadavg()[0] ?? 0,
    directory,
    fileSystem: fileSystemOf(directory),
    fdatasyncMedianMs,
    isFsyncReal: fdatasyncMedianMs >= realSyncMsMin,
  };
}

function syncSamples(directory: string): number[] {
  const path = join(directory, 'sync-probe');
  const file = openSync(path, 'w');
  const block = new Uint8Array(blockBytes);
  try {
    for (let at = 0; at < probes; at += 1) writeSync(file, block, 0, blockBytes, at * blockBytes);
    fdatasyncSync(file);
    return Array.from({ length: probes }, (_, at) => {
      writeSync(file, block.fill(at), 0, blockBytes, at * blockBytes);
      const begin = performance.now();
      fdatasyncSync(file);
      return performance.now() - begin;
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

/** The kind of the mount that the directory lies in: the one with the longest path in front of it. */
function fileSystemOf(directory: string): string {
  const path = realpathSync(directory);
  let mounts: string;
  try {
    mounts = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    // Not Linux; the number that counts, the time of a sync, is measured all the same.
    return 'unknown';
  }
  let best = { point: '', kind: 'unknown' };
  for (const line of mounts.split('\n')) {
    const [, point = '', kind = 'unknown'] = line.split(' ');
    const lies = path === point || path.startsWith(point === '/' ? '/' : `${point}/`);
    if (lies && point.length >= best.point.length) best = { point, kind };
  }
  return best.kind;
}
