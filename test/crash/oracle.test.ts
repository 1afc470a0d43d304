/** The judge of crash tests must find what is wrong: every kind of broken promise, by hand. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { Oracle } from './oracle.ts';
import { messageAt } from './workload.mjs';

/** Told by a process that sent three messages, of which two are durable. */
const told = ['begin', 'recovered 0', 'opened ada 0', 'sent ada 0 3 1001 -', 'durable ada 1'];

const messages = (count: number, life = 1001): Message[] =>
  Array.from({ length: count }, (_, index) => messageAt('ada', index, life));

function oracleOf(lines: readonly string[], loss: 'power' | 'process' = 'power'): Oracle {
  const oracle = new Oracle(loss);
  for (const line of lines) oracle.take(line);
  expect(oracle.faults).toEqual([]);
  return oracle;
}

function verdict(lines: readonly string[], found: readonly Message[] | null): string {
  return oracleOf(lines).judge('ada', found).join('; ');
}

describe('Oracle', () => {
  it('takes everything between what is durable and what was sent, and nothing else', () => {
    expect(verdict(told, messages(2))).toBe('');
    expect(verdict(told, messages(3))).toBe('');
    expect(verdict(told, messages(1))).toBe('ada: 2 messages were durable, 1 are there');
    expect(verdict(told, messages(4))).toContain('4 messages are there, 3 were ever sent');
    expect(verdict(told, null)).toContain('the session is gone');
  });

  it('finds what was altered, exchanged, or sent in another life', () => {
    expect(verdict(told, messages(2).toReversed())).toContain('message 0 differs');
    expect(verdict(told, messages(2, 1002))).toContain('message 1 differs');
    const altered = [...messages(1), { role: 'user', content: 'another' } as const];
    expect(verdict(told, altered)).toContain('message 1 differs');
  });

  it('wants all messages of one appendAll, or none', () => {
    const lines = ['opened ada 0', 'sent ada 0 2 1001 g'];
    const group = (at: number): Message => messageAt('ada', at, 1001, { group: 'g', count: 2, at });
    expect(verdict(lines, [group(0), group(1)])).toBe('');
    expect(verdict(lines, [])).toBe('');
    expect(verdict(lines, [group(0)])).toContain('ends with 1 of 2 messages of one appendAll');
  });

  it('wants batched entries after a kill, and not after a power cut', () => {
    const lines = ['opened ada 0', 'sent ada 0 2 1001 -', 'batched ada 1'];
    expect(oracleOf(lines, 'power').judge('ada', [])).toEqual([]);
    expect(oracleOf(lines, 'process').judge('ada', messages(1))).toHaveLength(1);
    expect(oracleOf(lines, 'process').judge('ada', messages(2))).toEqual([]);
  });

  it('lets a session go once its deletion began, and not come back once it was told', () => {
    const deleting = [...told, 'closing ada', 'closed ada', 'deleting ada'];
    expect(verdict(deleting, null)).toBe('');
    expect(verdict(deleting, [])).toBe('');
    expect(verdict(deleting, messages(3))).toBe('');
    expect(verdict(deleting, messages(2))).toContain('3 messages were durable, 2 are there');
    const deleted = [...deleting, 'deleted ada'];
    expect(verdict(deleted, null)).toBe('');
    expect(verdict(deleted, messages(3))).toContain('was deleted and came back');
  });

  it('holds what the next process found against what the one before was promised', () => {
    const lost = new Oracle('power');
    for (const line of [...told, 'begin', 'opened ada 1']) lost.take(line);
    expect(lost.faults).toEqual(['ada: 2 messages were durable, 1 are there']);
    // What the next process found is durable, and what it did not find cannot come back.
    const next = [...told, 'begin', 'opened ada 2', 'sent ada 2 1 2001 -'];
    const kept = messages(2);
    expect(verdict(next, [...kept, messageAt('ada', 2, 2001)])).toBe('');
    expect(verdict(next, [...kept, messageAt('ada', 2, 1001)])).toContain('message 2 differs');
    expect(verdict(next, kept.slice(1))).toContain('2 messages were durable, 1 are there');
  });

  it('copies itself, so that each of many crash states is judged alone', () => {
    const oracle = oracleOf(told);
    expect(oracle.promises).toBe(true);
    expect(oracle.copy().judge('ada', messages(3))).toEqual([]);
    expect(oracle.judge('ada', messages(2))).toEqual([]);
    expect(new Oracle('power').promises).toBe(false);
  });
});
