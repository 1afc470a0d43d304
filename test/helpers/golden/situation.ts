/** What a golden store is made of, and hands that several of them need. */
import { initChecksum } from '../../../src/format/checksum.ts';
import { frameType } from '../../../src/format/control.ts';
import { HistoryFile } from '../../../src/history/history-file.ts';
import { looseFrame } from '../../../src/recovery/replay.ts';
import type { Message } from '../../../src/session/message.ts';
import { headOf, historyOf } from '../base-lab.ts';
import { RecoveryLab } from '../recovery-lab.ts';
import type { LabWriter, PlacedFrame } from '../recovery-lab.ts';
import { SimMachine } from '../sim-store.ts';

/** Makes one store, step by step, on an empty disk, and gives the machine on which it stands. */
export type Situation = (lab: RecoveryLab) => Promise<RecoveryLab>;

/**
 * A number of a version, or of a type of frames, that no version will give: a fixture that shall be
 * newer stays newer for ever.
 */
export const never = { version: 0xffff, mandatoryType: 0x7e, ignorableType: 0xfe } as const;

/** An empty disk for one situation. The seed decides every id, salt and moment. */
export async function emptyLab(seed: number): Promise<RecoveryLab> {
  await initChecksum();
  return new RecoveryLab(await SimMachine.start(seed, { last: seed * 1000 }));
}

export const say = (content: string): Message => ({ role: 'user', content });

/** A writer with `s` and `o`; each has one entry, and the last two of the journal are unmarked. */
export async function begun(lab: RecoveryLab): Promise<LabWriter> {
  const writer = await lab.writer('w', ['s', 'o']);
  await writer.append('o');
  await writer.append('s');
  return writer;
}

/** Killed right after a batch of two entries of `s`, which nothing marks as durable. */
export async function killedInBatch(
  lab: RecoveryLab,
): Promise<{ readonly lab: RecoveryLab; readonly batch: readonly PlacedFrame[] }> {
  const writer = await begun(lab);
  await writer.appendAll('s', [say('first of the last batch'), say('second of the last batch')]);
  writer.kill();
  const batch = lab.frames(lab.segment(1)).slice(-3);
  if (batch.at(-1)?.type !== frameType.commit) throw new Error('The journal does not end so');
  return { lab: lab.rebooted(), batch };
}

/** Killed with `count` entries of `s` in a journal that ends without a mark for the last one. */
export async function killedAfter(lab: RecoveryLab, count: number): Promise<RecoveryLab> {
  const writer = await begun(lab);
  for (let made = 1; made < count; made += 1) await writer.append('s');
  writer.kill();
  return lab.rebooted();
}

/** Killed in segment `last`, with nothing of `s` in its history; `o` has all of its entries. */
export async function killedInSegment(lab: RecoveryLab, last: number): Promise<RecoveryLab> {
  const writer = await begun(lab);
  await writer.settle('o');
  lab.holdHistory('s');
  await writer.fill('s', last, 3000);
  await writer.append('s');
  writer.kill();
  lab.release();
  return lab.rebooted();
}

/** Both sessions closed, with `count` entries of `s` in its history. */
export async function closed(lab: RecoveryLab, count: number): Promise<RecoveryLab> {
  const writer = await begun(lab);
  for (let made = 1; made < count; made += 1) await writer.append('s');
  await writer.close();
  return lab.rebooted();
}

/** A frame with sound checksums at the end of the history of `s`, which the head vouches for. */
export async function addToHistory(
  lab: RecoveryLab,
  fields: { readonly type: number; readonly takesSeq: boolean },
  payload: Uint8Array,
): Promise<void> {
  const head = headOf(lab.disk);
  const parts = lab.machine.parts('hand');
  const history = await HistoryFile.open(parts, historyOf('s'), head, 'write');
  const streamSeq = head.vouched.seq + (fields.takesSeq ? 1 : 0);
  const frame = { type: fields.type, key: head.incarnation, streamSeq, timeMs: head.updatedMs };
  await history.append([looseFrame(frame, payload)], new Uint8Array(16));
  await history.close();
}
