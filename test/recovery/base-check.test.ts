/** A base that lies is found by whoever reads the whole history, whatever part of it is untrue. */
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeBase, encodeBase } from '../../src/history/base-frame.ts';
import type { Base } from '../../src/history/base-frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { BaseCheck } from '../../src/recovery/base-check.ts';
import { openReading } from '../../src/recovery/open-reading.ts';
import { readSession, walkStart } from '../../src/recovery/read-session.ts';
import { encodeFold } from '../../src/session/fold-value.ts';
import { newFold, undigested } from '../../src/session/fold.ts';
import type { Fold } from '../../src/session/fold.ts';
import type { Step } from '../../src/history/history-walk.ts';
import { basesOf, bothReadings, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { CountedReads } from '../helpers/counted-reads.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';

let lab: RecoveryLab;
let frame: Frame;
let base: Base;
let fold: Fold;
let step: Step;

/** A closed session with forty entries and the base behind them. */
beforeEach(async () => {
  lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 40; made += 1) await writer.append('s');
  await writer.close();
  const [found] = basesOf(lab.disk);
  const decoded = found === undefined ? null : decodeBase(found);
  if (found === undefined || decoded === null) throw new Error('There is no base');
  [frame, base] = [found, decoded];
  fold = (await bothReadings(lab.disk.fileSystem(), lab.disk)).whole.fold;
  const { chain, batchChecksum, place } = base;
  step = { condition: 'sound', batch: { ...walkStart, seq: place.seq, chain, batchChecksum } };
});

/** Offsets of the bases that do not hold, after this one was looked at. */
async function badAfter(
  change: Partial<Base> = {},
  told: { readonly step?: Step; readonly fold?: Fold; readonly blind?: boolean } = {},
): Promise<readonly number[]> {
  const file = await lab.disk.fileSystem().open(historyOf('s'), 'read');
  const check = new BaseCheck(file, headOf(lab.disk));
  if (told.blind === true) {
    const entry = { ...frame, type: eventFrameType.snapshot };
    await check.visit(entry, { ...step, condition: 'damaged' }, fold);
  }
  const payload = encodeBase({ ...base, ...change });
  await check.visit({ ...frame, payload }, told.step ?? step, told.fold ?? fold);
  await file.close();
  return check.finish();
}

describe('BaseCheck', () => {
  it('BaseCheck finds nothing wrong with a base that holds', async () => {
    expect(await badAfter()).toEqual([]);
    expect(base.blocks.seqs.length).toBeGreaterThan(0);
  });

  it('BaseCheck compares place, chain, checksum and state with what stands there', async () => {
    const bad = [frame.offset];
    const { batch } = step;
    for (const other of [
      { ...batch, seq: batch.seq - 1 },
      { ...batch, chain: 1n },
      { ...batch, batchChecksum: 1n },
    ]) {
      expect(await badAfter({}, { step: { ...step, batch: other } })).toEqual(bad);
    }
    expect(await badAfter({ chain: 1n })).toEqual(bad);
    expect(await badAfter({ batchChecksum: 1n })).toEqual(bad);
    expect(await badAfter({ fold: encodeFold(newFold()) })).toEqual(bad);
    expect(await badAfter({ fold: new Uint8Array(3) })).toEqual(bad);
    expect(await badAfter({}, { fold: newFold() })).toEqual(bad);
  });

  it('BaseCheck follows each offset of a block to the entry that it names', async () => {
    const bad = [frame.offset];
    const entries = framesOf(lab.disk).filter(({ type }) => type === eventFrameType.message);
    const { seqs, offsets } = base.blocks;
    const seq = seqs.at(0) ?? 0;
    const offset = offsets.at(0) ?? 0;
    expect(entries.some((entry) => entry.offset === offset && entry.streamSeq === seq)).toBe(true);
    const second = entries.find((entry) => entry.streamSeq === seq + 1)?.offset ?? 0;
    const blocks = (at: number, of = seq): Partial<Base> => {
      return { blocks: { seqs: [of, ...seqs.slice(1)], offsets: [at, ...offsets.slice(1)] } };
    };
    expect(await badAfter(blocks(offset))).toEqual([]);
    expect(await badAfter(blocks(second))).toEqual(bad);
    expect(await badAfter(blocks(second, seq + 1))).toEqual([]);
    expect(await badAfter(blocks(offset + 8))).toEqual(bad);
    expect(await badAfter(blocks(offset + 4))).toEqual(bad);
    const commit = framesOf(lab.disk).find(({ type }) => type === 1)?.offset ?? 0;
    expect(await badAfter(blocks(commit))).toEqual(bad);
  });

  it('BaseCheck cannot compare the state behind an entry that was passed over, and trusts the rest', async () => {
    expect(await badAfter({}, { blind: true, fold: newFold() })).toEqual([]);
    const offsets = base.blocks.offsets.map((offset) => offset + 8);
    expect(await badAfter({ blocks: { ...base.blocks, offsets } }, { blind: true })).toEqual([]);
    expect(await badAfter({ chain: 1n }, { blind: true })).toEqual([frame.offset]);
    expect(await badAfter({ fold: new Uint8Array(3) }, { blind: true })).toEqual([frame.offset]);
  });

  it('BaseCheck knows where blocks begin from the walk, and reads nothing again', async () => {
    expect(base.blocks.offsets.length).toBeGreaterThan(0);
    const counted = new CountedReads(lab.disk.fileSystem());
    const reading = await readSession(counted.fileSystem, historyOf('s'), headOf(lab.disk), null);
    expect(reading.badBases).toEqual([]);
    expect(counted.reads).toBe(1);
  });

  it('openReading compares a base that no head names, also for who wants no digest', async () => {
    const head = { ...headOf(lab.disk), baseOffset: 0 };
    const fileSystem = lab.disk.fileSystem();
    const reading = await openReading(fileSystem, historyOf('s'), head, null, undigested);
    expect(reading.badBases).toEqual([]);
    expect(reading.fold.contentDigest).toBe(fold.contentDigest);
  });

  it('finish names where the head says that a base is and none is, once', async () => {
    const file = await lab.disk.fileSystem().open(historyOf('s'), 'read');
    const head = headOf(lab.disk);
    expect(head.baseOffset).toBe(frame.offset);
    const at = (baseOffset: number): BaseCheck => new BaseCheck(file, { ...head, baseOffset });
    expect(at(frame.offset).finish()).toEqual([frame.offset]);
    expect(at(0).finish()).toEqual([]);
    const passedOver = at(frame.offset);
    await passedOver.visit(frame, { ...step, condition: 'damaged' }, fold);
    expect(passedOver.finish()).toEqual([frame.offset]);
    const other = at(9000);
    await other.visit({ ...frame, payload: encodeBase({ ...base, chain: 1n }) }, step, fold);
    expect(other.finish()).toEqual([frame.offset, 9000]);
    const entry = at(0);
    await entry.visit({ ...frame, type: eventFrameType.message }, step, fold);
    expect(entry.finish()).toEqual([]);
    await file.close();
  });
});
