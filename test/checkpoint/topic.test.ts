/** Changes of subject, measured. */
import { describe, expect, it } from 'vitest';
import { topicWords } from '../../src/checkpoint/topic-words.ts';
import { memoryMessages, Topic } from '../../src/checkpoint/topic.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { testSeed } from '../helpers/seed.ts';

/** A conversation about one subject; then how familiar a text is. */
function familiarity(before: readonly string[], text: string): number {
  const topic = new Topic();
  for (const [index, said] of before.entries()) topic.spokenOf(said, index);
  return topic.familiarity(text, before.length);
}

const parser = [
  'The parser of the configuration reads keys, values and nested sections; quotes are not handled.',
  'I would let the tokenizer of the parser take quoted values as one token, with escapes, so that ' +
    'nested sections stay as they are and the error message names the line of the open quote.',
  'Quotes inside of keys should stay an error. What about comments behind values?',
  'Comments behind values end the value; inside of quotes a hash is an ordinary character.',
];
const parserZh = [
  '配置文件的解析器读取键和值以及嵌套的部分，但是没有处理引号，请修改分词器',
  '我会让分词器把带引号的值当作一个标记，支持转义，嵌套部分保持不变，错误信息给出行号',
];

describe('Topic', () => {
  it.each([
    'yes, go on',
    'thanks',
    'and the tests?',
    'ok, please continue with the next one',
    'Does the tokenizer of the parser also handle escapes inside of nested sections?',
    'name the parser error after the quote, and let comments keep their hash characters',
  ])('keeps its subject at: %s', (text) => {
    expect(familiarity(parser, text)).toBeGreaterThan(0.5);
  });

  it.each([
    'Our monthly invoices arrive as PDF attachments, accounting wants totals per supplier.',
    'Plan a weekend in Lisbon for four people, with museums, trains and a cheap hotel.',
    'Wir brauchen eine Einladung zur Weihnachtsfeier der Abteilung, mit Anfahrt und Programm.',
  ])('leaves its subject at: %s', (text) => {
    expect(familiarity(parser, text)).toBeLessThan(0.15);
  });

  it('compares languages without blanks by pairs of characters', () => {
    expect(familiarity(parserZh, '分词器的转义和嵌套部分的错误信息怎么处理引号')).toBeGreaterThan(
      0.5,
    );
    expect(familiarity(parserZh, '帮我计划周末去里斯本旅行的酒店和博物馆路线')).toBeLessThan(0.15);
  });

  it('says nothing before there is a subject', () => {
    expect(familiarity([], parser.join(' '))).toBe(1);
    expect(familiarity(['hi', 'Hello! What can I do?'], parser.join(' '))).toBe(1);
  });

  it('knows best what was said last', () => {
    const topic = new Topic();
    topic.spokenOf(parser.join(' '), 0);
    const [soon, later] = [1, 60].map((at) => topic.familiarity(parser[1] ?? '', at));
    expect(soon).toBeGreaterThan(0.9);
    expect(later).toBeGreaterThan(0.3);
    expect(later).toBeLessThan(0.4);
  });

  it('forgets what was said long ago, and comes back to it as to another subject', () => {
    const topic = new Topic();
    topic.spokenOf(parser.join(' '), 0);
    for (let n = 0; n < 40; n += 1) topic.spokenOf(letters(n), 90);
    expect(topic.isShift(parser[1] ?? '', 20)).toBe(false);
    expect(topic.isShift(parser[1] ?? '', memoryMessages)).toBe(true);
  });

  it('remembers a bounded number of words, whatever is said', () => {
    const topic = new Topic({ wordsMin: 1, wordsBefore: 1 });
    for (let message = 0; message < 200; message += 1) {
      const words = Array.from({ length: 200 }, (_, i) => letters(message * 200 + i));
      topic.spokenOf(words.join(' '), message / 4);
    }
    expect(topic.familiarity(letters(0), 50)).toBe(0);
    expect(topic.familiarity(letters(199 * 200), 50)).toBeGreaterThan(0.9);
  });

  it('never changes with a threshold of 0, and refuses settings that make no sense', () => {
    const never = new Topic({ threshold: 0 });
    never.spokenOf(parser.join(' '), 0);
    expect(never.isShift('monthly invoices arrive as attachments for accounting', 1)).toBe(false);
    expect(() => new Topic({ threshold: 2 })).toThrow('"threshold" must be from 0 to 1');
    expect(() => new Topic({ wordsMin: Number.NaN })).toThrow('wordsMin');
  });

  const seed = testSeed();
  const repeat = `HOLDFAST_SEED=${String(seed)} npx vitest run test/checkpoint/topic.test.ts`;

  it(`answers as if it had read each text when it came (repeat: ${repeat})`, () => {
    const prng = Prng.fromSeed(seed);
    const [late, early] = [new Topic(), new Topic()];
    for (let message = 0; message < 3000; message += 1 + prng.below(3)) {
      // Now and then so many words that the oldest are forgotten, and so long that it is read at once.
      const count = prng.below(200) === 0 ? 30_000 : prng.below(60);
      const words = Array.from({ length: count }, () => letters(prng.below(8000)));
      const text = words.join(' ').padEnd(prng.below(200) === 0 ? 300_000 : 0);
      for (const topic of [late, early]) topic.spokenOf(text, message);
      const asked = Array.from({ length: 20 }, () => letters(prng.below(8000))).join(' ');
      const now = early.familiarity(asked, message);
      if (prng.below(150) === 0) expect(late.familiarity(asked, message)).toBe(now);
    }
  });
});

/** A word of its own for each number, that no stem makes equal to another. */
function letters(n: number): string {
  const digits = n.toString().padStart(5, '0');
  return digits.replaceAll(/\d/g, (digit) => 'bcdfghjklm'[Number(digit)] ?? '');
}

describe('topicWords', () => {
  it('takes words of code apart and cuts words to their stems', () => {
    const words = (text: string): string[] => [...topicWords(text).keys()];
    expect(words('readConfig read_config read-config')).toEqual(words('config'));
    expect(words('HTTPServer')).toEqual(['http', 'serve']);
    expect(words('parsers parsing parsed')).toEqual(['parse', 'parsi']);
    expect(words('the and yes please 12345 0x1f a9b8c7d6')).toEqual([]);
  });
});
