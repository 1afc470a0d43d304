/** How a command line is split: quotes, escapes, redirections and here-documents, whole and cut off. */
import { describe, expect, it } from 'vitest';
import { shellCommands } from '../../src/checkpoint/shell-words.ts';

/** Words of each command. */
const words = (text: string): unknown => shellCommands(text).map((one) => one.words);
const outputs = (text: string): unknown => shellCommands(text).map((one) => one.outputs);
const documents = (text: string): unknown => shellCommands(text).map((one) => one.documents);

describe('shellCommands', () => {
  it.each([
    ["echo 'a b' c", [['echo', 'a b', 'c']]],
    ["echo 'a\\' b", [['echo', 'a\\', 'b']]],
    ['echo "a \\" b" c', [['echo', 'a " b', 'c']]],
    ["echo $'it\\'s' x", [['echo', "it\\'s", 'x']]],
    ['echo a\'b\'"c"d', [['echo', 'abcd']]],
    ["echo '' x", [['echo', '', 'x']]],
    ['a\\ b c', [['a b', 'c']]],
    ['a \\\n b', [['a', 'b']]],
    ['echo $(a $(b; c) > d) e', [['echo', '$(a $(b; c) > d)', 'e']]],
    ['echo $(a \\) b) c', [['echo', '$(a \\) b)', 'c']]],
    ['echo ${a:-${b}} c', [['echo', '${a:-${b}}', 'c']]],
    ['echo `a > b` c', [['echo', '`a > b`', 'c']]],
    ['a#b # c', [['a#b']]],
    ['a # b\nc', [['a'], ['c']]],
    ['a; b | c && d || e & f', [['a'], ['b'], ['c'], ['d'], ['e'], ['f']]],
    ['a;;\n\n;b', [['a'], ['b']]],
    ['((x > 3)) && a', [['a']]],
    ['[[ x > 3 ]] && a', [['[['], ['a']]],
    ['[[x > 3', [['[[x']]],
    ['(a; b)', [['a'], ['b']]],
    ['diff <(a b) >(c)', [['diff'], ['a', 'b'], ['c']]],
    ['a\tb\rc', [['a', 'b', 'c']]],
  ])('splits `%s` into words', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it.each([
    ["echo 'a b", [['echo', 'a b']]],
    ['echo "a b', [['echo', 'a b']]],
    ['echo "a\\', [['echo', 'a']]],
    ["echo $'a b", [['echo', 'a b']]],
    ['echo $(a', [['echo', '$(a']]],
    ['echo `a', [['echo', '`a']]],
    ['a # b', [['a']]],
    ['a [[ b', [['a', '[[']]],
    ['a (( b', [['a']]],
    ['a \\', [['a']]],
  ])('gives what was understood of `%s`, which is cut off', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it.each([
    ['a > b', [['b']]],
    ['a >> b 2> c', [['b', 'c']]],
    ['a 2>&1 > b', [['b']]],
    ['a >&2', [[]]],
    ['a >&b', [['b']]],
    ['a >&- > b', [['b']]],
    ['a &> b', [['b']]],
    ['a 12> b', [['b']]],
    ['a x2> b', [['b']]],
    ['a < b > c', [['c']]],
    ['a <> b', [[]]],
    ['a <<< b > c', [['c']]],
    ['a <&3 > b', [['b']]],
    ['a >', [[]]],
    ['a > ; b', [[], []]],
    ['> b', [['b']]],
    ['a -> b', [[]]],
    ['a => b', [[]]],
  ])('finds where `%s` is redirected', (text, expected) => {
    expect(outputs(text)).toEqual(expected);
  });

  it('takes a number in front of a redirection for a descriptor, and one in a word for a part', () => {
    expect(words('a 12> b')).toEqual([['a']]);
    expect(words('a x2> b')).toEqual([['a', 'x2']]);
    expect(words('a 3 > b')).toEqual([['a', '3']]);
    expect(words('a >&12 b')).toEqual([['a', 'b']]);
  });

  it.each([
    ['a <<E\nx\ny\nE\nb', [['x\ny\n'], []]],
    ['a <<-E\n\tx\n\t\tE\nb', [['\tx\n'], []]],
    ['a <<E\n\tE\nE', [['\tE\n']]],
    ["a <<'E' <<F\nx\nE\ny\nF\nb", [['x\n', 'y\n'], []]],
    ['a <<E | b\nx\nE', [['x\n'], []]],
    ['a <<E\nx\n', [['x\n']]],
    ['a <<E\nx', [['x']]],
    ['a <<E\nE', [['']]],
    ['a <<E', [[]]],
  ])('reads the here-documents of `%s`', (text, expected) => {
    expect(documents(text)).toEqual(expected);
  });

  it('looks at the first 64 Ki characters', () => {
    expect(words(`${'x'.repeat(65_536)} y`)).toEqual([['x'.repeat(65_536)]]);
  });
});
