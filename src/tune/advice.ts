/**
 * From measured numbers to settings, each with its reason. The rules ask what a step costs in
 * exposure or waiting, and take no step that hardly pays. What could not be measured keeps its
 * default, and says so. Pure.
 */
import { segmentBytesFirst, syncDelayMsDefault, syncEntriesDefault } from '../base/quantities.ts';
import { kneeShare } from './curve.ts';
import type { Curve, Point } from './curve.ts';
import { delayLadder, segmentLadder } from './ladders.ts';
import type { DiskReport, Exposure, Flush, Reason, Settings } from './report.ts';
import { isAbove } from './spread.ts';
import { binaryBytes, bytesPerSecond, figure, milliseconds } from './units.ts';

const MiB = 1024 * 1024;

/** Making a segment may take this part of the time in which one is filled. */
const segmentShareMax = 0.02;
/** Opening a store waits for its first segment; beyond the usual size, no longer than this. */
const openMsMax = 100;
/** A disk on which even the usual first segment takes longer gets a smaller one. */
const openMsBearable = 500;
/** `pool` gives a promise up, so it has to be so much quicker to be worth it. */
export const poolGainMin = 1.1;

/** A setting with the reason for it. */
export interface Advised<T> {
  readonly value: T;
  readonly reason: Reason;
}

/** The settings that an installation has that was never tuned. */
export const defaults: Settings = {
  syncEntriesMax: syncEntriesDefault,
  syncDelayMsMax: syncDelayMsDefault,
  segmentBytes: segmentBytesFirst,
  io: 'worker',
};

function notMeasured<T>(value: T, points: readonly Point[] = []): Advised<T> {
  const why = points.length === 0 ? 'not measured' : 'could not decide: too few rounds';
  return { value, reason: { from: 'default', why: `${why}, so this is the default` } };
}

/**
 * The fewest unsynced entries with which batched appends are about as quick as they get. When the
 * rounds do not agree, no fewer than the default, and no more than they agree to be worth it.
 */
export function entriesAdvice({ points, knee }: Curve): Advised<number> {
  if (knee === null) return notMeasured(defaults.syncEntriesMax, points);
  const { at, share, certainty, place } = knee;
  if (certainty === 'unsure' && at <= defaults.syncEntriesMax) {
    const why = 'could not decide: the rounds do not agree, so this is the default';
    return { value: defaults.syncEntriesMax, reason: { from: 'default', why } };
  }
  const doubt = certainty === 'unsure' ? '; whether more pays the rounds do not agree' : '';
  const beyond = place === 'beyond' ? '; more than was tried may pay too' : '';
  const last = points.at(-1)?.at ?? at;
  const why = `reaches ${percent(share)} of what batched appends do with ${last}${doubt}${beyond}`;
  return { value: at, reason: { from: 'measured', why } };
}

/** The shortest delay with which syncs leave most of the time to appends. */
export function delayAdvice({ points, knee }: Curve, syncMs: number | null): Advised<number> {
  if (knee !== null && knee.place === 'inside' && knee.certainty === 'sure') {
    const last = points.at(-1)?.at ?? knee.at;
    const why = `reaches ${percent(knee.share)} of what batched appends do with ${last} ms`;
    return { value: knee.at, reason: { from: 'measured', why } };
  }
  if (syncMs === null) return notMeasured(defaults.syncDelayMsMax);
  const enough = (syncMs * kneeShare) / (1 - kneeShare);
  const value = delayLadder.find((step) => step >= enough) ?? delayLadder.at(-1) ?? 0;
  const busy = percent(syncMs / (value + syncMs));
  const why = `syncs of ${milliseconds(syncMs)} then take at most ${busy} of the time`;
  return { value, reason: { from: 'model', why } };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** What making segments costs: so much each, and so much for every MiB. */
export interface SegmentCost {
  readonly fixedMs: number;
  readonly msPerMiB: number;
}

/**
 * The line through measured sizes (least squares); null of fewer than two. Through the quickest
 * round of each: others on the machine only ever add time, and medians of few rounds jump.
 */
export function segmentCostOf(points: readonly Point[]): SegmentCost | null {
  if (points.length < 2) return null;
  const xs = points.map(({ at }) => at / MiB);
  const ys = points.map(({ value }) => value.low);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / xs.length;
  const [x, y] = [mean(xs), mean(ys)];
  const slope =
    xs.reduce((sum, one, at) => sum + (one - x) * ((ys[at] ?? 0) - y), 0) /
    xs.reduce((sum, one) => sum + (one - x) ** 2, 0);
  const msPerMiB = Math.max(0, slope);
  // Noise can tilt the line until it costs less than nothing; making the smallest costs more.
  const fixedMs = Math.min(Math.max(0, y - msPerMiB * x), Math.min(...ys));
  return { fixedMs, msPerMiB };
}

/** Milliseconds until a segment of this size is made. */
export function makingMs({ fixedMs, msPerMiB }: SegmentCost, bytes: number): number {
  return fixedMs + (msPerMiB * bytes) / MiB;
}

/**
 * The smallest first segment of which the fixed cost hardly counts at the speed that was reached,
 * and for which an opening need not wait long. Later ones double, whatever this is.
 */
export function segmentAdvice(
  cost: SegmentCost | null,
  journalBytesPerSecond: number | null,
): Advised<number> {
  if (cost === null || journalBytesPerSecond === null) return notMeasured(defaults.segmentBytes);
  const bearable = (bytes: number): boolean => {
    return makingMs(cost, bytes) <= (bytes > segmentBytesFirst ? openMsMax : openMsBearable);
  };
  const wanted = (cost.fixedMs / 1000 / segmentShareMax) * journalBytesPerSecond;
  const sizes = segmentLadder.filter(bearable);
  const usual = sizes.filter((bytes) => bytes >= segmentBytesFirst);
  const value = usual.find((bytes) => bytes >= wanted) ?? sizes.at(-1) ?? segmentLadder[0] ?? 0;
  const fillMs = (value / journalBytesPerSecond) * 1000;
  const why =
    `made in ${milliseconds(makingMs(cost, value))}, and full after ${milliseconds(fillMs)} at ` +
    `${bytesPerSecond(journalBytesPerSecond)}`;
  return { value, reason: { from: 'model', why } };
}

/** Rounds of both backends, in turns. */
export interface IoRounds {
  /** Median of a durable append, worker over pool: more than 1, and the pool is quicker. */
  readonly latency: readonly number[];
  /** Appends per second of many sessions, pool over worker. */
  readonly shared: readonly number[];
}

/** `worker`, unless the pool is clearly quicker: only the worker keeps ceilings on a busy loop. */
export function ioAdvice({ latency, shared }: IoRounds): Advised<Settings['io']> {
  const quicker = isAbove(latency, poolGainMin);
  const slower = isAbove(shared, 1 / poolGainMin) === 'no';
  const caveat = 'its ceilings hold only while the event loop and libuv’s pool are free';
  if (quicker === 'yes' && !slower) {
    const why = `a durable append is more than ${figure(poolGainMin)} times as quick; ${caveat}`;
    return { value: 'pool', reason: { from: 'measured', why } };
  }
  if (quicker === 'undecided') {
    const why =
      'could not decide: the rounds do not agree, and the worker keeps its ceilings while Node is busy';
    return { value: 'worker', reason: { from: 'default', why } };
  }
  const why = slower
    ? 'the pool is slower with many sessions'
    : 'the pool is not clearly quicker, and the worker keeps its ceilings while Node is busy';
  return { value: 'worker', reason: { from: 'measured', why } };
}

/** What is known of the syncs of a disk. */
export type Syncs = Pick<DiskReport, 'flush' | 'ready'>;

const flushTold: Readonly<Record<Flush['verdict'], string>> = {
  real: '',
  unknown: '',
  doubtful: ' All of this only if flushes are real here, which is in doubt.',
  none: ' None of this holds here, because nothing is flushed.',
};

/**
 * What a power cut can cost with these settings. It is what the engine promises, on a disk that
 * flushes.
 */
export function exposureOf(settings: Settings, { flush, ready }: Syncs): Exposure {
  const { syncEntriesMax, syncDelayMsMax, io } = settings;
  const sync = ready === null ? '' : ` (p99 here: ${milliseconds(ready.p99Ms)})`;
  const entries = syncEntriesMax === 1 ? 'entry' : `${syncEntriesMax} entries`;
  const pool = io === 'pool' ? ', as long as the event loop and libuv’s pool are free' : '';
  const told =
    `A power cut costs at most the last ${entries} of a session that were appended as batched; ` +
    `their sync begins within ${syncDelayMsMax} ms${pool}, and takes its time on top${sync}. ` +
    `What was appended as durable is not lost.${flushTold[flush.verdict]}`;
  return { entriesMax: syncEntriesMax, delayMsMax: syncDelayMsMax, told };
}

/** The settings as an argument of `Store.open`. */
export function settingsText(settings: Settings): string {
  const { syncEntriesMax, syncDelayMsMax, segmentBytes, io } = settings;
  const members = [
    `syncEntriesMax: ${syncEntriesMax}`,
    `syncDelayMsMax: ${syncDelayMsMax}`,
    `segmentBytes: ${segmentBytes}`,
    `io: '${io}'`,
  ];
  return `{ ${members.join(', ')} }`;
}

/** The value of a setting as people read it. */
export function settingText(name: keyof Settings, value: number | string): string {
  if (name === 'syncDelayMsMax') return `${value} ms`;
  return name === 'segmentBytes' ? binaryBytes(Number(value)) : String(value);
}
