/**
 * Every sequence of a session has exactly one fate in a report, wherever a journal file was cut
 * short (R18), and the text for people says the same.
 */
import { describe, expect, it } from 'vitest';
import type { SeqRange } from '../../src/base/errors.ts';
import { reportText } from '../../src/cli/report-text.ts';
import { styleFor } from '../../src/cli/talk.ts';
import type { RecoveryReport, SessionReport } from '../../src/recovery/report.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';

/** A killed writer: each session has settled entries, and others of which the end is not marked. */
async function killed(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['a', 'b']);
  for (const id of ['a', 'b', 'a']) await writer.append(id);
  await writer.settle('a');
  for (const id of ['b', 'a', 'b', 'a', 'b']) await writer.append(id);
  writer.kill();
  return lab.rebooted();
}

/** All fates that a report gives to one sequence. */
function fatesOf(session: SessionReport, seq: number): readonly string[] {
  const isIn = ({ from, to }: SeqRange): boolean => from <= seq && (to === null || seq <= to);
  const { kept, lost, inDoubt, lastSeq } = session;
  const first = [...kept, ...lost, ...(inDoubt === null ? [] : [inDoubt])].map(({ from }) => from);
  return [
    ...(seq <= lastSeq && seq < Math.min(lastSeq + 1, ...first) ? ['in the history'] : []),
    ...kept.filter(isIn).map(() => 'kept'),
    ...lost.filter(isIn).map(() => 'lost'),
    ...(inDoubt !== null && isIn(inDoubt) ? ['in doubt'] : []),
  ];
}

function expectOneFate(lab: RecoveryLab, report: RecoveryReport, when: string): void {
  for (const session of report.sessions) {
    const sent = lab.sent.get(session.id)?.length ?? 0;
    for (let seq = 1; seq <= sent; seq += 1) {
      expect(fatesOf(session, seq), `${when}, ${session.id} ${seq}`).toHaveLength(1);
    }
    const last = session.kept.at(-1)?.to ?? session.lastSeq;
    expect(session.inDoubt?.from ?? Number.POSITIVE_INFINITY, when).toBeGreaterThan(last ?? 0);
  }
  for (const { lastSeq, durableMark, verdict } of report.writers) {
    if (verdict !== 'damaged') expect(lastSeq, when).toBeGreaterThanOrEqual(durableMark);
  }
  expect(reportText(report, styleFor('plain')), when).not.toMatch(/journal seq 0, synced to [1-9]/);
}

describe('a journal file that was cut short', () => {
  it('R18 gives each sequence one fate, at every cut', async () => {
    const lab = await killed();
    const path = lab.segment(1);
    const size = lab.disk.readFile(path).length;
    const end = lab.segmentEnd(1);
    const ends = lab.frames(path).flatMap((frame) => [frame.offset, frame.end]);
    const cuts = Array.from({ length: Math.ceil(end / 8) + 2 }, (_, at) => at * 8);
    for (const cut of new Set([...cuts, ...ends.flatMap((at) => [at - 1, at, at + 1]), size - 1])) {
      const one = lab.rebooted();
      one.cut(path, cut);
      const when = `cut to ${cut} of ${size}`;
      const report = await one.scan();
      expect(report.verdict, when).toBe('damaged');
      expect(report.writers[0]?.verdict, when).toBe('damaged');
      expectOneFate(one, report, when);
      expect(await one.recover(), when).toMatchObject({ sessions: report.sessions });
    }
  });

  it('R18 tells how far a short file can be read, and that nobody knows how far it went', async () => {
    const lab = await killed();
    const path = lab.segment(1);
    const fifth = lab.entry(4);
    lab.cut(path, fifth.offset + 70);
    const report = await lab.scan();
    expect(report.findings.map(({ code }) => code)).toContain('SHORT_FILE');
    expect(report.writers).toMatchObject([{ lastSeq: fifth.journalSeq - 1 }]);
    const text = reportText(report, styleFor('plain'));
    expect(text).toMatch(/b .*\n.*kept .*\n.*lost +seq 3 to an unknown end; what of it was/);
    expect(text).not.toMatch(/in doubt|cut/);
  });

  it('R2 what is recognised in a torn tail is in doubt, and nothing else', async () => {
    const lab = await killed();
    const last = lab.entry(-1);
    lab.flip(last.path, last.offset + 70);
    const report = await lab.scan();
    expectOneFate(lab, report, 'torn');
    expect(report.sessions).toMatchObject([
      { id: 'a', inDoubt: null, lost: [] },
      { id: 'b', inDoubt: { from: 4, to: 4 }, lost: [] },
    ]);
  });

  it('R3 what the caller expects is lost, and not in doubt as well', async () => {
    const lab = await killed();
    const last = lab.entry(-1);
    lab.flip(last.path, last.offset + 70);
    const report = await lab.scan({ expectAtLeast: { b: 4 } });
    expectOneFate(lab, report, 'torn and expected');
    const told = report.findings.filter(({ severity }) => severity === 'error');
    expect(told.map(({ code }) => code)).toEqual(['BELOW_EXPECTED']);
    expect(report.sessions).toMatchObject([{}, { id: 'b', inDoubt: null, lost: [{ from: 4 }] }]);
  });

  it('opening answers IN_DOUBT to who expects what was cut, and DAMAGED beyond that', async () => {
    const lab = await killed();
    const last = lab.entry(-1);
    lab.flip(last.path, last.offset + 70);
    const opened = async (seq: number) => {
      const store = await lab.machine.open({ expectAtLeast: { b: seq } }, `expects ${seq}`);
      const session = lab.machine.run(store.openSession('b'));
      const result = await session.then(
        () => null,
        (error: unknown) => error,
      );
      await lab.machine.run(store.close());
      return result;
    };
    const details = { id: 'b', inDoubt: { from: 4, to: 4 }, expected: 4 };
    expect(await opened(4)).toMatchObject({ code: 'IN_DOUBT', details });
    expect(await opened(5)).toMatchObject({ code: 'DAMAGED' });
    expect(await opened(3)).toBe(null);
    const next = await lab.writer('next', ['b']);
    await next.append('b');
    await next.close();
    expect(await opened(4)).toBe(null);
  });
});
