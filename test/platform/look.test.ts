/** When looking is given up, and taken up again. */
import { describe, expect, it } from 'vitest';
import { Look } from '../../src/platform/look.ts';

/** How many chances are passed over until it is looked again. */
function passedOver(look: Look): number {
  let count = 0;
  while (!look.pays()) count += 1;
  return count;
}

describe('Look', () => {
  it('looks at every chance as long as it finds', () => {
    const look = new Look();
    for (let count = 0; count < 5; count += 1) {
      expect(look.pays()).toBe(true);
      look.found();
    }
  });

  it('passes over twice as many chances after each miss, at most 64', () => {
    const look = new Look();
    const passed = Array.from({ length: 9 }, () => {
      look.missed();
      return passedOver(look);
    });
    expect(passed).toEqual([2, 4, 8, 16, 32, 64, 64, 64, 64]);
  });

  it('looks at every chance again after one find', () => {
    const look = new Look();
    for (let count = 0; count < 4; count += 1) look.missed();
    look.found();
    expect(passedOver(look)).toBe(0);
    look.missed();
    expect(passedOver(look)).toBe(2);
  });
});
