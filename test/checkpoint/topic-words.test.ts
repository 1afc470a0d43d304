/** Which words of a text count, how they are cut, and where the looking ends. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { topicWords } from '../../src/checkpoint/topic-words.ts';

const wordsOf = (text: string): readonly string[] => [...topicWords(text).keys()];

describe('topicWords', () => {
  it.each([
    ['the parser of parsers', ['parse']],
    ['Parsed PARSING', ['parse', 'parsi']],
    ['invoice invoices INVOICE', ['invoi']],
    ['gas bus', ['gas', 'bus']],
    ['cats cat', ['cat']],
    ['ox axe', ['axe']],
    ['readFooBar read_foo_bar read-foo-bar', ['foo', 'bar']],
    ['HTTPServer', ['http', 'serve']],
    ['please make it work, thanks', []],
    ['', []],
    ['2nd 7zip 42', []],
    ['abcdef', ['abcde']],
    ['deadbee deadbeef0', []],
    ['deadbeetle facadexx', ['deadb', 'facad']],
    ['ﬁnance', ['finan']],
    ['Büro büros', ['büro']],
  ])('topicWords of %j are %j', (text, expected) => {
    expect(wordsOf(text)).toEqual(expected);
  });

  it('topicWords counts a word once, and a pair of characters half', () => {
    expect([...topicWords('parser parser')]).toEqual([['parse', 1]]);
    expect([...topicWords('解析器 parser')]).toEqual([
      ['解析', 0.5],
      ['析器', 0.5],
      ['parse', 1],
    ]);
    expect(wordsOf('器')).toEqual([]);
    // Pairs do not reach over what is between two runs.
    expect(wordsOf('解析 器官')).toEqual(['解析', '器官']);
  });

  it('topicWords looks at the first eight thousand characters and no further', () => {
    expect(wordsOf(`${' '.repeat(8185)}lantern`)).toEqual(['lante']);
    expect(wordsOf(`${' '.repeat(8189)}lantern`)).toEqual(['lan']);
    expect(wordsOf(`${' '.repeat(8192)}lantern`)).toEqual([]);
  });

  it('topicWords finds the same in plain text by its quick way as by the patterns', () => {
    const letter = fc.constantFrom(...'abfsABFS019 _-.é'.split(''));
    const texts = fc
      .string({ unit: letter, maxLength: 60 })
      .map((text) => text.replaceAll('é', 'e'));
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary-ascii', maxLength: 80 })), (text) => {
        // A letter of no word, which needs the patterns.
        expect([...topicWords(text)]).toEqual([...topicWords(`${text} é`)]);
      }),
      { numRuns: 3000 },
    );
  });
});
