/** Writers that were killed, for the rules of recovery. */
import { expect } from 'vitest';
import { decodeHead } from '../../src/format/head.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

/** A killed writer with `count` entries of session `s` in its journal, each in a batch of its own. */
export async function killed(count: number): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < count; made += 1) await writer.append('s');
  writer.kill();
  return lab.rebooted();
}

/** The same with two segments, and `o`, which has entries only in the first one, settled. */
export async function killedInSecond(): Promise<RecoveryLab> {
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

/** Every session reads as what was sent to it. */
export async function expectWhole(lab: RecoveryLab, ids: readonly string[] = [...lab.sent.keys()]) {
  const readings = await lab.read(ids);
  for (const id of ids) expect(readings.get(id)?.messages).toEqual(lab.sent.get(id));
}

/** A closed session `s` with two messages, and a frame of the test's own behind them. */
export async function withFrame(frame: {
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
