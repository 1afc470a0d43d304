/**
 * Every code that Holdfast can utter, with its explanation. One word may be a code of several
 * kinds.
 */
import { exitCodes, exitMeanings } from '../exit-codes.ts';
import { errorExplanations } from './errors.ts';
import { codesForError } from '../../integrity/rules/refusals.ts';
import type { Explanation, ProviderView } from './explanation.ts';
import { findingExplanations } from './findings.ts';
import { issueExplanations } from './issues.ts';
import { providerViews, transcriptExplanations } from './transcript-findings.ts';
import { verdictExplanations } from './verdicts.ts';

/** An explanation with the code that it belongs to. */
export interface Explained extends Explanation {
  readonly code: string;
  /** `error`, `finding`, `transcript finding`, `issue`, `verdict` or `exit code`. */
  readonly kind: string;
  /** For codes about messages: what each provider makes of it. */
  readonly providers?: readonly ProviderView[];
}

const exitExplanations: Readonly<Record<string, Explanation>> = Object.fromEntries(
  exitCodes.map((code) => [
    String(code),
    {
      meaning: `${exitMeanings[code]}.`,
      cause: 'It is what a command of Holdfast ends with, so that a script can tell.',
      action: code === 0 ? 'Nothing.' : 'Read what the command said on stderr or in its report.',
    },
  ]),
);

const transcriptKind = 'transcript finding';

const kinds: Readonly<Record<string, Readonly<Record<string, Explanation>>>> = {
  error: errorExplanations,
  finding: findingExplanations,
  [transcriptKind]: transcriptExplanations,
  issue: issueExplanations,
  verdict: verdictExplanations,
  'exit code': exitExplanations,
};

/** All codes, by their kind. */
export function codesByKind(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, explanations]) => [kind, Object.keys(explanations)]),
  );
}

/** What a word means in each kind that has it; upper or lower case, with `-` or `_`. */
export function explain(word: string): readonly Explained[] {
  const wanted = normal(word);
  return Object.entries(kinds).flatMap(([kind, explanations]) =>
    Object.entries(explanations)
      .filter(([code]) => normal(code) === wanted)
      .map(([code, explanation]) => explained(code, kind, explanation)),
  );
}

/** The findings that an error text of a provider is about, the most likely first. */
export function explainError(text: string): readonly Explained[] {
  return codesForError(text).map((code) =>
    explained(code, transcriptKind, transcriptExplanations[code]),
  );
}

function explained(code: string, kind: string, explanation: Explanation): Explained {
  const providers = kind === transcriptKind ? providerViews(code) : [];
  return { code, kind, ...explanation, ...(providers.length === 0 ? {} : { providers }) };
}

function normal(word: string): string {
  return word.toLowerCase().replaceAll('-', '_');
}
