/** `recover explain`: what a code means, how it comes about, what to do. */
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { codesByKind, explain, explainError } from '../explanations/index.ts';
import type { Explained } from '../explanations/index.ts';
import type { ProviderView } from '../explanations/explanation.ts';
import { didYouMean } from '../suggest.ts';
import type { Style } from '../talk.ts';
import { json, wrapped } from '../text.ts';
import { UsageError } from '../usage-error.ts';

/** The command. */
export const recoverExplain: Command = {
  name: 'recover explain',
  summary: 'Explain a code, or what a provider refuses',
  positionals: [
    {
      name: 'CODE',
      required: false,
      repeatable: true,
      summary: 'A code, or words of an error text; without it, all codes are named',
    },
  ],
  options: [],
  details: [
    'Codes are those of errors, findings, transcript findings, issues, verdicts and exits. An ' +
      'error text that a provider answered with finds the codes that it is about, also as a piece.',
  ],
  examples: [
    { line: 'recover explain TORN_TAIL', why: 'a finding of a report' },
    { line: 'recover explain 20', why: 'an exit code' },
    {
      line: "recover explain 'tool_use ids were found without tool_result'",
      why: 'what a provider said',
    },
  ],
  exits: [0, 64, 70],
  schema: 'holdfast.explanation/1',
  run: runExplain,
};

const schema = 'holdfast.explanation/1';

async function runExplain({ args, talk }: Context): Promise<ExitCode> {
  const words = args.texts('CODE');
  const groups = codesByKind();
  if (words.length === 0) {
    if (talk.json) await talk.data(`${json({ schema, codes: groups })}\n`);
    else {
      const parts = Object.entries(groups).map(([kind, codes]) => {
        return `${talk.style.bold(kind)}\n${wrapped(codes.join(' '), 2)}`;
      });
      await talk.data(`${parts.join('\n\n')}\n`);
    }
    return 0;
  }
  const { found, unknown } = explained(words);
  if (found.length > 0) {
    if (talk.json) await talk.data(`${json({ schema, explanations: found })}\n`);
    else await talk.data(`${found.map((one) => text(one, talk.style)).join('\n\n')}\n`);
  }
  if (unknown.length === 0) return 0;
  const asked = unknown.join(' ');
  if (asked.trim() === '') throw new UsageError('CODE is empty; without it, all codes are named');
  if (asked === '1') {
    const who = 'Node itself exits with 1 when a program dies';
    throw new UsageError(`1 is never a verdict of Holdfast: ${who}`);
  }
  const hint = didYouMean(asked, Object.values(groups).flat());
  throw new UsageError(`there is no code ${JSON.stringify(asked)}${hint}`);
}

/**
 * Every word a code, or all of them together what a provider answered; else those that are codes,
 * and the words that are none.
 */
function explained(words: readonly string[]): {
  readonly found: readonly Explained[];
  readonly unknown: readonly string[];
} {
  const known = words.map((word) => ({ word, answers: explain(word) }));
  const unknown = known.filter(({ answers }) => answers.length === 0).map(({ word }) => word);
  const found = known.flatMap(({ answers }) => answers);
  if (unknown.length === 0) return { found, unknown };
  const answered = explainError(words.join(' '));
  return answered.length > 0 ? { found: answered, unknown: [] } : { found, unknown };
}

function text({ code, kind, meaning, cause, action, providers }: Explained, style: Style): string {
  return [
    `${style.bold(code)} (${kind})`,
    wrapped(meaning, 2),
    wrapped(`How it comes about: ${cause}`, 2),
    wrapped(`What to do: ${action}`, 2),
    ...providersText(providers ?? []),
  ].join('\n');
}

/** Those whose answer is known, each with its words; then the others by severity. */
function providersText(views: readonly ProviderView[]): readonly string[] {
  const silent = views.filter(({ answers }) => answers.length === 0);
  const severities = new Set(silent.map(({ severity }) => severity));
  return [
    ...views
      .filter(({ answers }) => answers.length > 0)
      .flatMap(({ profile, severity, answers }) => [
        `  ${profile}: ${severity}`,
        ...answers.map((answer) => wrapped(answer, 4)),
      ]),
    ...[...severities].map((severity) => {
      const those = silent.filter((view) => view.severity === severity);
      return wrapped(`${those.map(({ profile }) => profile).join(', ')}: ${severity}`, 2);
    }),
  ];
}
