/**
 * The rules of recovery about what stands in a journal, one by one, by the names that the recovery
 * table in ARCHITECTURE.md gives them. R15 was superseded: recovery writes entries beyond the mark
 * into the histories instead of logging them again.
 */
import { describe, expect, it } from 'vitest';
import { frameType } from '../../src/format/control.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import { killed, killedInSecond, expectWhole, withFrame } from './rules-lab.ts';

/** The next batch is written but for its last eight bytes, for which there is no room. */
function failAfterWrite(): NonNullable<RecoveryLab['disk']['beforeOperation']> {
  let written = 0;
  return ({ kind, path, at = 0, length = 0 }) => {
    // A mark, which nobody waits for, is smaller; the zeros of a new segment are more.
    const isBatch = length > 150 && length < 4096;
    const isOurs = kind === 'write' && path.includes('.segment') && at > 8192;
    if (!isOurs || !(isBatch || written > 0)) return undefined;
    written += 1;
    if (written === 1) return { shortWrite: length - 8 };
    return written === 2 ? { errno: 'ENOSPC' } : undefined;
  };
}

describe('rules of recovery', () => {
  it('R1 a journal that ends with its close frame is closed, and its sessions open', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s'], { lockWaitMs: 50 });
    await writer.append('s');
    // Somebody holds the gate: the journal is closed and stays, for the next start to remove.
    const gate = lab.disk.locks('other').tryLock(`${labRoot}/GATE`);
    await writer.close();
    gate?.release();
    const report = await lab.recover();
    expect(report.writers).toMatchObject([{ state: 'closed', verdict: 'closed' }]);
    expect(report.verdict).toBe('healed');
    expect(lab.segments()).toEqual([]);
    await expectWhole(lab);
  });

  it('R2 bad bytes beyond the mark in the last segment are a torn tail, cut and kept', async () => {
    const lab = await killed(3);
    const last = lab.entry(-1);
    lab.flip(last.path, last.end + 70);
    const bytes = lab.segmentEnd(1) - last.offset;
    const report = await lab.recover();
    expect(report.verdict).toBe('healed');
    expect(report.writers).toMatchObject([{ verdict: 'torn', cut: { entries: 1 } }]);
    expect(report.writers[0]?.cut.bytes).toBe(bytes);
    expect(report.sessions).toMatchObject([{ id: 's', inDoubt: { from: 3, to: 3 }, lost: [] }]);
    expect(report.findings.map((one) => one.code)).toContain('TORN_TAIL');
    const kept = lab.disk.paths().filter((path) => path.includes('/quarantine/torn-'));
    expect(kept).toHaveLength(1);
    expect(await lab.messages('s')).toEqual(lab.sent.get('s')?.slice(0, 2));
  });

  it('R3 a bad frame at or below the mark is damage, unless the history holds it', async () => {
    const lab = await killed(4);
    const second = lab.entry(1);
    lab.flip(second.path, second.offset + 70);
    const report = await lab.recover();
    expect(report.sessions).toMatchObject([{ verdict: 'damaged', lost: [{ from: 2, to: 2 }] }]);
    const damage = report.findings.find(
      (one) => one.code === 'DAMAGED_FRAME' && one.offset !== null,
    );
    expect(damage?.file).toBe(second.path.slice(labRoot.length + 1));
    expect(damage?.offset).toBe(second.offset);
    expect(lostOf((await lab.read()).get('s'), 's')).toEqual([{ from: 2, to: 2 }]);

    const settled = await RecoveryLab.start();
    const writer = await settled.writer('w', ['s']);
    for (let made = 0; made < 3; made += 1) await writer.append('s');
    await writer.settle('s');
    await writer.append('s');
    writer.kill();
    const place = settled.entry(1);
    settled.flip(place.path, place.offset + 70);
    expect((await settled.recover()).sessions).toMatchObject([{ verdict: 'healed', lost: [] }]);
    await expectWhole(settled);
  });

  it('R4 bad bytes in a sealed segment are damage, unless the history holds them', async () => {
    const lab = await killedInSecond();
    const settled = lab.rebooted();
    const first = settled.entry(0);
    settled.flip(first.path, first.offset + 70);
    expect((await settled.recover()).sessions.map((one) => one.lost)).toEqual([[], []]);
    await expectWhole(settled);

    const last = lab.entries(lab.segment(1)).at(-1) ?? first;
    lab.flip(last.path, last.offset + 70);
    const readings = await lab.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: last.streamSeq, to: last.streamSeq }]);
    expect(readings.get('o')?.messages).toEqual(lab.sent.get('o'));
  });

  it('R5 bytes that the next segment disowns are dead, whatever they look like', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    // Nearly the whole batch reaches the file, and then the write fails.
    lab.disk.beforeOperation = failAfterWrite();
    await expect(
      lab.machine.run(writer.session('s').append({ role: 'user', content: 'no' })),
    ).rejects.toMatchObject({ code: 'FULL' });
    // Settling would let the segment go.
    lab.holdHistory('s');
    await writer.append('s');
    await writer.append('s');
    writer.kill();
    lab.release();
    const report = await lab.recover();
    expect(report.verdict).toBe('healed');
    expect(report.findings.map((one) => one.code)).toContain('DEAD_BYTES');
    await expectWhole(lab);
  });

  it('R5 damage in front of dead bytes does not bring a refused entry to life', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    lab.disk.beforeOperation = failAfterWrite();
    const refused = writer.session('s').append({ role: 'user', content: 'no' });
    await expect(lab.machine.run(refused)).rejects.toMatchObject({ code: 'FULL' });
    lab.holdHistory('s');
    await writer.append('s');
    await writer.append('s');
    writer.kill();
    lab.release();
    const first = lab.entries(lab.segment(1))[0];
    lab.flip(first?.path ?? '', (first?.offset ?? 0) + 70);
    await lab.recover();
    expect(lostOf((await lab.read()).get('s'), 's')).toEqual([{ from: 1, to: 1 }]);
    await lab.acceptLoss('s');
    expect(await lab.messages('s')).toEqual(lab.sent.get('s')?.slice(1));
  });

  it('R6 a run of zeros is judged by the mark, never by its pattern', async () => {
    const beyond = await killed(3);
    const last = beyond.entry(-1);
    beyond.zero(last.path, last.offset + 8);
    expect((await beyond.recover()).writers).toMatchObject([{ verdict: 'torn' }]);
    const below = await killed(3);
    const first = below.entry(0);
    below.zero(first.path, first.offset + 8, below.entry(1).offset);
    const report = await below.recover();
    expect(report.sessions).toMatchObject([{ lost: [{ from: 1, to: 1 }] }]);
  });

  it('R11 a payload that does not decode under sound checksums has a code of its own', async () => {
    const lab = await withFrame({ type: 32, payload: new Uint8Array([0xc1]) });
    const reading = (await lab.read(['s'])).get('s');
    expect(reading?.error?.code).toBe('UNDECODABLE');
    const report = await lab.machine.recover({ mode: 'verify' });
    expect(report.findings.map((one) => one.code)).toContain('UNDECODABLE_PAYLOAD');
    // Nobody can open it, so nobody is told that all is well.
    expect(report).toMatchObject({ verdict: 'damaged', sessions: [{ verdict: 'damaged' }] });
    const salvaged = await lab.salvage('/salvaged');
    expect(salvaged.sessions).toMatchObject([{ id: 's', entries: 2, lost: [{ from: 3, to: 3 }] }]);
  });

  it('R14 a clean log has no torn tail: bytes behind its close frame are damage', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s'], { lockWaitMs: 50 });
    await writer.append('s');
    const gate = lab.disk.locks('other').tryLock(`${labRoot}/GATE`);
    await writer.close();
    gate?.release();
    const path = lab.segment(1);
    const close = lab.frames(path).at(-1);
    expect(close?.type).toBe(frameType.close);
    lab.change(path, (bytes) => bytes.fill(9, close?.end, (close?.end ?? 0) + 40));
    const report = await lab.recover();
    expect(report.writers).toMatchObject([{ verdict: 'damaged' }]);
    // All that was acknowledged is in the history: the session opens all the same.
    await expectWhole(lab);
  });

  it('R15 superseded: a whole batch beyond the mark is kept, and durable before it is told', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    // The sync fails once, and the pages stay in the cache, clean: the disk never gets them.
    lab.disk.failNext('sync', 'EIO');
    const refused = lab.machine.run(writer.session('s').append({ role: 'user', content: 'two' }));
    await expect(refused).rejects.toMatchObject({ code: 'POISONED' });
    writer.kill();
    const report = await lab.recover();
    expect(report.sessions).toMatchObject([{ kept: [{ from: 1, to: 2 }] }]);
    const after = lab.on(lab.disk.crash({ keep: 'none' }));
    expect(await after.messages('s')).toEqual([
      ...(lab.sent.get('s') ?? []),
      { role: 'user', content: 'two' },
    ]);
  });

  it('R17 no close frame and nothing bad is the normal crash: replayed, settled, healed', async () => {
    const lab = await killed(4);
    expect((await lab.scan()).verdict).toBe('healable');
    const report = await lab.recover();
    expect(report).toMatchObject({ verdict: 'healed', changed: true });
    expect(report.writers).toMatchObject([{ verdict: 'unclean', durableMark: 4, lastSeq: 5 }]);
    expect(report.findings.map((one) => one.code)).toEqual(['UNCLEAN_STOP']);
    expect(await lab.scan()).toMatchObject({ verdict: 'clean', findings: [] });
    await expectWhole(lab);
  });
});
