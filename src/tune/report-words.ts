/** What a report says in the same words on the terminal, on the page and in its warnings. Pure. */
import { isEngineKnown } from './engine.ts';
import type { TuneReport } from './report.ts';
import type { Spread } from './spread.ts';
import { figure } from './units.ts';

/** Stands where settings were to be recommended and nothing of the engine was measured. */
export const tooLittle = 'Not enough was measured to recommend anything; these are the defaults';

/** The heading of the settings. */
export function settingsHeading({ engine }: TuneReport): string {
  return isEngineKnown(engine) ? 'Recommended' : tooLittle;
}

/** `2.3 (1.9 to 3)`. */
export function spreadText({ median, low, high }: Spread): string {
  return `${figure(median)} (${figure(low)} to ${figure(high)})`;
}

/** Which of the two takes longer; the ratio is of the growing file to ready space. */
export function growthText({ median, low, high, rounds }: Spread): string {
  const inverse = { median: 1 / median, low: 1 / high, high: 1 / low, rounds };
  const told =
    median < 1
      ? `ready space takes ${spreadText(inverse)} times as long as a growing file`
      : `a growing file takes ${spreadText({ median, low, high, rounds })} times as long as ready space`;
  return `${told}; the journal never grows`;
}

/** How the settings do against the defaults; empty when nobody measured it. */
export function againstDefaultsText({ advice }: TuneReport): string {
  const ratio = advice.againstDefaults;
  return ratio === null ? '' : `against the defaults: ${spreadText(ratio)} times as quick`;
}

/** Explains the one word of the charts that is not common. */
export const kneeExplained = 'The knee is the first point behind which more hardly pays.';
