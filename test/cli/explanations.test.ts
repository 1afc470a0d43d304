/** Every code that Holdfast can utter is explained, in words that say something. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codesByKind, explain, explainError } from '../../src/cli/explanations/index.ts';

/** Members of a union of literals, as they stand in the source. */
function membersOf(file: string, union: string): readonly string[] {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
  const found = new RegExp(`export type ${union} =([^;]*);`).exec(source.replace(/\/\/.*$/gm, ''));
  return [...(found?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
}

describe('explain', () => {
  test.each([
    ['error', 'base/errors.ts', 'ErrorCode'],
    ['finding', 'recovery/report.ts', 'FindingCode'],
    ['issue', 'integrity/validation.ts', 'IssueCode'],
    ['transcript finding', 'integrity/finding.ts', 'ByteCode'],
    ['transcript finding', 'integrity/finding.ts', 'GraphCode'],
    ['transcript finding', 'integrity/finding.ts', 'MessageCode'],
    ['verdict', 'recovery/report.ts', 'StoreVerdict'],
    ['verdict', 'recovery/verdict.ts', 'JournalVerdict'],
  ])('explain knows every code of the kind %s in %s', (kind, file, union) => {
    const members = membersOf(file, union);
    expect(members.length).toBeGreaterThan(4);
    expect(codesByKind()[kind]).toEqual(expect.arrayContaining([...members]));
  });

  test('explain answers each code with three different sentences', () => {
    for (const code of Object.values(codesByKind()).flat()) {
      const found = explain(code);
      expect(found.length, code).toBeGreaterThan(0);
      for (const { meaning, cause, action } of found) {
        expect(new Set([meaning, cause, action]).size, code).toBe(3);
        for (const answer of [meaning, cause, action]) expect(answer, code).toMatch(/^.{7,}\.$/s);
      }
    }
  });

  test('explain takes upper and lower case, with either dash', () => {
    expect(explain('torn-tail')).toEqual(explain('TORN_TAIL'));
    expect(explain('NEWER_FORMAT').map(({ kind }) => kind)).toEqual(['error', 'finding']);
    expect(explain('damaged').map(({ kind }) => kind)).toEqual(['error', 'verdict']);
    expect(explain('no such code')).toEqual([]);
  });

  test('explain says for codes about messages what each provider answers', () => {
    const [found] = explain('BAD_CALL_ID').filter(({ kind }) => kind === 'transcript finding');
    const mistral = found?.providers?.find(({ profile }) => profile === 'mistral');
    expect(mistral?.severity).toBe('error');
    expect(mistral?.answers.join()).toContain('must be a-z, A-Z, 0-9, with a length of 9');
    expect(explain('TORN_RECORD')[0]).not.toHaveProperty('providers');
  });
});

describe('explainError', () => {
  test('explainError finds codes by what a provider answered, and nothing for other words', () => {
    const [first] = explainError('tool_use ids were found without tool_result');
    expect(first).toMatchObject({ code: 'DANGLING_TOOL_CALL', kind: 'transcript finding' });
    expect(first?.providers?.length).toBeGreaterThan(5);
    expect(explainError('no such code')).toEqual([]);
  });
});
