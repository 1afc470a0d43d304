/**
 * Corrections by the user: the model did something that was not wanted. Told from the words at the
 * start of what the user writes, where corrections stand, and from a few turns of phrase that mean
 * one further on. A correction that is missed costs little, because a conversation can be rewound
 * to any message; one that is imagined costs a restore point. So a phrase is listed only when it
 * rarely means anything else.
 *
 * English mainly; the commonest words of German, French, Spanish, Chinese and Japanese.
 */
import {
  correctingOpenings,
  correctingPhrases,
  harmlessOpenings,
  refusals,
} from './feedback-words.ts';

/** Openings are looked for in so many UTF-16 code units, turns of phrase in four times as many. */
const startCharsMax = 120;

/** The mark that Claude Code and others leave when the user stops the model. */
const interrupted = /^\s*\[Request interrupted by user(?: for tool use)?\]/;

/** True when what a person wrote corrects what the model did. Looks at the start only. */
export function isCorrection(text: string): boolean {
  if (interrupted.test(text)) return true;
  const said = plain(text.slice(0, 4 * startCharsMax)).replace(/^[^\p{L}]+/u, '');
  const start = said.slice(0, startCharsMax);
  if (harmlessOpenings.test(start)) return false;
  return correctingOpenings.test(start) || correctingPhrases.test(said);
}

/** True for the result of a call that failed because the user did not let it run to its end. */
export function isRefusal(result: string): boolean {
  return refusals.test(plain(result.slice(0, 2 * startCharsMax)));
}

function plain(text: string): string {
  const letters = text.normalize('NFKC').toLowerCase();
  return letters.replaceAll(/[’‘`´]/g, "'").replaceAll('*', '');
}
