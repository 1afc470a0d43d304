/** A base is taken only when everything in it holds together, wherever it stands in its file. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { encodeFrame, frameBytes } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { emptyVouched } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { decodePayload, encodePayload } from '../../src/format/payload.ts';
import { decodeBase, encodeBase, readBase } from '../../src/history/base-frame.ts';
import type { Base } from '../../src/history/base-frame.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { streamKey, writerId } from '../helpers/segment-image.ts';

const offset = fileHeaderBytes + 64_000;
const place = { number: 5, seq: 9, offset };

function baseWith(told: Partial<Base> = {}): Uint8Array {
  return encodeBase({
    place,
    chain: 0xan,
    batchChecksum: 0xbn,
    fold: new Uint8Array(8),
    notes: [{ timeMs: 1, note: { writer: writerId, kept: null, inDoubt: null, cutBytes: 0 } }],
    earlier: [],
    blocks: { seqs: [], offsets: [] },
    ...told,
  });
}

const fields = {
  type: streamFrameType.base,
  key: streamKey,
  streamSeq: place.seq,
  journalSeq: 0,
  timeMs: 1,
};

function frameOf(payload: Uint8Array): Frame {
  const rest = { payloadBytes: payload.length, payloadHash: 0n, checksum: 0n };
  return { ...fields, offset, ...rest, payload };
}

/** Whether a base is taken whose payload has these members. */
function isTaken(members: Record<string, unknown>): boolean {
  const value = decodePayload(baseWith()) as Record<string, unknown>;
  return decodeBase(frameOf(encodePayload({ ...value, ...members }, ''))) !== null;
}

beforeAll(initChecksum);

describe('decodeBase', () => {
  it('gives back what was written', () => {
    const earlier = [
      { number: 4, seq: 9, offset: offset - 8 },
      { number: 2, seq: 3, offset: fileHeaderBytes },
    ];
    const blocks = { seqs: [1, 9], offsets: [fileHeaderBytes, offset - 8] };
    const found = decodeBase(frameOf(baseWith({ earlier, blocks })));
    expect(found).toMatchObject({ place, chain: 0xan, batchChecksum: 0xbn, earlier, blocks });
    expect(found?.notes).toHaveLength(1);
  });

  it.each([
    ['one at the same place', [[4, 8, offset]], false],
    ['one of the same number', [[5, 8, offset - 8]], false],
    ['one of a later entry', [[4, 10, offset - 8]], false],
    ['one of the same entry', [[4, 9, offset - 8]], true],
    [
      'two that do not fall',
      [
        [3, 8, 9000],
        [3, 7, 8900],
      ],
      false,
    ],
    [
      'two that fall',
      [
        [3, 8, 9000],
        [2, 8, 8900],
      ],
      true,
    ],
    ['number 0', [[0, 8, 9000]], false],
    ['no number', [['x', 8, 9000]], false],
    ['no row', [7], false],
    ['no list', 7, false],
  ])('looks at earlier bases: %s', (_what, earlier, expected) => {
    expect(isTaken({ earlier })).toBe(expected);
  });

  it.each([
    ['chain', [0xan, 'a', 'A'.repeat(16), 7, ['000000000000000a'], null, `${'0'.repeat(16)}a`]],
    ['batchChecksum', ['', 'g'.repeat(16), ['000000000000000a']]],
    ['notes', [7, [7], [[1, 7]], [['x', new Uint8Array(56)]], [[1, new Uint8Array(55)]]]],
    ['version', [0, 2, '1']],
    ['number', [0, -1, 1.5, '1']],
    ['seqs', [7, [1], [9, 10], [-1], ['1']]],
    ['offsets', [7, [offset], [1]]],
  ])('refuses a wrong %s', (name, wrongs) => {
    for (const wrong of wrongs) {
      if (typeof wrong === 'bigint') continue;
      expect(isTaken({ [name]: wrong }), JSON.stringify(wrong)).toBe(false);
    }
    expect(isTaken({})).toBe(true);
  });

  it('wants blocks that rise, below the base itself', () => {
    expect(isTaken({ seqs: [1, 2], offsets: [10, 20] })).toBe(true);
    expect(isTaken({ seqs: [2, 2], offsets: [10, 20] })).toBe(false);
    expect(isTaken({ seqs: [1, 2], offsets: [20, 20] })).toBe(false);
    expect(isTaken({ seqs: [1, 2], offsets: [10] })).toBe(false);
    expect(isTaken({ seqs: [0], offsets: [0] })).toBe(true);
    expect(isTaken({ seqs: [9], offsets: [offset - 1] })).toBe(true);
  });
});

describe('readBase', () => {
  const head: Head = {
    number: 1,
    salt: 7n,
    generation: 1,
    incarnation: streamKey,
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

  /** A history with one base in it, and what is read there when so much is vouched for. */
  async function found(
    foldBytes: number,
    told: { missing?: number; at?: number; key?: Uint8Array },
  ) {
    const payload = baseWith({ fold: new Uint8Array(foldBytes).fill(3) });
    const end = offset + frameBytes(payload.length);
    const bytes = new Uint8Array(end + 4096);
    const own = { ...fields, key: told.key ?? streamKey, payloadHash: xxh64(payload) };
    encodeFrame(bytes, offset, { salt: 7n, offset }, own, payload);
    const disk = SimDisk.create(1);
    disk.writeFile('/history', bytes);
    const file = await disk.fileSystem().open('/history', 'read');
    const vouched = { ...emptyVouched, endOffset: end - (told.missing ?? 0) };
    return readBase(file, { ...head, vouched }, told.at ?? offset);
  }

  it.each([10, 60_000, 70_000, 1_000_000])(
    'reads one with a fold of %i bytes',
    async (foldBytes) => {
      const base = await found(foldBytes, {});
      expect(base?.fold).toEqual(new Uint8Array(foldBytes).fill(3));
    },
  );

  it('reads nothing that is not vouched for, of another session, or no base', async () => {
    expect(await found(10, { missing: 8 })).toBeNull();
    expect(await found(70_000, { missing: 8 })).toBeNull();
    expect(await found(10, { at: offset + 8 })).toBeNull();
    expect(await found(10, { at: offset + 4 })).toBeNull();
    expect(await found(10, { at: 10_000_000 })).toBeNull();
    expect(await found(10, { key: writerId })).toBeNull();
  });
});
