/**
 * The advice, tried: each recommended setting against its neighbours in alternating rounds, and on
 * to a neighbour that is better beyond the noise, for a few steps at most. A setting never goes
 * back to where it was, so that it comes to rest.
 */
import { latencyHistogram } from '../platform/latency-histogram.ts';
import type { StoreOptions } from '../store/api.ts';
import { defaults } from './advice.ts';
import { loadOf, onlyDelay, onlyEntries, rateOf, withSubjects } from './engine.ts';
import type { EngineLab } from './engine.ts';
import { judge, moveOf } from './judge.ts';
import { delayLadder, entriesLadder, neighboursOn, segmentLadder } from './ladders.ts';
import type { Part } from './pace.ts';
import type { Check, Expected, Settings } from './report.ts';
import { alternate } from './rounds.ts';
import type { Slice } from './rounds.ts';
import { ratiosOf, spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';
import type { Subject } from './subject.ts';

const stepsMax = 3;

/** A setting after its check, and what was seen on the way. */
export interface Checked<T> {
  readonly value: T;
  readonly checks: readonly Check[];
}

/** Measures candidates in turns: speeds of each, round by round; null when it cannot. */
type Measure = (
  values: readonly number[],
  part: Part,
) => Promise<readonly (readonly number[])[] | null>;

/** `syncEntriesMax` under batched appends that nothing else limits. */
export function checkEntries(lab: EngineLab, part: Part, value: number): Promise<Checked<number>> {
  const measure = batchedRates(lab, onlyEntries);
  return climb(lab, part, { setting: 'syncEntriesMax', ladder: entriesLadder, value }, measure);
}

/** `syncDelayMsMax` under the same; a delay that no slice meets twice is not checked. */
export async function checkDelay(
  lab: EngineLab,
  part: Part,
  value: number,
): Promise<Checked<number>> {
  const { up } = neighboursOn(delayLadder, value);
  const sliceMs = Math.min(250, (part.untilMs - lab.pace.nowMs()) / 27 / 2);
  if ((up ?? value) > sliceMs) return { value, checks: [] };
  const measure = batchedRates(lab, onlyDelay);
  return climb(lab, part, { setting: 'syncDelayMsMax', ladder: delayLadder, value }, measure);
}

/** `segmentBytes` by opening a new store and filling a little more than the usual first segment. */
export function checkSegment(lab: EngineLab, part: Part, value: number): Promise<Checked<number>> {
  const measure: Measure = async (values, within) => {
    return alternate(
      lab.pace,
      within,
      values.map(
        (bytes): Slice =>
          () =>
            openAndFill(lab, bytes),
      ),
    );
  };
  return climb(lab, part, { setting: 'segmentBytes', ladder: segmentLadder, value }, measure);
}

function batchedRates(lab: EngineLab, settingsOf: (value: number) => StoreOptions): Measure {
  return (values, part) =>
    withSubjects(lab, values.map(settingsOf), (subjects) => {
      return alternate(lab.pace, part, subjects.map(rateOf(loadOf({ durability: 'batched' }))));
    });
}

interface Start {
  readonly setting: 'syncEntriesMax' | 'syncDelayMsMax' | 'segmentBytes';
  readonly ladder: readonly number[];
  readonly value: number;
}

async function climb(
  lab: EngineLab,
  part: Part,
  { setting, ladder, value: start }: Start,
  measure: Measure,
): Promise<Checked<number>> {
  const checks: Check[] = [];
  const left = new Set<number>();
  let value = start;
  for (let step = 0; step < stepsMax; step += 1) {
    const { down, up } = neighboursOn(ladder, value);
    const fresh = [down, up].filter((one) => one !== null).filter((one) => !left.has(one));
    if (fresh.length === 0 || lab.pace.nowMs() >= part.untilMs) break;
    const nowMs = lab.pace.nowMs();
    // Half of what is left for each step, so that a move can be looked at as well.
    const within = { untilMs: nowMs + (part.untilMs - nowMs) / 2, bytes: part.bytes / 2 };
    const rounds = await measure([value, ...fresh], within);
    if (rounds === null || (rounds[0]?.length ?? 0) === 0) break;
    const told = fresh.map((neighbour, at) => {
      const ratios = ratiosOf(rounds[at + 1] ?? [], rounds[0] ?? []);
      return judge({ setting, recommended: value, neighbour, ratios });
    });
    checks.push(...told);
    const move = moveOf(told);
    if (move === null) break;
    left.add(value);
    value = Number(move.neighbour);
  }
  return { value, checks };
}

/** How often per second a store of this kind could be opened and given its first messages. */
async function openAndFill(lab: EngineLab, segmentBytes: number): Promise<number | null> {
  const begunMs = lab.pace.nowMs();
  return withSubjects(lab, [{ segmentBytes }], async ([subject]) => {
    const turn = { sliceMs: Number.POSITIVE_INFINITY, sliceBytes: fillBytes, round: 1 };
    const told = await subject?.slice(turn, loadOf({ group: 64 }));
    return told ? 1000 / (lab.pace.nowMs() - begunMs) : null;
  });
}

/** More than the usual first segment holds, as `Subject` counts bytes. */
const fillBytes = 1.5 * 1024 * 1024;

/**
 * The recommended settings all together, the other backend under them, and the defaults, which is
 * what whoever sets nothing has. The pool gives a promise up, so it has to be sure: a doubt is
 * enough to leave it again.
 */
export async function checkIo(
  lab: EngineLab,
  part: Part,
  settings: Settings,
): Promise<CheckedIo | null> {
  const other: Settings['io'] = settings.io === 'worker' ? 'pool' : 'worker';
  const names = ['syncEntriesMax', 'syncDelayMsMax', 'io'] as const;
  const isUsual = names.every((name) => settings[name] === defaults[name]);
  const stores: readonly StoreOptions[] = [
    settings,
    { ...settings, io: other },
    ...(isUsual ? [] : [defaults]),
  ];
  return withSubjects(lab, stores, async ([here, there, untuned]) => {
    const durable = rateOf(loadOf({}));
    const [batchedHere, batchedThere] = [new Batched(here), new Batched(there)];
    const slices = [durable(here), durable(there), batchedHere.slice, batchedThere.slice];
    if (!isUsual) slices.push(new Batched(untuned).slice);
    const rounds = await alternate(lab.pace, part, slices);
    const [ofHere = [], ofThere = [], ratesHere = [], ratesThere = [], ratesUsual = []] = rounds;
    const ratios = ratiosOf(ofThere, ofHere);
    const check = judge({ setting: 'io', recommended: settings.io, neighbour: other, ratios });
    const isLeft = check.isBetter === 'yes' || (other === 'worker' && check.isBetter !== 'no');
    const seen = {
      [settings.io]: batchedHere.told(ratiosOf(ratesHere, ratesUsual)),
      [other]: batchedThere.told(ratiosOf(ratesThere, ratesUsual)),
    } as CheckedIo['seen'];
    return {
      value: isLeft ? other : settings.io,
      checks: ratios.length === 0 ? [] : [check],
      seen,
    };
  });
}

/** Which backend it is to be, and what was seen with either. */
export interface CheckedIo extends Checked<Settings['io']> {
  readonly seen: Readonly<Record<Settings['io'], Seen>>;
}

/** What was seen of batched appends with the recommended settings. */
export interface Seen extends Pick<Expected, 'batched' | 'batchedPerSecond'> {
  /** Batched appends over those of the defaults; null of the defaults themselves. */
  readonly againstDefaults: Spread | null;
}

/** Slices of batched appends in one store, with their latencies and rates. */
class Batched {
  readonly #times = latencyHistogram();
  readonly #rates: number[] = [];
  readonly slice: Slice;

  constructor(subject: Subject | undefined) {
    const load = loadOf({ durability: 'batched', record: this.#times.record });
    this.slice = async (turn) => {
      const told = await subject?.slice(turn, load);
      if (told && turn.round > 0) this.#rates.push(told.perSecond);
      return told?.perSecond ?? null;
    };
  }

  told(overDefaults: readonly number[]): Seen {
    return {
      batched: this.#times.latency(),
      batchedPerSecond: spreadOf(this.#rates),
      againstDefaults: spreadOf(overDefaults),
    };
  }
}
