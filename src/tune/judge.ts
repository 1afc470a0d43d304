/**
 * Whether a neighbour of a recommended setting is better, from rounds in which both took turns. A
 * step that exposes more has to pay clearly; one that exposes less may cost a little. Between the
 * two lies room in which nothing moves, so that noise does not drive a setting to and fro. Pure.
 */
import { unreachable } from '../base/assert.ts';
import { kneeShare } from './curve.ts';
import { poolGainMin, settingText } from './advice.ts';
import type { Check, Settings } from './report.ts';
import { isAbove, spreadOf } from './spread.ts';
import { figure } from './units.ts';

/** A step down may lose this much, because less is at stake behind it. */
const downShareMin = 0.95;
/** A first segment of another size exposes nothing, so it only has to be clearly quicker. */
const segmentGainMin = 1.1;

/** A neighbour to be judged: the numbers are speeds, round by round. */
export interface Neighbour {
  readonly setting: keyof Settings;
  readonly recommended: number | string;
  readonly neighbour: number | string;
  /** Neighbour over recommended. */
  readonly ratios: readonly number[];
}

/** The ratio above which the neighbour is better. */
export function betterAbove({ setting, recommended, neighbour }: Neighbour): number {
  switch (setting) {
    case 'io':
      // The worker is taken back as soon as the pool is not worth its promise any more.
      return neighbour === 'pool' ? poolGainMin : 1 / poolGainMin;
    case 'segmentBytes':
      return segmentGainMin;
    case 'syncEntriesMax':
    case 'syncDelayMsMax':
      return Number(neighbour) > Number(recommended) ? 1 / kneeShare : downShareMin;
    default:
      return unreachable(setting);
  }
}

/** The neighbour with what became of it. */
export function judge(neighbour: Neighbour): Check {
  const { setting, recommended, ratios } = neighbour;
  const bound = betterAbove(neighbour);
  const isBetter = isAbove(ratios, bound);
  const name = settingText(setting, neighbour.neighbour);
  const than = settingText(setting, recommended);
  const needed = `${figure(bound)} times the speed of ${than}`;
  const whys = {
    yes: `${name} has more than ${needed}, which is what the step is worth`,
    no: `${name} has less than ${needed}, which the step would have to bring`,
    undecided: `whether ${name} has ${needed} the rounds do not agree, or they were too few`,
  };
  return {
    setting,
    recommended,
    neighbour: neighbour.neighbour,
    ratio: spreadOf(ratios),
    isBetter,
    why: whys[isBetter],
  };
}

/** The neighbour to move to: the best of those that are better; null to stay. */
export function moveOf(checks: readonly Check[]): Check | null {
  const better = checks.filter(({ isBetter }) => isBetter === 'yes');
  const gain = ({ ratio }: Check): number => ratio?.median ?? 0;
  return better.toSorted((a, b) => gain(b) - gain(a))[0] ?? null;
}
