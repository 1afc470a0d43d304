/**
 * Faults of torn writes and of rotten bytes in a dead writer's journal, by the names of the fault list.
 * Each line there is a test here; the sweep beside it takes every offset.
 */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import type { PlacedFrame } from '../helpers/recovery-lab.ts';

/** A killed writer with sessions `s` and `o`; the last batch is the second of two messages of `s`. */
async function torn(): Promise<{
  readonly lab: RecoveryLab;
  readonly batch: readonly PlacedFrame[];
}> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  await writer.append('s');
  await writer.append('o');
  await writer.appendAll('s', [
    { role: 'user', content: 'first of two' },
    { role: 'assistant', content: 'second of two' },
  ]);
  writer.kill();
  const frames = lab.frames(lab.segment(1));
  return { lab: lab.rebooted(), batch: frames.slice(-3) };
}

/** A killed writer whose entries up to the last but one are marked. */
async function marked(count = 5): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  await writer.append('o');
  for (let made = 0; made < count; made += 1) await writer.append('s');
  writer.kill();
  return lab.rebooted();
}

/** The last batch is absent as a whole, everything before it is there, and it is told. */
async function expectCut(lab: RecoveryLab): Promise<void> {
  const report = await lab.recover();
  expect(report.verdict).toBe('healed');
  expect(report.writers).toMatchObject([{ verdict: 'torn' }]);
  const readings = await lab.read();
  expect(readings.get('s')?.messages).toEqual(lab.sent.get('s')?.slice(0, 1));
  expect(readings.get('o')?.messages).toEqual(lab.sent.get('o'));
}

/** Exactly these entries of `s` are named as lost, `o` is whole, and salvage has the rest. */
async function expectLost(lab: RecoveryLab, from: number, to: number | null): Promise<void> {
  const salvaged = await lab.rebooted().salvage('/salvaged', 's');
  expect(salvaged.sessions).toMatchObject([{ id: 's', lost: [{ from, to }] }]);
  const readings = await lab.read();
  expect(lostOf(readings.get('s'), 's')).toEqual([{ from, to }]);
  expect(readings.get('o')?.messages).toEqual(lab.sent.get('o'));
}

describe('torn writes', () => {
  it('F01 torn-header: whatever byte of the last batch begins to be zeros, it is absent', async () => {
    const { lab, batch } = await torn();
    const [first] = batch;
    for (let at = first?.offset ?? 0; at < (first?.offset ?? 0) + 64; at += 1) {
      const one = lab.rebooted();
      one.zero(first?.path ?? '', at);
      if (at > (first?.offset ?? 0)) await expectCut(one);
      else expect((await one.read()).get('s')?.messages).toEqual(lab.sent.get('s')?.slice(0, 1));
    }
  });

  it('F02 torn-payload: cut at any byte of a payload, the batch is absent', async () => {
    const { lab, batch } = await torn();
    const [first] = batch;
    for (let at = (first?.offset ?? 0) + 64; at < (first?.end ?? 0); at += 1) {
      const one = lab.rebooted();
      one.zero(first?.path ?? '', at);
      await expectCut(one);
    }
  });

  it('F03 torn-commit: without its commit the whole batch is absent, and in doubt by name', async () => {
    const { lab, batch } = await torn();
    const commit = batch[2];
    for (const at of [
      commit?.offset ?? 0,
      (commit?.offset ?? 0) + 60,
      (commit?.offset ?? 0) + 100,
    ]) {
      const one = lab.rebooted();
      one.flip(commit?.path ?? '', at);
      expect((await one.scan()).sessions).toMatchObject([
        { id: 'o', inDoubt: null },
        { id: 's', inDoubt: { from: 2, to: 3 } },
      ]);
      await expectCut(one);
    }
    lab.zero(commit?.path ?? '', commit?.offset ?? 0);
    await expectCut(lab);
  });

  it('F04 hole-in-batch: later bytes without the earlier ones are no part of a batch', async () => {
    const { lab, batch } = await torn();
    const [first, second] = batch;
    const one = lab.rebooted();
    one.zero(first?.path ?? '', first?.offset ?? 0, first?.end);
    expect((await one.scan()).sessions).toMatchObject([{}, { inDoubt: { from: 2, to: 3 } }]);
    await expectCut(one);
    lab.zero(second?.path ?? '', second?.offset ?? 0, (second?.offset ?? 0) + 40);
    await expectCut(lab);
  });

  it('F05 size-without-data: zeros where the batch should be are free space', async () => {
    const { lab, batch } = await torn();
    const [first] = batch;
    lab.zero(first?.path ?? '', first?.offset ?? 0);
    const report = await lab.recover();
    // Nothing is left that tells of it: no part of it was ever there.
    expect(report.writers).toMatchObject([{ verdict: 'unclean', cut: { bytes: 0 } }]);
    expect((await lab.read()).get('s')?.messages).toEqual(lab.sent.get('s')?.slice(0, 1));
    expect(lab.disk.paths().some((path) => path.includes('/quarantine/'))).toBe(false);
  });

  it('F05 size-without-data: expectAtLeast turns what no evidence tells into damage', async () => {
    const { lab, batch } = await torn();
    lab.zero(batch[0]?.path ?? '', batch[0]?.offset ?? 0);
    const report = await lab.recover({ expectAtLeast: { s: 3, o: 1 } });
    expect(report.sessions).toMatchObject([
      { id: 'o', verdict: 'healed' },
      { id: 's', verdict: 'damaged', lost: [{ from: 2, to: 3 }] },
    ]);
    // Who expected more is told; nobody can prove it, so nothing of it is written down.
    const writer = await lab.writer('next', ['s']);
    expect(
      await lab.machine.run(writer.session('s').append({ role: 'user', content: 'on' })),
    ).toEqual({ seq: 2 });
  });

  it('F07 stale-bytes: frames of another file, session or writer in the tail are no frames', async () => {
    const { lab, batch } = await torn();
    const [first] = batch;
    const other = await marked(8);
    const path = first?.path ?? '';
    const at = first?.offset ?? 0;
    const stale = other.disk.readFile(other.segment(1)).subarray(at, at + 1200);
    lab.change(path, (bytes) => {
      bytes.fill(0, at).set(stale, at);
      return bytes;
    });
    await expectCut(lab);
  });

  it('F08 payload-contains-WAL-image: a copy of the log inside a message is never a frame', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    await writer.append('s');
    const image = lab.disk.readFile(
      lab.disk.paths().find((path) => path.includes('.segment')) ?? '',
    );
    await writer.append('s', {
      role: 'user',
      content: [{ type: 'file', bytes: image.slice(8192, 9600) }],
    } as unknown as Message);
    await writer.append('s');
    await writer.append('s');
    writer.kill();
    const whole = lab.rebooted();
    expect((await whole.read()).get('s')?.messages).toEqual(lab.sent.get('s'));
    // Damage in front of it: the search for survivors walks over the copy, wherever it begins.
    const second = lab.entry(2);
    expect(second.end - second.offset).toBeGreaterThan(1400);
    for (const offset of [second.offset + 3, second.offset + 80]) {
      const harmed = lab.rebooted();
      harmed.flip(second.path, offset);
      await expectLost(harmed, 2, 2);
    }
  });

  it('F09 exact-boundary truncation: zeros behind a commit below the mark are damage', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    await writer.append('s');
    lab.holdHistory('s');
    await writer.fill('s', 2);
    writer.kill();
    lab.release();
    const sealed = lab.segment(1);
    const commit = lab.commits(sealed)[3];
    const lost = lab.entries(sealed).filter((frame) => frame.offset >= (commit?.end ?? 0));
    const reads = lab.rebooted();
    reads.zero(sealed, commit?.end ?? 0);
    await expectLost(reads, lost[0]?.streamSeq ?? 0, lost.at(-1)?.streamSeq ?? 0);
    const cut = lab.rebooted();
    cut.cut(sealed, commit?.end ?? 0);
    await expectLost(cut, lost[0]?.streamSeq ?? 0, lost.at(-1)?.streamSeq ?? 0);
  });

  it('F10 entry larger than a segment, torn at each 4 KiB, is absent and harms nothing', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    await writer.append('s');
    lab.holdHistory('s');
    await writer.append('s', { role: 'user', content: 'large '.repeat(16000) });
    writer.kill();
    lab.release();
    const large = lab.entry(-1);
    expect(large.end - large.offset).toBeGreaterThan(90_000);
    for (let at = large.offset + 4096; at < large.end; at += 4096) {
      const one = lab.rebooted();
      one.zero(large.path, at);
      await expectCut(one);
    }
    expect((await lab.rebooted().read()).get('s')?.messages).toEqual(lab.sent.get('s'));
  });

  it('F11 zero-length and all-zero entries are entries like any other', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    const zeros = { type: 'blob', bytes: new Uint8Array(2000) };
    await writer.append('s', { role: 'user', content: '' });
    await writer.append('s', { role: 'user', content: [zeros] } as unknown as Message);
    await writer.append('s', { role: 'user', content: [] });
    writer.kill();
    expect((await lab.rebooted().read()).get('s')?.messages).toEqual(lab.sent.get('s'));
    const blob = lab.entry(2);
    lab.flip(blob.path, blob.offset + 1000);
    await expectLost(lab, 2, 2);
  });
});

describe('rotten bytes below the mark', () => {
  it('F12 bit flip in each byte of an acknowledged frame and its commit: exactly it is lost', async () => {
    const lab = await marked();
    const second = lab.entry(2);
    const commit = lab.commits(second.path).find((frame) => frame.offset >= second.end);
    for (let at = second.offset; at < second.end; at += 1) {
      const one = lab.rebooted();
      one.flip(second.path, at);
      expect((await one.scan()).sessions).toMatchObject([{}, { lost: [{ from: 2, to: 2 }] }]);
    }
    for (let at = second.end; at < (commit?.end ?? 0); at += 1) {
      const one = lab.rebooted();
      one.flip(second.path, at);
      const report = await one.scan();
      // Without its commit nothing but W says that the entry was durable; that is enough.
      expect(report.writers).toMatchObject([{ verdict: 'damaged' }]);
      expect(report.sessions).toMatchObject([{ lost: [] }, { lost: [] }]);
    }
    lab.flip(second.path, second.offset + 70);
    await expectLost(lab, 2, 2);
  });

  it('F13 a zeroed sector in the middle of the log is damage, and is named', async () => {
    const lab = await marked(12);
    const third = lab.entry(3);
    const from = Math.ceil(third.offset / 512) * 512;
    const named = lab
      .entries(third.path)
      .filter((frame) => frame.offset < from + 512 && frame.end > from)
      .map((frame) => frame.streamSeq);
    lab.zero(third.path, from, from + 512);
    await expectLost(lab, named[0] ?? 0, named.at(-1) ?? 0);
  });

  it('F14 the last batch: damage with a mark behind it, in doubt without', async () => {
    const doubtful = await marked();
    const last = doubtful.entry(-1);
    doubtful.flip(last.path, last.offset + 70);
    expect((await doubtful.recover()).sessions).toMatchObject([
      { id: 'o', inDoubt: null },
      { id: 's', verdict: 'healed', inDoubt: { from: 5, to: 5 }, lost: [] },
    ]);
    const next = await doubtful.writer('next', ['s']);
    expect(next.session('s').recoveries).toMatchObject([{ inDoubt: { from: 5, to: 5 } }]);

    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    await writer.append('s');
    await writer.append('s');
    // Quiet for a while: the writer tells what is durable.
    await lab.machine.pass(200);
    writer.kill();
    const frame = lab.entry(-1);
    lab.flip(frame.path, frame.offset + 70);
    await expectLost(lab, 2, 2);
  });

  it('F16 the first record, or the first segment header: what cannot be read is named', async () => {
    const lab = await marked();
    const first = lab.frames(lab.segment(1))[0];
    const origin = lab.rebooted();
    origin.flip(first?.path ?? '', (first?.offset ?? 0) + 70);
    const report = await origin.recover();
    expect(report.writers).toMatchObject([{ verdict: 'damaged' }]);
    expect((await origin.read()).get('s')?.messages).toEqual(lab.sent.get('s'));
    for (const block of [0, 4096]) lab.flip(first?.path ?? '', block + 20);
    const readings = await lab.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: 1, to: null }]);
    expect(lostOf(readings.get('o'), 'o')).toEqual([{ from: 1, to: null }]);
  });

  it('F17 misdirected write: a valid frame in the wrong place, or file, is no frame', async () => {
    const lab = await marked();
    const [second, fourth] = [lab.entry(2), lab.entry(4)];
    lab.change(second.path, (bytes) => {
      bytes.set(bytes.slice(fourth.offset, fourth.end), second.offset);
      return bytes;
    });
    await expectLost(lab, 2, 2);

    const other = await RecoveryLab.start();
    const writer = await other.writer('w', ['s', 'o']);
    await writer.append('o');
    await writer.append('s');
    other.holdHistory('s');
    await writer.fill('s', 2);
    writer.kill();
    other.release();
    const [one, two] = [other.segment(1), other.segment(2)];
    const from = other.entries(one)[2];
    const place = other.frames(two)[2];
    const bytes = other.disk.readFile(one).slice(from?.offset, from?.end);
    other.change(two, (into) => {
      into.set(bytes, place?.offset ?? 0);
      return into;
    });
    const report = await other.recover();
    expect(report.writers).toMatchObject([{ verdict: 'torn' }]);
    const { messages } = (await other.read()).get('s') ?? {};
    expect(messages).toEqual(other.sent.get('s')?.slice(0, -1));
  });

  it('F18 duplicated, swapped, renamed and missing segments are damage, never a wrong order', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    await writer.append('s');
    lab.holdHistory('s');
    await writer.fill('s', 3);
    await writer.append('s');
    writer.kill();
    lab.release();
    const [one, two, three] = [lab.segment(1), lab.segment(2), lab.segment(3)];
    const seqs = (path: string): number[] => lab.entries(path).map((frame) => frame.streamSeq);
    const firstOf = (path: string): number => seqs(path)[0] ?? 0;
    const lastOf = (path: string): number => seqs(path).at(-1) ?? 0;

    const duplicated = lab.rebooted();
    duplicated.disk.writeFile(two, lab.disk.readFile(one));
    const range = { from: firstOf(two), to: lastOf(two) };
    expect(lostOf((await duplicated.read()).get('s'), 's')).toEqual([range]);

    const swapped = lab.rebooted();
    swapped.disk.writeFile(two, lab.disk.readFile(three));
    swapped.disk.writeFile(three, lab.disk.readFile(two));
    expect(lostOf((await swapped.read()).get('s'), 's')?.[0]?.from).toBe(firstOf(two));

    const renamed = lab.rebooted();
    renamed.disk.writeFile(three.replace('0000000003', '0000000007'), lab.disk.readFile(three));
    renamed.disk.removePath(three);
    expect(lostOf((await renamed.read()).get('s'), 's')?.[0]?.from).toBe(firstOf(three));

    const missing = lab.rebooted();
    missing.disk.removePath(two);
    const readings = await missing.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: firstOf(two), to: lastOf(two) }]);
    // A frame is gone that nothing names (it introduced a session): it may have been one of `o`.
    expect(lostOf(readings.get('o'), 'o')).toEqual([{ from: 2, to: null }]);
  });
});
