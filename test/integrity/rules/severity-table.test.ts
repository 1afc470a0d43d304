/** The table of codes and providers has no holes, and says nothing that it should not. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { profileNames } from '../../../src/integrity/profile.ts';
import {
  hasMilderForm,
  messageCodes,
  severityOf,
} from '../../../src/integrity/rules/severity-table.ts';

const weights = ['note', 'warning', 'error'];

/** Codes of messages as they stand in the type, which is what callers see. */
function codesOfType(): readonly string[] {
  const source = readFileSync(
    new URL('../../../src/integrity/finding.ts', import.meta.url),
    'utf8',
  ).replace(/\/\/.*$/gm, '');
  const union = /export type MessageCode =([^;]*);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([^']+)'/g)].map(([, code]) => code ?? '');
}

describe('severityOf', () => {
  test('severityOf answers for every code of the type and every profile', () => {
    expect(messageCodes.toSorted()).toEqual(codesOfType().toSorted());
    for (const code of messageCodes) {
      for (const profile of profileNames) {
        for (const form of ['full', 'milder'] as const) {
          const severity = severityOf(code, profile, form);
          expect([null, ...weights], `${code} ${profile} ${form}`).toContain(severity);
        }
      }
    }
  });

  test('severityOf never weighs the milder form more than the full one', () => {
    for (const code of messageCodes) {
      for (const profile of profileNames) {
        const [full, milder] = [severityOf(code, profile), severityOf(code, profile, 'milder')];
        const [most, least] = [weights.indexOf(full ?? ''), weights.indexOf(milder ?? '')];
        expect(least, `${code} ${profile}`).toBeLessThanOrEqual(most);
        if (!hasMilderForm(code)) expect(milder, `${code} ${profile}`).toBe(full);
      }
    }
  });

  test('severityOf finds in every code something for at least one provider', () => {
    for (const code of messageCodes) {
      const found = profileNames.filter((profile) => severityOf(code, profile) !== null);
      expect(found, code).not.toEqual([]);
    }
  });

  test('severityOf calls for the generic profile an error only what every provider refuses', () => {
    for (const code of messageCodes) {
      if (severityOf(code, 'generic') !== 'error') continue;
      const severities = profileNames.map((profile) => severityOf(code, profile));
      expect(new Set(severities), code).toEqual(new Set(['error']));
    }
  });
});
