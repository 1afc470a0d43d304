/** The digests against published vectors and against their own other path. */
import { beforeAll, describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { initChecksum, sha256Hex, xxh64 } from '../../src/format/checksum.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

it('xxh64 refuses to run before initChecksum', () => {
  expect(() => xxh64(ascii('abc'))).toThrow(AssertionError);
});

describe('with the library ready', () => {
  beforeAll(async () => {
    await initChecksum();
  });

  it('initChecksum does its work once, however often it is called', async () => {
    expect(initChecksum()).toBe(initChecksum());
    await initChecksum();
  });

  it('xxh64 matches the published vectors', () => {
    expect(xxh64(ascii(''))).toBe(0xef46db3751d8e999n);
    expect(xxh64(ascii('abc'))).toBe(0x44bc2cf5ad770999n);
    expect(xxh64(ascii('abc'), 0n)).toBe(xxh64(ascii('abc')));
  });

  it('xxh64 depends on the seed, up to its highest bit', () => {
    const seeds = [0n, 1n, 1n << 63n, (1n << 64n) - 1n];
    expect(new Set(seeds.map((seed) => xxh64(ascii('abc'), seed))).size).toBe(seeds.length);
  });

  it('xxh64 of a large input does not depend on how it is cut into updates', () => {
    // The expected value was computed in one call of the library, which the module avoids here.
    const large = new Uint8Array(2 * 1024 * 1024 + 17).map((_, index) => (index * 31) & 0xff);
    const before = xxh64(large, 7n);
    expect(before).toBe(0xa7238b0c0e37e64en);
    large[1024 * 1024] = 1 ^ (large[1024 * 1024] ?? 0);
    expect(xxh64(large, 7n)).not.toBe(before);
  });

  it('xxh64 reads a view from its own offset', () => {
    expect(xxh64(ascii('xxabcxx').subarray(2, 5))).toBe(xxh64(ascii('abc')));
  });

  it('xxh64 refuses what the library would hash wrongly in silence', () => {
    for (const wrong of ['abc', [1, 2], new ArrayBuffer(3), new Uint16Array(3), undefined]) {
      expect(() => xxh64(wrong as unknown as Uint8Array)).toThrow(AssertionError);
    }
  });

  it('sha256Hex matches the published vectors', () => {
    expect(sha256Hex(ascii(''))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(sha256Hex(ascii('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
