/**
 * The rules of recovery about files: segments, headers, versions, histories, and reads that fail;
 * by the names that the recovery table in ARCHITECTURE.md gives them. R7 was superseded: a segment
 * gets its name only when it is complete.
 */
import { describe, expect, it } from 'vitest';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import { killed, killedInSecond, expectWhole, withFrame } from './rules-lab.ts';

describe('rules of recovery', () => {
  it('R7 superseded: a segment that was not complete has no name, and is swept', async () => {
    const lab = await killed(2);
    const aside = `${lab.segment(1).slice(0, -18)}.new-0000000002.segment-ab`;
    lab.disk.writeFile(aside, new Uint8Array(300).fill(7));
    const report = await lab.recover();
    expect(report.verdict).toBe('healed');
    await expectWhole(lab);
    expect(lab.disk.paths().some((path) => path.includes('.new-'))).toBe(false);
  });

  it('R8 two bad header blocks of a segment in use are damage; one is only told', async () => {
    const lab = await killedInSecond();
    const path = lab.segment(2);
    const lost = lab.entries(path).map((frame) => frame.streamSeq);
    lab.flip(path, 100);
    const one = lab.rebooted();
    const report = await one.recover();
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: 'DAMAGED_HEADER', severity: 'warning' }),
    );
    await expectWhole(one);
    lab.flip(path, 4196);
    const readings = await lab.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: lost[0], to: null }]);
    // Nobody knows what the lost segment held: whoever is attached to its writer is suspect.
    expect(lostOf(readings.get('o'), 'o')).toEqual([{ from: 4, to: null }]);
  });

  it('R9 a missing middle segment, or one of another journal, is damage', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    lab.holdHistory('s');
    await writer.fill('s', 3);
    await writer.append('s');
    writer.kill();
    lab.release();
    const seqs = lab.entries(lab.segment(2)).map((frame) => frame.streamSeq);
    const missing = lab.rebooted();
    missing.disk.removePath(lab.segment(2));
    const lost = [{ from: seqs[0], to: seqs.at(-1) }];
    const report = await missing.recover();
    expect(report.findings.map((one) => one.code)).toContain('MISSING_SEGMENT');
    expect(report.sessions).toMatchObject([{ lost }]);

    const other = await killedInSecond();
    const foreign = lab.rebooted();
    foreign.disk.writeFile(lab.segment(2), other.disk.readFile(other.segment(2)));
    expect((await foreign.recover()).sessions).toMatchObject([{ lost }]);
  });

  it('R10 a seal without its successor refuses; so does a writer without a segment', async () => {
    const lab = await killedInSecond();
    const from = lab.entries(lab.segment(2))[0]?.streamSeq;
    const tail = lab.rebooted();
    tail.disk.removePath(lab.segment(2));
    const report = await tail.scan();
    expect(report.findings.map((one) => one.code)).toContain('MISSING_SEGMENT');
    expect(lostOf((await tail.read()).get('s'), 's')).toEqual([{ from, to: null }]);

    for (const path of lab.segments()) lab.disk.removePath(path);
    const readings = await lab.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: 1, to: null }]);
    expect(lostOf(readings.get('o'), 'o')).toEqual([{ from: 4, to: null }]);
  });

  it('R12 a journal of a newer format is left alone with its sessions; others go on', async () => {
    const lab = await RecoveryLab.start();
    const first = await lab.writer('first', ['s']);
    await first.append('s');
    first.kill();
    const path = lab.segment(1);
    lab.makeNewer(path);
    const writer = await lab.writer('second', ['o']);
    await writer.append('o');
    writer.kill();
    const before = lab.disk.readFile(path);
    const report = await lab.recover();
    expect(report.verdict).toBe('unsupported');
    expect(lab.disk.readFile(path)).toEqual(before);
    const readings = await lab.read();
    expect(readings.get('s')?.error?.code).toBe('NEEDS_RECOVERY');
    expect(readings.get('o')?.messages).toEqual(lab.sent.get('o'));
    const next = await lab.writer('third', ['o']);
    await next.append('o');
    await next.close();
    expect(lab.disk.readFile(path)).toEqual(before);
    await expect(lab.acceptLoss('s')).rejects.toMatchObject({ code: 'NEEDS_RECOVERY' });
  });

  it('R13 a read that the machine refuses is trouble of the machine, never the end', async () => {
    const lab = await killed(3);
    const before = lab.content();
    lab.disk.beforeOperation = ({ kind, path }) => {
      return kind === 'read' && path.endsWith('.segment') ? { errno: 'EIO' } : undefined;
    };
    await expect(lab.recover()).rejects.toMatchObject({ code: 'IO' });
    expect((await lab.scan()).verdict).toBe('unreadable');
    expect(lab.content()).toEqual(before);
    lab.disk.beforeOperation = null;
    await expectWhole(lab);
  });

  it('R16 a damaged derived frame under a sound header is a warning', async () => {
    const lab = await withFrame({ type: 0x90, payload: new Uint8Array(64).fill(5) });
    const path = `${labRoot}/sessions/s/history`;
    const at = Buffer.from(lab.disk.readFile(path)).indexOf(Buffer.alloc(64, 5));
    lab.flip(path, at + 9);
    await expectWhole(lab);
    const report = await lab.machine.recover({ mode: 'verify' });
    expect(report.verdict).toBe('clean');
    expect(report.findings).toMatchObject([
      { code: 'DAMAGED_FRAME', severity: 'warning', offset: at - 64 },
    ]);
  });

  it('R18 a segment shorter than its header says is damage, whatever the mark says', async () => {
    const lab = await killed(3);
    const last = lab.entry(-1);
    lab.cut(last.path, last.offset);
    const report = await lab.recover();
    expect(report.findings.map((one) => one.code)).toContain('SHORT_FILE');
    expect(report.sessions).toMatchObject([{ verdict: 'damaged', lost: [{ from: 3, to: null }] }]);
  });

  it('R19 a bad history tail is settled again from a journal; without one it is damage', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let made = 0; made < 3; made += 1) await writer.append('s');
    const path = `${labRoot}/sessions/s/history`;
    // The data reach the history and its head does not: what lies there is scratch.
    lab.disk.beforeOperation = ({ kind, at, path: one }) => {
      return kind === 'write' && one === path && at === 0 ? { errno: 'EIO' } : undefined;
    };
    await expect(writer.settle('s')).rejects.toThrow();
    lab.disk.beforeOperation = null;
    writer.kill();
    lab.flip(path, 8192 + 70);
    await lab.recover();
    await expectWhole(lab);
    lab.flip(path, 8192 + 70);
    expect(lostOf((await lab.read()).get('s'), 's')).toEqual([{ from: 1, to: 1 }]);
  });
});
