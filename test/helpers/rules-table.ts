/**
 * The table of codes and providers as ARCHITECTURE.md shows it. Running
 *
 *     npx vitest run test/integrity/rules/rules-table.test.ts
 *
 * says what is to be pasted when the rules have changed.
 */
import { type ProfileName, profileNames } from '../../src/integrity/profile.ts';
import { messageCodes, severityOf } from '../../src/integrity/rules/severity-table.ts';
import type { MessageCode } from '../../src/integrity/finding.ts';

const letters = { error: 'E', warning: 'w', note: 'n' } as const;

/** The first line of the table. */
export const rulesHeader: string = row('code', profileNames);

/** Markdown, one line for each code, with a line end behind the last. */
export function rulesTable(): string {
  const lines = messageCodes.map((code) =>
    row(
      `\`${code}\``,
      profileNames.map((profile) => cell(code, profile)),
    ),
  );
  const rule = `|---|${profileNames.map(() => '---').join('|')}|`;
  return `${[rulesHeader, rule, ...lines].join('\n')}\n`;
}

/** `E`; `E, w` when there is a milder form; empty when there is nothing to say. */
function cell(code: MessageCode, profile: ProfileName): string {
  const forms = [severityOf(code, profile), severityOf(code, profile, 'milder')];
  return [...new Set(forms)].map((form) => (form === null ? '' : letters[form])).join(', ');
}

function row(first: string, cells: readonly string[]): string {
  return `| ${[first, ...cells].join(' | ')} |`.replace(/ +\|/g, ' |').replace(/, \|/g, ' |');
}
