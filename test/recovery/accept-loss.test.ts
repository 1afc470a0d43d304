/** Accepting a loss says exactly what is given up, before and after, and can be taken back. */
import { describe, expect, it } from 'vitest';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodeHead } from '../../src/format/head.ts';
import { isEntryType } from '../../src/format/control.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';

const history = `${labRoot}/sessions/s/history`;

/** Where the entries of the history stand, by their sequence. */
function placesIn(lab: RecoveryLab): ReadonlyMap<number, { offset: number; end: number }> {
  const bytes = lab.disk.readFile(history);
  const head = decodeHead(bytes.subarray(0, fileHeaderBytes));
  if ('kind' in head) throw new Error('The head is bad');
  const places = new Map<number, { offset: number; end: number }>();
  for (let offset = fileHeaderBytes; ; ) {
    const frame = decodeFrame(bytes, offset, { salt: head.salt, base: 0 });
    if (isFault(frame)) return places;
    const end = offset + frameBytes(frame.payload.length);
    if (isEntryType(frame.type)) places.set(frame.streamSeq, { offset, end });
    offset = end;
  }
}

/** A closed store with ten settled entries of `s`, of which the third and fourth rotted. */
async function rottenHistory(): Promise<{ lab: RecoveryLab; from: number; to: number }> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 10; made += 1) await writer.append('s');
  await writer.close();
  const places = placesIn(lab);
  const [from, to] = [places.get(3)?.offset ?? 0, places.get(4)?.end ?? 0];
  for (const seq of [3, 4]) lab.flip(history, (places.get(seq)?.offset ?? 0) + 9);
  return { lab, from, to };
}

const told = {
  session: 's',
  lost: [{ from: 3, to: 4 }],
  kept: [
    { from: 1, to: 2 },
    { from: 5, to: 10 },
  ],
  entries: 8,
  messages: 8,
};

describe('acceptLoss', () => {
  it('acceptLoss tells before and after which sequences and bytes are given up', async () => {
    const { lab, from, to } = await rottenHistory();
    const before = lab.disk.readFile(history);
    const dry = await lab.acceptLoss('s', { dryRun: true });
    expect(dry).toMatchObject({ verdict: 'damaged', changed: false, historiesRead: true });
    expect(dry.accepted).toMatchObject({ ...told, done: false, setAside: null });
    const { badBytes } = dry.accepted;
    expect(badBytes.every(({ file }) => file === 'sessions/s/history')).toBe(true);
    expect(badBytes[0]?.offset).toBe(from);
    const last = badBytes.at(-1);
    expect((last?.offset ?? 0) + (last?.bytes ?? 0)).toBe(to);
    expect(lab.disk.readFile(history)).toEqual(before);
    expect(lab.disk.paths().some((path) => path.includes('quarantine'))).toBe(false);

    const done = await lab.acceptLoss('s');
    expect(done).toMatchObject({ verdict: 'clean', changed: true });
    expect(done.accepted).toMatchObject({ ...told, badBytes, done: true });
    expect(lab.disk.readFile(`${labRoot}/${done.accepted.setAside}`)).toEqual(before);
    const reading = (await lab.read(['s'])).get('s');
    expect(reading?.messages).toHaveLength(8);
    const verified = await lab.machine.recover({ mode: 'verify' });
    const findings = verified.findings.filter(({ code }) => code === 'LOSS_ACCEPTED');
    expect(findings).toMatchObject([{ session: 's', message: expect.stringContaining('3 to 4') }]);
  });

  it('acceptLoss can be taken back with the file that it set aside', async () => {
    const { lab } = await rottenHistory();
    const { accepted } = await lab.acceptLoss('s');
    lab.disk.writeFile(history, lab.disk.readFile(`${labRoot}/${accepted.setAside}`));
    expect(lostOf((await lab.read(['s'])).get('s'), 's')).toEqual(told.lost);
    expect((await lab.acceptLoss('s')).accepted).toMatchObject({ ...told, done: true });
    // A loss that was accepted is no loss to accept, and it is not readable either.
    const again = await lab.acceptLoss('s');
    expect(again).toMatchObject({ changed: false });
    expect(again.accepted).toMatchObject({ lost: [], kept: told.kept, badBytes: [], done: false });
  });

  it('acceptLoss looks into the journal of a dead writer as well, and can be taken back there', async () => {
    const start = await RecoveryLab.start();
    const writer = await start.writer('w', ['s']);
    for (let made = 0; made < 5; made += 1) await writer.append('s');
    writer.kill();
    const lab = start.rebooted();
    const { path, offset } = lab.entry(2);
    lab.flip(path, offset + 70);
    const expected = {
      lost: [{ from: 3, to: 3 }],
      kept: [
        { from: 1, to: 2 },
        { from: 4, to: 5 },
      ],
      messages: 4,
    };
    const dry = await lab.acceptLoss('s', { dryRun: true });
    expect(dry.accepted).toMatchObject(expected);
    expect(dry.accepted.badBytes).toMatchObject([
      { file: path.slice(labRoot.length + 1), offset, reason: expect.stringContaining('payload') },
    ]);
    const { accepted } = await lab.acceptLoss('s');
    expect(accepted).toMatchObject({ ...expected, done: true });
    expect(accepted.badBytes).toMatchObject([{ offset }]);
    expect((await lab.read(['s'])).get('s')?.messages).toHaveLength(4);
    lab.disk.writeFile(history, lab.disk.readFile(`${labRoot}/${accepted.setAside}`));
    expect(lostOf((await lab.read(['s'])).get('s'), 's')).toEqual(expected.lost);
  });

  it('acceptLoss refuses a directory that is no store, and a session that is not there, untouched', async () => {
    const { lab } = await rottenHistory();
    await expect(lab.acceptLoss('nosuch')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(lab.acceptLoss('../s')).rejects.toMatchObject({ code: 'INVALID' });
    lab.disk.removePath(`${labRoot}/store.json`);
    await expect(lab.acceptLoss('s')).rejects.toMatchObject({ code: 'DAMAGED' });
  });
});
