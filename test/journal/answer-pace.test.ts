/** When the first part of many appends is handed over early. */
import { describe, expect, it } from 'vitest';
import { AnswerPace } from '../../src/journal/answer-pace.ts';

describe('AnswerPace', () => {
  it('is not quick before anything was answered', () => {
    const pace = new AnswerPace();
    expect(pace.isQuick).toBe(false);
    pace.answered(5);
    pace.posted(10);
    expect(pace.isQuick).toBe(false);
  });

  it('follows what answers take, counted from the oldest that waits', () => {
    const pace = new AnswerPace();
    let nowMs = 0;
    const answerAfter = (ms: number): boolean => {
      pace.posted(nowMs);
      pace.posted(nowMs + ms / 2);
      nowMs += ms;
      pace.answered(nowMs);
      return pace.isQuick;
    };
    expect(answerAfter(2.9)).toBe(true);
    expect(answerAfter(25)).toBe(false);
    const answers = Array.from({ length: 20 }, () => answerAfter(0.5));
    expect(answers[0]).toBe(false);
    expect(answers.at(-1)).toBe(true);
    expect(Array.from({ length: 20 }, () => answerAfter(2.99)).at(-1)).toBe(true);
    expect(Array.from({ length: 60 }, () => answerAfter(3.03)).at(-1)).toBe(false);
  });
});
