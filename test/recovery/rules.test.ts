/**
 * The rules of recovery, one by one, by the names that the recovery table in ARCHITECTURE.md
 * gives them.
 * Two were superseded: R7, because a segment gets its name only when it is complete, and R15, because
 * recovery writes entries beyond the mark into the histories instead of logging them again.
 */
import { describe, expect, it } from 'vitest';
import { frameType } from '../../src/format/control.ts';
import { decodeHead } from '../../src/format/head.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';

/** A killed writer with `count` entries of session `s` in its journal, each in a batch of its own. */
async function killed(count: number): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < count; made += 1) await writer.append('s');
  writer.kill();
  return lab.rebooted();
}

/** The same with two segments, and `o`, which has entries only in the first one, settled. */
async function killedInSecond(): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  for (let made = 0; made < 3; made += 1) await writer.append('o');
  await writer.settle('o');
  await writer.append('s');
  lab.holdHistory('s');
  await writer.fill('s', 2);
  for (let made = 0; made < 3; made += 1) await writer.append('s');
  writer.kill();
  lab.release();
  return lab.rebooted();
}

async function expectWhole(lab: RecoveryLab, ids: readonly string[] = [...lab.sent.keys()]) {
  const readings = await lab.read(ids);
  for (const id of ids) expect(readings.get(id)?.messages).toEqual(lab.sent.get(id));
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

/** A closed session `s` with two messages, and a frame of the test's own behind them. */
async function withFrame(frame: {
  readonly type: number;
  readonly payload: Uint8Array;
}): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  await writer.append('s');
  await writer.append('s');
  await writer.close();
  const path = `${labRoot}/sessions/s/history`;
  const head = decodeHead(lab.disk.readFile(path));
  if ('kind' in head) throw new Error('The head is sound');
  const history = await HistoryFile.open(lab.machine.parts('hand'), path, head, 'write');
  const streamSeq = frame.type < 0x80 ? 3 : 2;
  const fields = { type: frame.type, key: head.incarnation, streamSeq, timeMs: 0 };
  await history.append([looseFrame(fields, frame.payload)], new Uint8Array(16));
  await history.close();
  expect(viewOf(frame.payload).byteLength).toBeGreaterThan(0);
  return lab;
}
