/** The decision table: every combination of answers has exactly one verdict, or cannot be. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import {
  isImpossible,
  judgeJournal,
  matchingRows,
  questionsOf,
  verdictRows,
} from '../../src/recovery/verdict.ts';
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

describe('the rules of the table', () => {
  it('name for each row what ARCHITECTURE.md tells of it', () => {
    expect(verdictRows.map(({ verdict, rule }) => `${verdict}: ${rule}`)).toEqual([
      'newer: R12',
      'closed: R1',
      'unclean: R17',
      'damaged: R8 R9 R10 R18',
      'damaged: R4',
      'damaged: R3',
      'damaged: R14',
      'torn: R2',
    ]);
    const told = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
    for (const rule of verdictRows.flatMap((row) => row.rule.split(' '))) {
      expect(told).toMatch(new RegExp(`\\b${rule}\\b`));
    }
  });
});

describe('questionsOf', () => {
  const nothing = {
    firstProblem: null,
    missing: null,
    durableMark: 5,
    lastSeq: 5,
    closed: false,
    segments: [{ newer: null }],
    frames: [],
  };
  const problem = { kind: 'tail', segment: 1, offset: 8192, reason: '', inLastSegment: true };
  const answers = (change: object): JournalQuestions =>
    questionsOf({ ...nothing, ...change } as unknown as JournalFacts);

  it.each([
    ['nothing', {}, {}],
    ['a close frame', { closed: true }, { closed: true }],
    ['a mark at the end', { durableMark: 6 }, { bad: true, marked: true }],
    ['a mark below the end', { durableMark: 4 }, {}],
    ['a bad tail', { firstProblem: problem }, { bad: true }],
    [
      'a bad tail that another segment follows',
      { firstProblem: { ...problem, inLastSegment: false } },
      { bad: true, sealed: true },
    ],
    [
      'a bad tail of a journal that lacks a segment',
      { firstProblem: { ...problem, inLastSegment: false }, missing: { number: 2 } },
      { bad: true, structural: true },
    ],
    [
      'a broken chain in front of other segments',
      { firstProblem: { ...problem, kind: 'chain', inLastSegment: false } },
      { bad: true, structural: true },
    ],
    ['a newer header', { segments: [{ newer: null }, { newer: '2.0' }] }, { newer: true }],
    ['a missing segment alone', { missing: { number: 2 } }, {}],
  ])('questionsOf answers for %s', (_what, change, expected) => {
    expect(answers(change)).toEqual({ ...sound, ...expected });
  });

  it('questionsOf takes a frame of an unknown type for one of a newer version', () => {
    const facts = { ...nothing, frames: [{ type: 32 }, { type: 99 }] } as unknown as JournalFacts;
    expect(questionsOf(facts, (type) => type === 32).newer).toBe(true);
    expect(questionsOf(facts, () => true).newer).toBe(false);
    expect(judgeJournal(facts, (type) => type === 32)).toBe('newer');
    expect(judgeJournal(facts, () => true)).toBe('unclean');
  });
});
