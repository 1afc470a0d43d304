/** A bare log with damage in it: refused, told exactly, and read up to the loss. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { logDirectory, openLog, payloadOf, upTo } from '../helpers/wal-lab.ts';
import { fill, failure, segment } from './wal-steps.ts';

describe('Wal', () => {
  beforeAll(initChecksum);

  it('Wal refuses damage below the mark, and says where and what', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 3);
    await wal.close();
    const bytes = disk.readFile(segment(1));
    const at = 8192 + 64 + 56 + 64 + 8;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    disk.writeFile(segment(1), bytes);
    const before = disk.paths();
    const error = await failure(openLog(disk));
    expect(error.code).toBe('DAMAGED');
    expect(error.details).toMatchObject({ file: segment(1) });
    expect(error.message).toContain('lost');
    expect(disk.paths()).toEqual(before);
    // Refusing leaves no lock behind.
    expect((await failure(openLog(disk))).code).toBe('DAMAGED');
  });

  it('Wal misses segments that were there, and a head that is not what it was', async () => {
    const disk = SimDisk.create(1);
    for (const [from, to] of [
      [1, 3],
      [4, 6],
    ] as const) {
      const wal = await openLog(disk);
      await fill(wal, from, to);
      await wal.close();
    }
    const newest = disk.clone();
    newest.removePath(segment(2));
    const error = await failure(openLog(newest));
    expect(error.code).toBe('DAMAGED');
    expect(error.details).toMatchObject({
      file: segment(2),
      sessions: [{ lost: [{ from: 4, to: null }] }],
    });
    const all = disk.clone();
    for (const number of [1, 2]) all.removePath(segment(number));
    expect((await failure(openLog(all))).code).toBe('DAMAGED');
    const head = disk.clone();
    head.writeFile(`${logDirectory}/head`, new Uint8Array(56));
    expect((await failure(openLog(head))).details).toMatchObject({ file: `${logDirectory}/head` });
    head.removePath(`${logDirectory}/head`);
    expect((await openLog(head)).lastSeq).toBe(6);
  });

  it('Wal takes a log that is shorter than expected for damaged', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 3);
    await wal.close();
    const error = await failure(openLog(disk, { expectAtLeast: 5 }));
    expect(error.code).toBe('DAMAGED');
    expect(error.details).toMatchObject({ sessions: [{ lost: [{ from: 4, to: 5 }] }] });
    expect(error.message).toContain('(lost: 4 to 5)');
    const one = await failure(openLog(disk, { expectAtLeast: 4 }));
    expect(one.message).toContain('(lost: 4)');
    expect((await openLog(disk, { expectAtLeast: 3 })).lastSeq).toBe(3);
    expect((await failure(openLog(SimDisk.create(2), { expectAtLeast: 1 }))).code).toBe('DAMAGED');
  });

  it('Wal in mode read shows a damaged log up to the loss, says what is lost, and never ends there', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 60, 1000);
    await wal.close();
    const expected = (seq: number): Uint8Array => payloadOf(seq, 1000);
    const hurt = disk.clone();
    const bytes = hurt.readFile(segment(2));
    const at = bytes.findIndex((byte, index) => index > 9000 && byte !== 0);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    hurt.writeFile(segment(2), bytes);
    const refused = await failure(openLog(hurt));
    expect(refused.message).toContain('in mode "read"');
    const before = hurt.changes;
    const left = await openLog(hurt, { mode: 'read' });
    expect(left.recovery.verdict).toBe('damaged');
    const { damage } = left.recovery;
    expect(damage).toMatchObject({ file: segment(2), lost: [{ from: left.lastSeq + 1 }] });
    expect(refused.details).toMatchObject({ sessions: [{ lost: damage?.lost }] });
    expect(left.lastSeq).toBeGreaterThanOrEqual(5);
    expect(left.lastSeq).toBeLessThan(60);
    const seqs: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const entry of left.read()) {
        expect(entry.bytes).toEqual(expected(entry.seq));
        seqs.push(entry.seq);
      }
    };
    const error = await failure(reading());
    expect(error).toMatchObject({ code: 'DAMAGED', details: { file: segment(2) } });
    expect(seqs).toEqual(upTo(left.lastSeq));
    const part: number[] = [];
    for await (const { seq } of left.read({ from: 3, to: left.lastSeq })) part.push(seq);
    expect(part).toEqual(upTo(left.lastSeq, 3));
    expect(hurt.changes).toBe(before);

    const headless = disk.clone();
    headless.writeFile(`${logDirectory}/head`, new Uint8Array(56));
    const all = await openLog(headless, { mode: 'read' });
    expect(all.recovery).toMatchObject({ verdict: 'damaged', damage: { lost: [] } });
    expect(all.lastSeq).toBe(60);
  });
});
