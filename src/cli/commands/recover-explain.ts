/** `recover explain`: what a code means, how it comes about, what to do. */
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { codesByKind, explain } from '../explanations/index.ts';
import type { Explained } from '../explanations/index.ts';
import { didYouMean } from '../suggest.ts';
import type { Style } from '../talk.ts';
import { json, wrapped } from '../text.ts';
import { UsageError } from '../usage-error.ts';

/** The command. */
export const recoverExplain: Command = {
  name: 'recover explain',
  summary: 'Explain a code of an error, finding, issue, verdict or exit',
  positionals: [{ name: 'CODE', required: false, summary: 'The code; without it, all are named' }],
  options: [],
  details: [],
  examples: [
    { line: 'recover explain TORN_TAIL', why: 'a finding of a report' },
    { line: 'recover explain 20', why: 'an exit code' },
  ],
  exits: [0, 64, 70],
  schema: 'holdfast.explanation/1',
  run: runExplain,
};

const schema = 'holdfast.explanation/1';

async function runExplain({ args, talk }: Context): Promise<ExitCode> {
  const code = args.text('CODE');
  const groups = codesByKind();
  if (code === undefined) {
    if (talk.json) await talk.data(`${json({ schema, codes: groups })}\n`);
    else {
      const parts = Object.entries(groups).map(([kind, codes]) => {
        return `${talk.style.bold(kind)}\n${wrapped(codes.join(' '), 2)}`;
      });
      await talk.data(`${parts.join('\n\n')}\n`);
    }
    return 0;
  }
  const found = explain(code);
  if (found.length === 0) {
    const hint = didYouMean(code, Object.values(groups).flat());
    throw new UsageError(`there is no code ${JSON.stringify(code)}${hint}`);
  }
  if (talk.json) await talk.data(`${json({ schema, explanations: found })}\n`);
  else await talk.data(`${found.map((one) => text(one, talk.style)).join('\n\n')}\n`);
  return 0;
}

function text({ code, kind, meaning, cause, action }: Explained, style: Style): string {
  return [
    `${style.bold(code)} (${kind})`,
    wrapped(meaning, 2),
    wrapped(`How it comes about: ${cause}`, 2),
    wrapped(`What to do: ${action}`, 2),
  ].join('\n');
}
