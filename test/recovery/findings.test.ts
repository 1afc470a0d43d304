/** A report has a bound, whatever is wrong with a store. */
import { describe, expect, it } from 'vitest';
import { HistoryFile } from '../../src/history/history-file.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import { headOf, historyOf } from '../helpers/base-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { signLastBatch } from '../helpers/signed-changes.ts';

describe('sessionFindings', () => {
  it('F49 sessionFindings lists a thousand that are alike, and counts the others', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    await writer.close();
    const head = headOf(lab.disk);
    const parts = lab.machine.parts('hand');
    const history = await HistoryFile.open(parts, historyOf('s'), head, 'write');
    const frames = Array.from({ length: 1500 }, (_, at) => {
      const key = head.incarnation;
      const fields = { type: eventFrameType.message, key, streamSeq: at + 2, timeMs: 0 };
      return looseFrame(fields, Uint8Array.of(0xc1));
    });
    await history.append(frames, new Uint8Array(16));
    await history.close();
    const { findings, verdict } = await lab.machine.recover({ mode: 'verify' });
    expect(verdict).toBe('damaged');
    expect(findings).toHaveLength(1001);
    expect(findings.at(-1)).toMatchObject({
      code: 'UNDECODABLE_PAYLOAD',
      severity: 'error',
      session: 's',
      message: '500 more of this kind are not listed',
    });
  });
});

describe('analyzeStreams', () => {
  it('F49 analyzeStreams counts what a mark claims in runs, however far it goes', async () => {
    const started = await RecoveryLab.start();
    const writer = await started.writer('w', ['s']);
    await writer.append('s');
    await writer.append('s');
    writer.kill();
    const lab = started.rebooted();
    signLastBatch(lab, (frame) => frame, { durableMark: 2 ** 53 - 2 });
    const report = await lab.scan();
    expect(report.verdict).toBe('damaged');
    expect(report.writers).toMatchObject([{ durableMark: 2 ** 53 - 2 }]);
    expect(report.sessions).toMatchObject([{ id: 's', lost: [{ from: 3, to: null }] }]);
  });
});
