/**
 * The engine on this disk: backends, sessions, batches and payloads under durable appends, and the
 * two limits of batched ones, each alone, where it is the one that governs.
 */
import { syncDelayMsMax, syncEntriesMax } from '../base/quantities.ts';
import { latencyHistogram } from '../platform/latency-histogram.ts';
import type { StoreOptions } from '../store/api.ts';
import { curveOf } from './curve.ts';
import type { Curve } from './curve.ts';
import { delayLadder, entriesLadder } from './ladders.ts';
import type { Pace, Part } from './pace.ts';
import type { EngineReport, IoReport } from './report.ts';
import { alternate } from './rounds.ts';
import type { Slice } from './rounds.ts';
import { ratiosOf, spreadOf } from './spread.ts';
import { Subject } from './subject.ts';
import type { Load, OpenStore } from './subject.ts';
import type { IoRounds } from './advice.ts';

/** Bytes of text of a message, where size is not what is measured. */
export const textBytes = 512;
/** Sessions that share the syncs, where their number is not what is measured. */
export const sessionsShared = 32;

const sessionCounts = [1, 4, 16, 64];
const groupSizes = [1, 4, 16, 64, 256];
const payloadSizes = [256, 1024, 4096, 16 * 1024, 64 * 1024, 256 * 1024];

const emptyCurve: Curve = { points: [], knee: null };
const emptyIo: IoReport = { latency: null, perSecond: null, sharedPerSecond: null };

/** An engine about which nothing is known yet. */
export const unknownEngine: EngineReport = {
  worker: emptyIo,
  pool: emptyIo,
  sessions: emptyCurve,
  batches: emptyCurve,
  payloads: emptyCurve,
  entries: emptyCurve,
  delays: emptyCurve,
};

/** Whether anything of it was measured. */
export function isEngineKnown({ worker, sessions, entries, delays }: EngineReport): boolean {
  const curves = [sessions, entries, delays];
  return worker.latency !== null || curves.some(({ points }) => points.length > 0);
}

/** Where stores are made, and how far they may go. */
export interface EngineLab {
  readonly open: OpenStore;
  readonly pace: Pace;
  /** Fails when the directory of the run is not there any more: a store would make it anew. */
  readonly stillThere: () => Promise<void>;
  /** A path for the next store. */
  readonly nextRoot: () => string;
  /** Takes a store away that was measured, so that its room is there for the next one. */
  readonly remove: (root: string) => Promise<void>;
  /** Kinds of file system that Holdfast would refuse, and that nobody keeps anything on here. */
  readonly allowFileSystems: readonly string[];
}

/** A durable append of one session that is awaited, unless told otherwise. */
export function loadOf(load: Partial<Load>): Load {
  const record = (): void => undefined;
  return { durability: 'durable', sessions: 1, group: 1, textBytes, record, ...load };
}

/** Settings under which only this limit governs batched appends. */
export function onlyEntries(entries: number): StoreOptions {
  return { syncEntriesMax: entries, syncDelayMsMax };
}

/** The same for the delay. */
export function onlyDelay(delayMs: number): StoreOptions {
  return { syncEntriesMax, syncDelayMsMax: delayMs };
}

/**
 * Opens the stores at once, gives them to the work and closes them. Null when there are no bytes
 * for all of them: then there is nothing to compare.
 */
export async function withSubjects<T>(
  lab: EngineLab,
  settings: readonly StoreOptions[],
  work: (subjects: readonly Subject[]) => Promise<T>,
): Promise<T | null> {
  const { open, pace, nextRoot, remove, stillThere, allowFileSystems } = lab;
  await pace.breathe();
  await stillThere();
  const roots = settings.map(nextRoot);
  const opened = await Promise.allSettled(
    settings.map((one, at) => {
      return Subject.open(open, roots[at] ?? '', pace, { ...one, allowFileSystems });
    }),
  );
  const subjects = opened.flatMap((one) => {
    return one.status === 'fulfilled' && one.value !== null ? [one.value] : [];
  });
  try {
    for (const one of opened) if (one.status === 'rejected') throw one.reason as Error;
    return subjects.length < settings.length ? null : await work(subjects);
  } finally {
    await Promise.all(subjects.map((subject) => subject[Symbol.asyncDispose]()));
    await Promise.all(roots.map(remove));
  }
}

/** Both backends, one session and many, in turns. */
export async function measureIo(
  lab: EngineLab,
  part: Part,
): Promise<(Pick<EngineReport, 'worker' | 'pool'> & { readonly rounds: IoRounds }) | null> {
  return withSubjects(lab, [{ io: 'worker' }, { io: 'pool' }], async ([worker, pool]) => {
    const times = { worker: latencyHistogram(), pool: latencyHistogram() };
    const rates = { worker: [] as number[], pool: [] as number[] };
    const alone =
      (subject: Subject | undefined, io: 'worker' | 'pool'): Slice =>
      async (turn) => {
        const told = await subject?.slice(turn, loadOf({ record: times[io].record }));
        if (told && turn.round > 0) rates[io].push(told.perSecond);
        return told?.medianMs ?? null;
      };
    const shared = rateOf(loadOf({ sessions: sessionsShared }));
    const [workerMs = [], poolMs = [], workerShared = [], poolShared = []] = await alternate(
      lab.pace,
      part,
      [alone(worker, 'worker'), alone(pool, 'pool'), shared(worker), shared(pool)],
    );
    const report = (io: 'worker' | 'pool', sharedRates: readonly number[]): IoReport => ({
      latency: times[io].latency(),
      perSecond: spreadOf(rates[io]),
      sharedPerSecond: spreadOf(sharedRates),
    });
    return {
      worker: report('worker', workerShared),
      pool: report('pool', poolShared),
      rounds: { latency: ratiosOf(workerMs, poolMs), shared: ratiosOf(poolShared, workerShared) },
    };
  });
}

/** How durable appends scale with sessions, messages in one call, and their size. */
export async function measureDurable(
  lab: EngineLab,
  part: Part,
): Promise<Pick<EngineReport, 'sessions' | 'batches' | 'payloads'> | null> {
  const loads = [
    ...sessionCounts.map((sessions) => ({ at: sessions, load: loadOf({ sessions }) })),
    ...groupSizes.map((group) => ({ at: group, load: loadOf({ group }) })),
    ...payloadSizes.map((size) => ({ at: size, load: loadOf({ textBytes: size }) })),
  ];
  return withSubjects(lab, [{}], async ([subject]) => {
    const slices = loads.map(({ load }) => rateOf(load)(subject));
    const rounds = await alternate(lab.pace, part, slices);
    const curve = (from: number, values: readonly number[], scale: readonly number[]): Curve => {
      const scaled = values.map((_, at) => {
        return (rounds[from + at] ?? []).map((rate) => rate * (scale[at] ?? 1));
      });
      return curveOf({ values, rounds: scaled });
    };
    return {
      sessions: curve(0, sessionCounts, []),
      batches: curve(sessionCounts.length, groupSizes, []),
      payloads: curve(sessionCounts.length + groupSizes.length, payloadSizes, payloadSizes),
    };
  });
}

/** Batched appends of one session under more and more entries that may be unsynced. */
export async function measureEntries(lab: EngineLab, part: Part): Promise<Curve | null> {
  return measureBatched(lab, part, entriesLadder, onlyEntries);
}

/**
 * The same under longer and longer delays. A slice that is shorter than a delay never meets it, so
 * those are left to the model, and so are delays that a sync alone would fill.
 */
export async function measureDelays(
  lab: EngineLab,
  part: Part,
  syncMs: number,
): Promise<Curve | null> {
  const count = 4;
  const longest = Math.min(250, (part.untilMs - lab.pace.nowMs()) / (9 * count)) / 2;
  const ladder = delayLadder.filter((delayMs) => delayMs >= syncMs && delayMs <= longest);
  if (ladder.length < 3) return null;
  return measureBatched(lab, part, ladder.slice(0, count), onlyDelay);
}

async function measureBatched(
  lab: EngineLab,
  part: Part,
  values: readonly number[],
  settingsOf: (value: number) => StoreOptions,
): Promise<Curve | null> {
  return withSubjects(lab, values.map(settingsOf), async (subjects) => {
    const slices = subjects.map(rateOf(loadOf({ durability: 'batched' })));
    return curveOf({ values, rounds: await alternate(lab.pace, part, slices) });
  });
}

/** A slice that tells messages per second. */
export function rateOf(load: Load): (subject: Subject | undefined) => Slice {
  return (subject) => async (turn) => (await subject?.slice(turn, load))?.perSecond ?? null;
}

/** Bytes that the journal takes per second at a rate of such messages. */
export function journalBytesPerSecond(perSecond: number): number {
  // Text, header, directory row, commit and the rest of a message.
  return perSecond * (textBytes + 300);
}
