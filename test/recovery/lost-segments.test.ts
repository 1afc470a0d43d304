/**
 * The segment that was written last is gone (a file system check, a hand) and the blank one that was
 * made ahead of need is there: what was acknowledged is told as lost, and nobody opens short.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { segmentFacts, linkSegments } from '../../src/journal/journal-reader.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import { lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import type { LabWriter } from '../helpers/recovery-lab.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

const numberOf = (path: string): number => Number(path.slice(-18, -8));

/** A writer with one session that was quiet until its spare segment stood there. */
async function quiet(lab: RecoveryLab, fill: (writer: LabWriter) => Promise<void>): Promise<void> {
  const writer = await lab.writer('w', ['s', 'closed']);
  await writer.append('closed');
  await writer.closeSession('closed');
  await fill(writer);
  await lab.machine.pass(2000);
  writer.kill();
}

/** Scan, run and opening agree on what is lost; a session that was closed is not touched by it. */
async function expectLost(lab: RecoveryLab, from: number, when: string): Promise<void> {
  const lost = [{ from, to: null }];
  const scan = await lab.scan();
  expect(scan.verdict, when).toBe('damaged');
  expect(
    scan.findings.map(({ code }) => code),
    when,
  ).toContain('MISSING_SEGMENT');
  const report = await lab.recover();
  expect(report.verdict, when).toBe('damaged');
  expect(report.sessions.find(({ id }) => id === 's')?.lost, when).toEqual(lost);
  const readings = await lab.read();
  expect(lostOf(readings.get('s'), 's'), when).toEqual(lost);
  expect(readings.get('closed')?.messages, when).toEqual(lab.sent.get('closed'));
}

describe('F18 F19 R10 the newest segment is gone and its spare is there', () => {
  it('the only segment of a journal: everything that stood in it is told as lost', async () => {
    const lab = await RecoveryLab.start();
    await quiet(lab, async (writer) => {
      for (let made = 0; made < 3; made += 1) await writer.append('s');
    });
    expect(lab.segments().map(numberOf)).toEqual([1, 2]);
    lab.disk.removePath(lab.segment(1));
    await expectLost(lab, 1, 'segment 1');
  });

  it('the newest of several, after those in front of it went: the loss begins behind them', async () => {
    for (const count of [4, 13, 31]) {
      const lab = await RecoveryLab.start();
      await quiet(lab, async (writer) => {
        for (let made = 0; made < count; made += 1) await writer.append('s', 3000);
        await lab.machine.pass(2000);
        await writer.append('s');
      });
      const active = lab.segments().map(numberOf).at(-2) ?? 0;
      const held = lab.entries(lab.segment(active)).map(({ streamSeq }) => streamSeq);
      const settled = lab.rebooted();
      settled.disk.removePath(lab.segment(active + 1));
      expect((await settled.recover()).verdict, `${count}: the spare alone`).toBe('healed');
      expect(await settled.messages('s')).toEqual(lab.sent.get('s'));
      lab.disk.removePath(lab.segment(active));
      const seq = lab.sent.get('s')?.length ?? 0;
      expect(held).toContain(seq);
      const from = (await lab.scan()).sessions.find(({ id }) => id === 's')?.lost[0]?.from ?? 0;
      expect(from).toBeGreaterThan(0);
      expect(from).toBeLessThanOrEqual(seq);
      await expectLost(lab, from, `${count}: segment ${active}`);
    }
  });
});

describe('linkSegments and a blank segment', () => {
  beforeAll(initChecksum);

  function link(images: readonly SegmentImage[], spares?: 'kept' | 'removed'): JournalFacts {
    const facts = images.map(({ header, bytes }) => segmentFacts('/j', header.number, bytes));
    return linkSegments('/j', facts, spares);
  }

  const blank = (number: number): SegmentImage => new SegmentImage({ number, salt: 77n });
  const first = (): SegmentImage => new SegmentImage().origin().batch(text('one'));

  it('finds nothing missing where each has the one in front of it', () => {
    expect(link([blank(1)]).firstProblem).toBeNull();
    expect(link([blank(1), blank(2)]).firstProblem).toBeNull();
    expect(link([first(), blank(2)]).firstProblem).toBeNull();
    // One that was left behind by its writer before anything stood in it, and the next one.
    expect(link([first(), blank(2), blank(3)]).firstProblem).toBeNull();
    // What stands in it let the ones in front of it go.
    const last = new SegmentImage({ number: 4 });
    last.firstSegment = 4;
    expect(link([last.origin(), blank(5)]).firstProblem).toBeNull();
  });

  it('finds the one in front of it missing, at the start, behind others, behind a torn tail', () => {
    const gone = (number: number): object => {
      const reason = `segment ${number}, which was in use before ${number + 1} was made, is not there`;
      return {
        missing: { number, reason },
        firstProblem: { kind: 'missing', segment: number, offset: 0, reason, inLastSegment: false },
      };
    };
    expect(link([blank(2)])).toMatchObject(gone(1));
    expect(link([blank(2), blank(3)])).toMatchObject(gone(1));
    expect(link([blank(7)])).toMatchObject(gone(6));
    expect(link([first(), blank(3)])).toMatchObject(gone(2));
    expect(link([first(), blank(2), blank(4)])).toMatchObject(gone(3));
    const torn = first();
    torn.bytes.fill(0xee, torn.offset, torn.offset + 24);
    expect(link([torn, blank(3)])).toMatchObject({
      missing: { number: 2 },
      firstProblem: { kind: 'tail', segment: 1 },
    });
  });

  it('knows of a writer that takes blank ones away when it goes on', () => {
    expect(link([first(), blank(3)], 'removed').firstProblem).toBeNull();
    expect(link([first(), blank(3), blank(5)], 'removed').missing).toBeNull();
    expect(link([blank(2)], 'removed').missing).toMatchObject({ number: 1 });
  });
});
