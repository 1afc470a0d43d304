/** Finding entries in a long history without reading it: the ladder of bases, and life without one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { emptyVouched } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { encodeBase, ladderBehind, readBase } from '../../src/history/base-frame.ts';
import type { Base, BasePlace } from '../../src/history/base-frame.ts';
import { BlockIndex } from '../../src/history/block-index.ts';
import type { Placed } from '../../src/history/block-index.ts';
import { encodeLoss } from '../../src/history/history-frames.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import type { LooseFrame } from '../../src/journal/batch.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import { CountedReads } from '../helpers/counted-reads.ts';

const path = '/sessions/s/history';
const key = new Uint8Array(16).fill(1);
const firstHead: Head = {
  number: 1,
  salt: 7n,
  generation: 1,
  incarnation: key,
  attached: null,
  vouched: emptyVouched,
  baseOffset: 0,
  damage: null,
  isNameUnproven: false,
  sessionId: 's',
  title: '',
  messages: 0,
  createdMs: 1,
  updatedMs: 1,
};

beforeAll(() => initChecksum());

function frame(type: number, streamSeq: number, payload: Uint8Array): LooseFrame {
  return { type, key, streamSeq, journalSeq: 0, timeMs: 1, payload, payloadHash: xxh64(payload) };
}

interface Built {
  readonly disk: SimDisk;
  readonly head: Head;
  readonly places: readonly Placed[];
  readonly bases: readonly BasePlace[];
}

/** So many stretches of a few entries, each with its base; now and then a loss in between. */
async function build(stretches: number, seed: number): Promise<Built> {
  const prng = Prng.fromSeed(seed);
  const disk = SimDisk.create(1);
  disk.makeDirectory('/sessions/s');
  const parts = { fileSystem: disk.fileSystem('maker'), clock: disk.clock };
  const history = await HistoryFile.create(parts, path, firstHead);
  const index = new BlockIndex(null);
  const places: Placed[] = [];
  const bases: BasePlace[] = [];
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const frames: LooseFrame[] = [];
    let { seq } = history.head.vouched;
    for (let count = 1 + prng.below(6); count > 0; count -= 1) {
      if (prng.chance(0.1)) {
        const range = { from: seq + 1, to: seq + 4 };
        frames.push(frame(streamFrameType.loss, range.to, encodeLoss(range)));
        seq += 4;
      }
      seq += 1;
      frames.push(frame(eventFrameType.custom, seq, new Uint8Array(prng.below(60_000))));
    }
    const { number, earlier } = index.next;
    const appended = await history.append(frames, key, {}, ({ offset, ...at }, placed) => {
      const base = { place: { ...at, number, offset }, ...at, fold: key, notes: [], earlier };
      const payload = encodeBase({ ...base, blocks: index.with(placed) });
      return frame(streamFrameType.base, at.seq, payload);
    });
    const place = { number, seq, offset: history.head.baseOffset };
    index.take(index.with(appended.placed), { place, earlier });
    places.push(...appended.placed);
    bases.push(place);
  }
  const { head } = history;
  await history.close();
  return { disk, head, places, bases };
}

/** Finds every entry, with an index that has read nothing yet, and says what the worst one read. */
async function findAll({ disk, head, places }: Built): Promise<number> {
  const counted = new CountedReads(disk.fileSystem('reader'));
  const file = await counted.fileSystem.open(path, 'read');
  const newest = await readBase(file, head, head.baseOffset);
  let worst = 0;
  for (const { seq, offset } of places) {
    const before = counted.reads;
    const block = await new BlockIndex(newest).find(file, head, seq);
    worst = Math.max(worst, counted.reads - before);
    expect(block.from).toBeLessThanOrEqual(offset);
    expect(block.to).toBeGreaterThan(offset);
    expect(block.previousSeq).toBeLessThan(seq);
    expect(block.nextSeq).toBeGreaterThan(seq);
  }
  await file.close();
  return worst;
}

describe('BlockIndex', () => {
  it('find comes to every entry of a hundred stretches over few bases', async () => {
    const built = await build(100, 1);
    // One base for each bit of 100, and the one that the search begins with.
    expect(await findAll(built)).toBeLessThanOrEqual(8);
  });

  it('find walks forward and back over losses without missing or repeating an entry', async () => {
    const { disk, head, places } = await build(30, 2);
    const file = await disk.fileSystem('reader').open(path, 'read');
    const index = new BlockIndex(await readBase(file, head, head.baseOffset));
    const expected = places.map(({ seq }) => seq);
    const seen = (from: number, to: number): number[] =>
      places.filter(({ offset }) => offset >= from && offset < to).map(({ seq }) => seq);
    const forth: number[] = [];
    for (let seq = 1; seq <= head.vouched.seq; ) {
      const block = await index.find(file, head, seq);
      forth.push(...seen(block.from, block.to));
      expect(block.nextSeq).toBeGreaterThan(seq);
      seq = block.nextSeq;
    }
    expect(forth).toEqual(expected);
    const back: number[] = [];
    for (let seq = head.vouched.seq; seq >= 1; ) {
      const block = await index.find(file, head, seq);
      back.unshift(...seen(block.from, block.to));
      expect(block.previousSeq).toBeLessThan(seq);
      seq = block.previousSeq;
    }
    expect(back).toEqual(expected);
    await file.close();
  });

  it('find does without any base but the newest', async () => {
    const built = await build(20, 3);
    const whole = built.disk.readFile(path);
    for (const base of built.bases.slice(0, -1)) {
      const bytes = whole.slice();
      bytes[base.offset + 70] = (bytes[base.offset + 70] ?? 0) ^ 1;
      built.disk.writeFile(path, bytes);
      await findAll(built);
    }
    const none = whole.slice();
    for (const base of built.bases.slice(0, -1)) none.fill(0, base.offset, base.offset + 64);
    built.disk.writeFile(path, none);
    await findAll(built);
  });
});

describe('ladderBehind', () => {
  it('names the newest earlier base for each power of two, and leads anywhere in few steps', () => {
    let newest: Pick<Base, 'place' | 'earlier'> | null = null;
    for (let number = 1; number <= 300; number += 1) {
      const earlier = ladderBehind(newest);
      const expected = new Set<number>();
      for (let step = 1; step < number; step *= 2) {
        expected.add(Math.floor((number - 1) / step) * step);
      }
      expect(earlier.map((place) => place.number)).toEqual(
        [...expected].filter((one) => one > 0).sort((one, two) => two - one),
      );
      newest = { place: { number, seq: number, offset: number * 8 }, earlier };
    }
  });
});
