/** Tables of fix-ups that do not fit their value: each is refused for its own reason. */
import { describe, expect, it } from 'vitest';
import { applyFixups, FixupFault, splitFixups } from '../../src/format/fixups.ts';

function reasonOf(value: unknown, fixups: unknown): string {
  try {
    applyFixups(value, fixups);
  } catch (error) {
    expect(error).toBeInstanceOf(FixupFault);
    return (error as Error).message;
  }
  return 'none';
}

const half = 0xd83d;

describe('splitFixups', () => {
  it('splitFixups leaves what MessagePack carries, and names what it does not', () => {
    const plain = { a: [1, 'x', null, new Uint8Array(2)], b: { c: true } };
    expect(splitFixups(plain, '')).toEqual({ value: plain, fixups: [] });
    expect(splitFixups('\ud83dx\ude00', '')).toEqual({
      value: '\ufffdx\ufffd',
      fixups: [[[], [0, half, 2, 0xde00]]],
    });
    const { value, fixups } = splitFixups({ a: [{ '\ud83d': 'y\ud83d' }] }, '');
    expect(value).toEqual({ a: [['\ufffd', 'y\ufffd']] });
    expect(fixups).toEqual([
      [
        ['a', 0, 0],
        [0, half],
      ],
      [
        ['a', 0, 1],
        [1, half],
      ],
      [['a', 0], null],
    ]);
    expect(applyFixups(value, fixups)).toEqual({ a: [{ '\ud83d': 'y\ud83d' }] });
  });
});

describe('applyFixups', () => {
  it('applyFixups undoes the rows in their order', () => {
    expect(applyFixups('a', [])).toBe('a');
    expect(applyFixups('\ufffd-\ufffd', [[[], [0, half, 2, 0xdfff]]])).toBe('\ud83d-\udfff');
    expect(applyFixups('\ufffd\ufffd', [[[], [1, 0xd800]]])).toBe('\ufffd\ud800');
    expect(applyFixups([1, [['a', 1, 'b', 2]]], [[[1, 0], null]])).toEqual([1, [{ a: 1, b: 2 }]]);
    expect(applyFixups({ a: [] }, [[['a'], null]])).toEqual({ a: {} });
  });

  it.each([
    [null, 'the fix-ups are not a table'],
    ['row', 'the fix-ups are not a table'],
    [['row'], 'a fix-up is not a pair of path and change'],
    [[[[]]], 'a fix-up is not a pair of path and change'],
    [[[[], null, 1]], 'a fix-up is not a pair of path and change'],
    [[['path', null]], 'a fix-up is not a pair of path and change'],
  ])('applyFixups refuses the table %j', (fixups, reason) => {
    expect(reasonOf('a', fixups)).toBe(reason);
  });

  it.each([
    [{ a: 1 }, ['b']],
    [{ a: 1 }, [0]],
    [{ a: 'text' }, ['a', 'length']],
    [{ a: 'text' }, ['a', 0]],
    [{ a: null }, ['a', 'b']],
    [{ a: 7 }, ['a', 'b']],
    [[1], ['0']],
    [[1], [1]],
    [[1], [-1]],
    [[1], [0.5]],
    [[1], ['length']],
    [{ a: 1 }, ['toString']],
    [{ a: 1 }, [null]],
  ])('applyFixups finds no place in %j at %j', (value, path) => {
    expect(reasonOf(value, [[path, null]])).toBe('a fix-up names a place that is not there');
  });

  it('applyFixups takes no place twice', () => {
    const row = [['a'], [0, half]];
    expect(reasonOf({ a: '\ufffd' }, [row, row])).toBe('two fix-ups name one place');
    const second = [['b'], [0, half]];
    expect(reasonOf({ a: '\ufffd', b: '\ufffd' }, [row, second])).toBe('none');
  });

  it.each([
    ['text', 'of something else than keys and values'],
    [{}, 'of something else than keys and values'],
    [['a'], 'of something else than keys and values'],
    [['a', 1, 'b'], 'of something else than keys and values'],
    [[1, 1], 'with a bad key'],
    [['a', 1, 'a', 2], 'with a bad key'],
    [['a', 1, null, 2], 'with a bad key'],
  ])('applyFixups makes no object of %j', (value, reason) => {
    expect(reasonOf([value], [[[0], null]])).toBe(`a fix-up makes an object ${reason}`);
  });

  it('applyFixups keeps a key that is called __proto__ an ordinary member', () => {
    const made = applyFixups(['__proto__', 1, '__proto', 2], [[[], null]]) as object;
    expect(Object.keys(made)).toEqual(['__proto__', '__proto']);
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it.each([
    [7, [0, half]],
    [['\ufffd'], [0, half]],
    ['\ufffd', 'no list'],
    ['\ufffd', [0]],
    ['\ufffd', [0, half, 1]],
  ])('applyFixups puts no half into %j by %j', (value, halves) => {
    expect(reasonOf(value, [[[], halves]])).toBe(
      'a fix-up puts half characters into something else than a string',
    );
  });

  it.each([
    [[1, half]],
    [[-1, half]],
    [['0', half]],
    [[0.5, half]],
    [[9, half]],
    [[0, 0xd7ff]],
    [[0, 0xe000]],
    [[0, '\ud83d']],
    [[2, half, 0, half]],
    [[2, half, 2, half]],
  ])('applyFixups puts no half where none was: %j', (halves) => {
    expect(reasonOf('\ufffda\ufffd', [[[], halves]])).toBe(
      'a fix-up puts a half character where none was',
    );
  });
});
