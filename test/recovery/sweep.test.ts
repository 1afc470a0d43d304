/**
 * Every byte of a small store, harmed in three ways: the rest of the file zeroed, the file cut, one bit
 * flipped. Never a wrong message; what was acknowledged and is gone is named; everything else goes on.
 *
 * HOLDFAST_SWEEP_STRIDE=1 takes every offset, which takes long; by default every so many, and besides
 * the edges of every frame and block.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCase } from '../helpers/sweep.ts';
import type { Outcome } from '../helpers/sweep.ts';
import { coverOf } from '../helpers/sweep-cover.ts';
import type { Cover } from '../helpers/sweep-cover.ts';
import { sweepStore } from '../helpers/sweep-store.ts';
import type { SweepStore } from '../helpers/sweep-store.ts';

const stride = Number(process.env['HOLDFAST_SWEEP_STRIDE'] ?? 97);
const modes = ['zeroed', 'cut', 'flipped'] as const;
type Mode = (typeof modes)[number];

const names = [
  '0000000001.segment',
  '0000000002.segment',
  'a/history',
  'b/history',
  'c/history',
  'writers',
  'store.json',
  'LOCK',
  'GATE',
] as const;

let store: SweepStore;
let cover: (path: string, offset: number) => Cover;
const counts = new Map<string, number>();

beforeAll(async () => {
  store = await sweepStore();
  cover = coverOf(store);
});

function count(kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** A flip where something vouches for the byte is refused; where nothing does, it is in doubt. */
function covered(by: Cover, outcome: Outcome): void {
  count(`flipped in ${by}: ${outcome}`);
  if (by === 'another byte') expect(outcome).not.toBe('beyond evidence');
  else expect(outcome).toBe(by === 'an entry of the last batch' ? 'in doubt' : 'damaged');
}

afterAll(() => {
  const lines = [...counts.keys()].sort().map((kind) => `  ${kind}: ${counts.get(kind)}`);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(`sweep, stride ${stride}: ${total} cases\n${lines.join('\n')}\n`);
});

/** The bytes of the harmed file; null when that is how they were. */
function harm(bytes: Uint8Array, mode: Mode, offset: number): Uint8Array | null {
  if (mode === 'cut') return bytes.slice(0, offset);
  const harmed = bytes.slice();
  if (mode === 'flipped') {
    harmed[offset] = (harmed[offset] ?? 0) ^ (1 << ((offset * 5) % 8));
    return harmed;
  }
  // Zeroed from here is the same as zeroed from the next byte when this one is zero.
  if (harmed[offset] === 0) return null;
  return harmed.fill(0, offset);
}

function offsetsOf(path: string, bytes: Uint8Array): readonly number[] {
  const offsets = new Set<number>();
  for (let at = 0; at < bytes.length; at += stride) offsets.add(at);
  const edges = [0, 1, 4088, 4095, 4096, 8184, 8191, 8192, bytes.length - 1];
  for (const frame of store.frames) {
    if (frame.path !== path) continue;
    const { offset, end } = frame;
    edges.push(offset, offset + 1, offset + 5, offset + 63, offset + 64, end - 9, end - 1);
  }
  for (const [id, { end }] of store.vouched) {
    if (path.endsWith(`/${id}/history`)) edges.push(end - 1, end, end + 1, end + 70);
  }
  for (const edge of edges) if (edge >= 0 && edge < bytes.length) offsets.add(edge);
  return [...offsets].sort((one, other) => one - other);
}

async function sweep(path: string, mode: Mode): Promise<void> {
  const bytes = store.disk.readFile(path);
  for (const offset of offsetsOf(path, bytes)) {
    const harmed = harm(bytes, mode, offset);
    let outcome: Outcome | 'as the next one' = 'as the next one';
    if (harmed !== null) {
      const disk = store.disk.clone();
      disk.writeFile(path, harmed);
      try {
        const result = await runCase(store, disk, path);
        outcome = result.outcome;
        if (mode === 'flipped') covered(cover(path, offset), outcome);
        // Cut behind its last frame, as the next segment proves, it is damaged and nothing is lost.
        const isCut = mode === 'cut' && path.endsWith('.segment');
        if (isCut) expect(result.journalDamaged).toBe(true);
        if (isCut && outcome !== 'damaged') expect(outcome).toBe('whole');
      } catch (error) {
        throw new Error(`${path} ${mode} at ${offset}: ${String(error)}`, { cause: error });
      }
    }
    count(`${mode}, ${outcome}`);
  }
}

describe.each(modes)('a file %s at any offset', (mode) => {
  it.each(names)(
    '%s: no wrong message, and every loss is named',
    async (name) => {
      for (const path of store.disk.paths()) {
        if (path.endsWith(`/${name}`)) await sweep(path, mode);
      }
    },
    24 * 3600 * 1000,
  );
});
