/** The words of a message that count, and how much of them is looked at. */
import { describe, expect, it } from 'vitest';
import {
  actionCharsMax,
  modelText,
  oneLine,
  personText,
  textOfContent,
} from '../../src/checkpoint/text.ts';
import type { Message } from '../../src/session/message.ts';

const charsMax = 16_384;
const texts = (...list: readonly string[]): Message => {
  return { role: 'user', content: list.map((text) => ({ type: 'text', text })) };
};

describe('modelText', () => {
  it('is the texts of a message, without thoughts and calls', () => {
    const content = [
      { type: 'thinking', thinking: 'hm', text: 'not this' },
      { type: 'text', text: 'one' },
      { type: 'tool_use', id: 'c', name: 'n', input: {} },
      null,
      { type: 'text', text: 7 },
      { type: 'text', text: 'two' },
    ];
    const message = { role: 'assistant', content } as unknown as Message;
    expect(
      modelText(message)
        .split('\n')
        .filter((line) => line !== ''),
    ).toEqual(['one', 'two']);
    expect(modelText({ role: 'assistant', content: 'plain' })).toBe('plain');
    expect(modelText({ role: 'assistant' } as unknown as Message)).toBe('');
  });
});

describe('the bound of what is looked at', () => {
  it('holds modelText, personText and textOfContent, for one text and for several', () => {
    const long = 'x'.repeat(charsMax);
    for (const message of [texts(long, 'y'), texts(`${long}y`)]) {
      expect(modelText(message)).toBe(long);
      expect(personText(message)).toBe(long);
      expect(textOfContent(message.content)).toBe(long);
    }
    expect(modelText({ role: 'user', content: `${long}y` })).toBe(long);
    expect(textOfContent(`${long}y`)).toBe(long);
    expect(textOfContent(7)).toBe('');
  });
});

describe('personText', () => {
  it.each([
    ['<system-reminder>x</system-reminder>hello', 'hello'],
    ['<a-b c="d">x</a-b> <e-f/>hello', 'hello'],
    ['<command-name>x', ''],
    ['<task>hello</task>', 'hello'],
    ['<USER_QUERY>hello</USER_QUERY>', 'hello'],
    ['<b>hello</b>', '<b>hello</b>'],
    ['  hello  ', 'hello'],
    ['hello <system-reminder>x</system-reminder>', 'hello <system-reminder>x</system-reminder>'],
    ['Caveat: The messages below were', ''],
    ['This session is being continued from a previous one', ''],
    ['# AGENTS.md instructions for x', ''],
    ['Base directory for this skill: x', ''],
    ['[Image: x]', ''],
    ['see [Image: x]', 'see [Image: x]'],
  ])('of %j is %j', (text, expected) => {
    expect(personText({ role: 'user', content: text })).toBe(expected);
  });

  it('joins what is left of several texts, and is nothing when a runtime wrote the message', () => {
    expect(personText(texts('one', '[Image: x]', 'two'))).toBe('one\ntwo');
    for (const mark of ['isMeta', 'isCompactSummary']) {
      expect(personText({ role: 'user', content: 'x', [mark]: true })).toBe('');
      expect(personText({ role: 'user', content: 'x', [mark]: 'no' })).toBe('x');
    }
  });
});

describe('oneLine', () => {
  it('is one line, of at most so many characters, and well-formed', () => {
    expect(oneLine(' a\n\tb\u0000c  d ')).toBe('a b c d');
    expect(oneLine('x'.repeat(actionCharsMax))).toBe('x'.repeat(actionCharsMax));
    expect(oneLine('x'.repeat(actionCharsMax + 1))).toBe(`${'x'.repeat(actionCharsMax - 1)}…`);
    expect(oneLine('abcd efgh', 6)).toBe('abcd…');
    expect(oneLine('abc\ud83d\ude00def', 5)).toBe('abc…');
    expect(oneLine('a\ud83d', 5)).toBe('a\ufffd');
  });
});
