/** Whether a long run stays as it was: pure, of its windows. */
import { spreadOf } from './rounds.ts';
import { shown } from './report.ts';
import type { Judge } from './verdict.ts';
import type { Window } from './windows.ts';

/** The last full minute over the second one, in which everything is warm. */
export interface Steadiness {
  readonly rssRatio: number;
  readonly p99Ratio: number;
}

/** Minutes of a shorter last window do not count. */
const fullSeconds = 50;

/** Null for a run without two full minutes behind its first. */
export function steadinessOf(minutes: readonly Window[]): Steadiness | null {
  const full = minutes.filter(({ seconds }) => seconds >= fullSeconds);
  const [, second] = full;
  const last = full.at(-1);
  if (second === undefined || last === undefined || last === second) return null;
  return { rssRatio: last.rssMiB / second.rssMiB, p99Ratio: last.p99Ms / second.p99Ms };
}

/** The tenth of the seconds with the most syncs of histories, against the others. */
export interface Storm {
  /** The most syncs of histories and directories in a second. */
  readonly syncsPerSecondMax: number;
  /** The median p99 of those seconds over that of the others. */
  readonly p99Ratio: number;
}

const stormShare = 0.1;
const stormSecondsMin = 20;

/** Does settling hurt those who append? Null for a run that is too short to tell. */
export function stormOf(seconds: readonly Window[]): Storm | null {
  if (seconds.length < stormSecondsMin) return null;
  const sorted = seconds.toSorted((a, b) => b.otherSyncsPerSecond - a.otherSyncsPerSecond);
  const count = Math.ceil(sorted.length * stormShare);
  const median = (of: readonly Window[]): number => spreadOf(of.map(({ p99Ms }) => p99Ms)).median;
  return {
    syncsPerSecondMax: sorted[0]?.otherSyncsPerSecond ?? 0,
    p99Ratio: median(sorted.slice(0, count)) / median(sorted.slice(count)),
  };
}

/** Of a run that stays as it was. */
export const targets = { rss: 1.1, p99: 1.5, segments: 4, storm: 1.5 };

/** The sentences, each with its target. */
export function steadinessFindings(
  windows: { readonly seconds: readonly Window[]; readonly minutes: readonly Window[] },
  judge: Judge,
): readonly string[] {
  const segments = Math.max(0, ...windows.seconds.map((one) => one.segments));
  const steadiness = steadinessOf(windows.minutes);
  const storm = stormOf(windows.seconds);
  return [
    `the journal had at most ${segments} segments ${judge.atMost(segments, targets.segments)}`,
    ...(steadiness === null
      ? ['the last minute is not compared with the second one: that needs --seconds 180']
      : [
          `in the last minute, memory is ${shown(steadiness.rssRatio)} times what it was in the ` +
            `second one ${judge.atMost(steadiness.rssRatio, targets.rss)}`,
          `in the last minute, p99 is ${shown(steadiness.p99Ratio)} times what it was in the ` +
            `second one ${judge.atMost(steadiness.p99Ratio, targets.p99)}`,
        ]),
    storm === null
      ? `storms of syncs are not looked for: that needs --seconds ${stormSecondsMin}`
      : `in the seconds with the most settling (up to ${shown(storm.syncsPerSecondMax)} syncs/s of ` +
        `histories), p99 is ${shown(storm.p99Ratio)} times that of the others ` +
        judge.atMost(storm.p99Ratio, targets.storm),
  ];
}
