/** Numbers for texts: those that a `Map` would give, in small tables and in large ones. */
import { describe, expect, test } from 'vitest';
import { KeyTable } from '../../src/base/key-table.ts';

/** Texts as ids are, near to each other and far apart. */
function textOf(number: number): string {
  const hex = (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const forms = [
    `${hex}-0000-4000-8000-${hex}${hex.slice(4)}`,
    `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`,
    `toolu_${number}`,
    `${'x'.repeat(number % 9)}Größe${number}`,
  ];
  return forms[number % forms.length] ?? '';
}

describe('KeyTable', () => {
  test.each([
    ['with a piece of the hash in its slots', 2 ** 24],
    ['with numbers alone', 0],
    ['that grows from one into the other', 1024],
  ])('gives every text one number, in a table %s', (_how, slotsMax) => {
    const table = new KeyTable(undefined, slotsMax);
    const known = new Map<string, number>();
    for (let at = 0; at < 20_000; at += 1) {
      const text = textOf(at % 2 === 0 ? at : Math.floor(at / 3));
      const number = known.get(text) ?? known.size;
      expect(table.find(text)).toBe(known.has(text) ? number : -1);
      known.set(text, number);
      expect(table.intern(text)).toBe(number);
    }
    for (const [text, number] of known) expect(table.find(text)).toBe(number);
    expect(table.size).toBe(known.size);
    expect(known.size).toBeGreaterThan(10_000);
  });

  test('tells kinds apart, and lengths', () => {
    const table = new KeyTable();
    const texts = ['', '\0', '\0\0', 'a', 'a\0', 'ab', 'ba'];
    const numbers = texts.flatMap((text) => [table.intern(text, 1), table.intern(text, 2)]);
    expect(new Set(numbers).size).toBe(2 * texts.length);
  });
});
