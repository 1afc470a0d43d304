/**
 * What a run of tune tells, as `--json` prints it: the disk, the engine on it, what to set, and how
 * sure that is. Every number is in the unit of its name; a part that was not reached is null or has
 * no points.
 */
import type { Latency } from '../platform/latency-histogram.ts';
import type { MachineLoad } from '../platform/process-info.ts';
import type { Curve, Point } from './curve.ts';
import type { Answer, Spread } from './spread.ts';

/** The settings of `Store.open` that depend on the disk. */
export interface Settings {
  readonly syncEntriesMax: number;
  readonly syncDelayMsMax: number;
  readonly segmentBytes: number;
  readonly io: 'worker' | 'pool';
}

/** Whether a flush is one: `none` on memory, `doubtful` when it is quicker than disks are. */
export interface Flush {
  readonly verdict: 'real' | 'doubtful' | 'none' | 'unknown';
  readonly why: string;
}

/** The bare disk, without the engine. */
export interface DiskReport {
  /** Kind of the file system, as Linux names it. */
  readonly fileSystem: string;
  readonly flush: Flush;
  /** fdatasync alone, behind a pwrite of 4 KiB into ready space: what `flush` is judged by. */
  readonly sync: Latency | null;
  /** pwrite and fdatasync of 4 KiB into space that is filled with zeros. */
  readonly ready: Latency | null;
  /** The same at the end of a file, which has to grow for it. */
  readonly growing: Latency | null;
  /** Growing over ready, round by round. */
  readonly growth: Spread | null;
  /** Bytes of one write and its sync, to the milliseconds that both take. */
  readonly sizes: readonly Point[];
  /** Bytes of a segment, to the milliseconds until it is made, as the engine makes it. */
  readonly segments: readonly Point[];
}

/** One I/O backend under durable appends. */
export interface IoReport {
  /** One session that awaits each append. */
  readonly latency: Latency | null;
  /** Appends per second of that session. */
  readonly perSecond: Spread | null;
  /** Appends per second of `sessionsShared` sessions that share the syncs. */
  readonly sharedPerSecond: Spread | null;
}

/** The engine, in entries per second, but for payloads: bytes per second. */
export interface EngineReport {
  readonly worker: IoReport;
  readonly pool: IoReport;
  /** Sessions that each await durable appends. */
  readonly sessions: Curve;
  /** Messages of one durable `appendAll`. */
  readonly batches: Curve;
  /** Bytes of text of one durable message. */
  readonly payloads: Curve;
  /** `syncEntriesMax` under batched appends of one session, with no other limit. */
  readonly entries: Curve;
  /** `syncDelayMsMax` under batched appends of one session, with no other limit. */
  readonly delays: Curve;
}

/** Where a setting comes from: measured points, a rule over measured numbers, or the default. */
export interface Reason {
  readonly from: 'measured' | 'model' | 'default';
  readonly why: string;
}

/** Why each setting is as it is. */
export type Reasons = { readonly [S in keyof Settings]: Reason };

/** What to expect with the recommended settings, in messages of `textBytes`. */
export interface Expected {
  readonly textBytes: number;
  readonly durable: Latency | null;
  readonly durablePerSecond: Spread | null;
  /** Many sessions that share the syncs. */
  readonly sharedSessions: number;
  readonly sharedPerSecond: Spread | null;
  readonly batched: Latency | null;
  readonly batchedPerSecond: Spread | null;
}

/** What a power cut can cost of batched entries: a promise of the engine, not a measurement. */
export interface Exposure {
  /** Acknowledged and unsynced entries of a session, at most. */
  readonly entriesMax: number;
  /** Milliseconds until their sync begins, at most; the sync itself comes on top. */
  readonly delayMsMax: number;
  readonly told: string;
}

/** A neighbour of a recommended setting, measured against it in alternating rounds. */
export interface Check {
  readonly setting: keyof Settings;
  readonly recommended: number | string;
  readonly neighbour: number | string;
  /** The neighbour over the recommended one: more than 1 is quicker. */
  readonly ratio: Spread | null;
  /** Whether the neighbour is better; `undecided` when the rounds do not agree. */
  readonly isBetter: Answer;
  readonly why: string;
}

/** The whole of a run. */
export interface TuneReport {
  readonly schema: 'holdfast.tune/1';
  readonly directory: string;
  readonly node: string;
  /** How busy the machine was before the run: see `warnings`. */
  readonly load: MachineLoad;
  readonly seconds: { readonly allowed: number; readonly taken: number };
  /** Written at most, by an estimate that is never too low. */
  readonly bytes: { readonly allowed: number; readonly written: number };
  /** Why it ended early; null when everything was measured that was to be. */
  readonly stopped: { readonly code: 'FULL' | 'TIME' | 'BYTES'; readonly message: string } | null;
  readonly disk: DiskReport;
  readonly engine: EngineReport;
  readonly advice: {
    readonly settings: Settings;
    readonly reasons: Reasons;
    readonly expected: Expected;
    /**
     * Batched appends with these settings over those with the defaults, in turns: more than 1 is
     * quicker. Null when it was not measured, or when these are the defaults.
     */
    readonly againstDefaults: Spread | null;
    readonly exposure: Exposure;
  };
  readonly checks: readonly Check[];
  readonly warnings: readonly string[];
}
