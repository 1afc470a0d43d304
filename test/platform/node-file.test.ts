/** The order of calls on one descriptor, with calls that the test lets finish. */
import { describe, expect, it } from 'vitest';
import { NodeFile } from '../../src/platform/node-file.ts';
import { inlineCalls } from '../../src/platform/system-calls.ts';

describe('NodeFile', () => {
  it('close leaves the descriptor open until the write under way has ended', async () => {
    const seen: string[] = [];
    let finish = (_count: number): void => undefined;
    const calls = {
      ...inlineCalls,
      write: () => new Promise<number>((resolve) => (finish = resolve)),
      close: async () => void seen.push('close'),
    };
    const file = new NodeFile(calls, -1, '/f');
    const written = file.write(new Uint8Array(1), 0).then(() => seen.push('written'));
    const closed = file.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
    finish(1);
    await Promise.all([written, closed]);
    expect(seen.toSorted()).toEqual(['close', 'written']);
  });

  it('write returns a short count as it is, and read goes on until the end', async () => {
    const reads = [3, 2, 0];
    const calls = {
      ...inlineCalls,
      write: async () => 2,
      read: async () => reads.shift() ?? 0,
      close: async () => undefined,
    };
    const file = new NodeFile(calls, -1, '/f');
    expect(await file.write(new Uint8Array(9), 0)).toBe(2);
    expect(await file.read(new Uint8Array(9), 0)).toBe(5);
    expect(reads).toEqual([]);
    await file.close();
  });
});
