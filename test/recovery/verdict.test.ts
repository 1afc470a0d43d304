/** The decision table: every combination of answers has exactly one verdict, or cannot be. */
import { describe, expect, it } from 'vitest';
import { isImpossible, matchingRows, verdictRows } from '../../src/recovery/verdict.ts';
import type { JournalQuestions } from '../../src/recovery/verdict.ts';

const questions = ['newer', 'bad', 'structural', 'sealed', 'marked', 'closed'] as const;

function combinations(): JournalQuestions[] {
  return Array.from({ length: 2 ** questions.length }, (_, number) => {
    const answers = questions.map((question, bit) => [question, ((number >> bit) & 1) === 1]);
    return Object.fromEntries(answers) as unknown as JournalQuestions;
  });
}

const sound: JournalQuestions = {
  newer: false,
  bad: false,
  structural: false,
  sealed: false,
  marked: false,
  closed: false,
};

describe('verdictRows', () => {
  it('matchingRows gives exactly one row for every combination that can be, of all 64', () => {
    let possible = 0;
    for (const combination of combinations()) {
      const rows = matchingRows(combination);
      if (isImpossible(combination)) continue;
      possible += 1;
      expect(rows, JSON.stringify(combination)).toHaveLength(1);
    }
    expect(possible).toBe(46);
  });

  it('every row is reached by a combination that can be', () => {
    for (const row of verdictRows) {
      const reached = combinations().filter((one) => {
        return !isImpossible(one) && matchingRows(one).includes(row);
      });
      expect(reached.length, row.rule).toBeGreaterThan(0);
    }
  });

  it('nothing is impossible but badness of a kind without badness, and two kinds at once', () => {
    const impossible = combinations().filter((one) => isImpossible(one));
    for (const { newer, bad, structural, sealed, marked } of impossible) {
      expect(newer).toBe(false);
      expect((structural && sealed) || (!bad && (structural || sealed || marked))).toBe(true);
    }
  });

  it('a newer format wins over everything else that seems to be wrong', () => {
    for (const combination of combinations().filter((one) => one.newer)) {
      expect(matchingRows(combination).map((row) => row.verdict)).toEqual(['newer']);
    }
  });

  it.each([
    ['closed', { closed: true }],
    ['unclean', {}],
    ['torn', { bad: true }],
    ['damaged', { bad: true, marked: true }],
    ['damaged', { bad: true, sealed: true }],
    ['damaged', { bad: true, structural: true }],
    ['damaged', { bad: true, closed: true }],
  ] as const)('a journal is %s when it is %j', (verdict, answers) => {
    const rows = matchingRows({ ...sound, ...answers });
    expect(rows.map((row) => row.verdict)).toEqual([verdict]);
  });
});
