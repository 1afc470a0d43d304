/**
 * Whether a flush is one. A disk that answers before it can have written is told of: everything
 * that Holdfast promises stands on fdatasync. What a hypervisor or a controller does behind a
 * believable time nobody can see from here. Pure.
 */
import type { Flush } from './report.ts';

/** No disk that keeps what it is given answers sooner; the quickest take about this. */
export const realSyncMsMin = 0.02;

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

/** Judges by the kind of file system, and by the median of a write and its sync, if measured. */
export function flushOf(kind: string, syncMedianMs: number | null): Flush {
  if (memory.has(kind)) {
    return { verdict: 'none', why: `${kind} keeps files in memory: a power cut takes everything` };
  }
  if (syncMedianMs === null) return { verdict: 'unknown', why: 'fdatasync was not measured' };
  const took = `a write and its fdatasync take ${syncMedianMs.toPrecision(3)} ms (median)`;
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
