/**
 * From measured numbers to settings, each with its reason. The rules ask what a step costs in
 * exposure or waiting, and take no step that hardly pays. What could not be measured keeps its
 * default, and says so. Pure.
 */
import { segmentBytesFirst, syncDelayMsDefault, syncEntriesDefault } from '../base/quantities.ts';
import { kneeShare } from './curve.ts';
import type { Curve, Point } from './curve.ts';
import { syncsMin } from './flush.ts';
import type { SyncTimes } from './flush.ts';
import { delayLadder, segmentLadder } from './ladders.ts';
import type { DiskReport, Exposure, Flush, Reason, Settings } from './report.ts';
import { isAbove, roundsMin } from './spread.ts';
import { binaryBytes, bytesPerSecond, figure, grouped, milliseconds } from './units.ts';

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
  /** The rounds do not agree that it is worth it: only a check can make it more than a guess. */
  readonly certainty?: 'unsure';
}

/** The settings that an installation has that was never tuned. */
export const defaults: Settings = {
  syncEntriesMax: syncEntriesDefault,
  syncDelayMsMax: syncDelayMsDefault,
  segmentBytes: segmentBytesFirst,
  io: 'worker',
};

function notMeasured<T>(value: T, rounds = 0): Advised<T> {
  const why = rounds === 0 ? 'not measured' : 'could not decide: too few rounds';
  return { value, reason: { from: 'default', why: `${why}, so this is the default` } };
}

/**
 * The fewest unsynced entries with which batched appends are about as quick as they get. When the
 * rounds do not agree, no fewer than the default; and more of them only if a check confirms it.
 */
export function entriesAdvice({ points, knee }: Curve): Advised<number> {
  if (knee === null) return notMeasured(defaults.syncEntriesMax, points.length);
  const { at, share, certainty, place } = knee;
  if (certainty === 'unsure' && at <= defaults.syncEntriesMax) {
    const why = 'could not decide: the rounds do not agree, so this is the default';
    return { value: defaults.syncEntriesMax, reason: { from: 'default', why } };
  }
  const doubt = certainty === 'unsure' ? '; whether more pays the rounds do not agree' : '';
  const beyond = place === 'beyond' ? '; more than was tried may pay too' : '';
  const last = points.at(-1)?.at ?? at;
  const why = `reaches ${percent(share)} of what batched appends do with ${last}${doubt}${beyond}`;
  const reason = { from: 'measured', why } as const;
  return certainty === 'unsure' ? { value: at, reason, certainty } : { value: at, reason };
}

/**
 * The shortest delay with which syncs leave most of the time to appends: by the curve where the
 * rounds are sure of it; else by the syncs alone, and no shorter than what was seen to be quick.
 * Nothing beyond the default that was not tried.
 */
export function delayAdvice(curve: Curve, sync: SyncTimes | null): Advised<number> {
  const { points, knee } = curve;
  const isSure = knee !== null && knee.certainty === 'sure';
  if (isSure && knee.place === 'inside') {
    const last = points.at(-1)?.at ?? knee.at;
    const why = `reaches ${percent(knee.share)} of what batched appends do with ${last} ms`;
    return { value: knee.at, reason: { from: 'measured', why } };
  }
  if (sync === null) return notMeasured(defaults.syncDelayMsMax);
  if (sync.count < syncsMin) {
    const why = `could not decide: a median of ${sync.count} syncs is none, so this is the default`;
    return { value: defaults.syncDelayMsMax, reason: { from: 'default', why } };
  }
  const enough = (sync.p50Ms * kneeShare) / (1 - kneeShare);
  const model = delayLadder.find((step) => step >= enough) ?? delayLadder.at(-1) ?? 0;
  const seen = isSure ? knee.at : shortestQuick(points);
  const ceiling = isSure ? Math.max(defaults.syncDelayMsMax, knee.at) : defaults.syncDelayMsMax;
  return delayByRule({ model, seen, ceiling }, sync);
}

/** Delays that speak for themselves, and the longest that may be advised. */
interface Delays {
  readonly model: number;
  readonly seen: number;
  readonly ceiling: number;
}

function delayByRule({ model, seen, ceiling }: Delays, sync: SyncTimes): Advised<number> {
  const syncs = `syncs of ${milliseconds(sync.p50Ms)} (median of ${grouped(sync.count)})`;
  const wanted = Math.max(model, seen);
  if (wanted > ceiling) {
    const why = `${syncs} would ask for ${wanted} ms, and nothing beyond this was tried`;
    return { value: ceiling, reason: { from: 'default', why } };
  }
  if (seen > model) {
    const why =
      `the shortest that reached ${percent(kneeShare)} of the best median; the rounds do not ` +
      `agree on it, and ${syncs} alone would ask for ${model} ms`;
    return { value: seen, reason: { from: 'measured', why } };
  }
  const busy = percent(sync.p50Ms / (model + sync.p50Ms));
  const why = `${syncs} then take at most ${busy} of the time`;
  return { value: model, reason: { from: 'model', why } };
}

/** The first point of which the median is about as good as the best one; 0 of none. */
function shortestQuick(points: readonly Point[]): number {
  const best = Math.max(...points.map(({ value }) => value.median));
  return points.find(({ value }) => value.median >= kneeShare * best)?.at ?? 0;
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
  if (latency.length < roundsMin) return notMeasured(defaults.io, latency.length);
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
