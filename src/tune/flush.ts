/**
 * Whether a flush is one. A disk that answers before it can have written is told of: everything
 * that Holdfast promises stands on fdatasync. What a hypervisor or a controller does behind a
 * believable time nobody can see from here. Pure.
 */
import type { Latency } from '../platform/latency-histogram.ts';
import type { Flush } from './report.ts';

/** No disk that keeps what it is given answers sooner; the quickest take about this. */
export const realSyncMsMin = 0.02;

/** Fewer syncs than this tell nothing: one of them may have waited for something else. */
export const syncsMin = 5;

/** Kinds that keep files in memory, where there is nothing to flush to. */
const memory: ReadonlySet<string> = new Set(['tmpfs', 'ramfs']);

/** Kinds that lie on another machine or program, which may answer before it has flushed. */
const elsewhere: ReadonlySet<string> = new Set([
  'nfs',
  'smb',
  '9p',
  'fuse',
  'afs',
  'ceph',
  'coda',
  'vboxsf',
]);

/** Options of a mount under which a sync reaches the cache of the disk, and stays there. */
const withoutFlush: ReadonlySet<string> = new Set(['nobarrier', 'barrier=0', 'barrier=none']);

/** What was measured of fdatasync alone, without the write in front of it. */
export type SyncTimes = Pick<Latency, 'count' | 'p50Ms'>;

/** Judges by the kind of file system, the options of its mount, and fdatasync, if measured. */
export function flushOf(
  kind: string,
  sync: SyncTimes | null,
  mountOptions: readonly string[] = [],
): Flush {
  if (memory.has(kind)) {
    return { verdict: 'none', why: `${kind} keeps files in memory: a power cut takes everything` };
  }
  const option = mountOptions.find((one) => withoutFlush.has(one));
  if (option !== undefined) {
    const why = `it is mounted with ${option}, so what is synced may stay in the cache of the disk`;
    return { verdict: 'doubtful', why };
  }
  if (sync === null) return { verdict: 'unknown', why: 'fdatasync was not measured' };
  if (sync.count < syncsMin) {
    const times = sync.count === 1 ? 'once' : `${sync.count} times`;
    return { verdict: 'unknown', why: `fdatasync was measured only ${times}` };
  }
  return flushByTime(kind, sync.p50Ms);
}

function flushByTime(kind: string, syncMedianMs: number): Flush {
  const took = `an fdatasync takes ${syncMedianMs.toPrecision(3)} ms (median)`;
  if (syncMedianMs < realSyncMsMin) {
    return {
      verdict: 'doubtful',
      why:
        `${took}, and no disk is done in less than ${realSyncMsMin} ms: a write-back cache that ` +
        'is not flushed, eatmydata, or a mount that ignores syncs',
    };
  }
  if (elsewhere.has(kind)) {
    return { verdict: 'doubtful', why: `${took}, and what ${kind} flushes nobody here can see` };
  }
  return { verdict: 'real', why: `${took}, as on a disk that writes` };
}

/** What the user has to hear before any number; null when the flush looks real. */
export function flushWarning(flush: Flush): string | null {
  if (flush.verdict === 'none') {
    return `Nothing is durable here: ${flush.why}. The numbers say nothing about a disk.`;
  }
  if (flush.verdict === 'doubtful') {
    return `A flush may not be one here: ${flush.why}. Then a power cut costs acknowledged data.`;
  }
  return null;
}
