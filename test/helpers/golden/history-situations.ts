/** Golden stores in which the history of a session is special, or harmed. */
import { fileHeaderBytes } from '../../../src/base/quantities.ts';
import { eventFrameType, streamFrameType } from '../../../src/session/frame-types.ts';
import { framesOf, historyOf } from '../base-lab.ts';
import { changeBlocks } from '../signed-changes.ts';
import type { RecoveryLab } from '../recovery-lab.ts';
import { addToHistory, begun, closed, never, say } from './situation.ts';
import type { Situation } from './situation.ts';

/** Closed twice, so that there are two bases; in front of the second one stands a restore point. */
async function withBases(lab: RecoveryLab): Promise<RecoveryLab> {
  const texts = (life: string) => Array.from({ length: 34 }, (_, at) => say(`${life} ${at}`));
  const first = await begun(lab);
  await first.appendAll('s', texts('first life'));
  await first.close();
  const second = await lab.writer('second', ['s']);
  await second.appendAll('s', texts('second life'));
  const taken = second.session('s').snapshots.take({ action: 'edit', label: 'before the base' });
  await lab.machine.run(taken);
  await second.close();
  return lab.rebooted();
}

/** Turns a bit of the last frame of a type in the history of `s`, or of the frame behind it. */
const rottenFrame =
  (type: number, part: 'payload' | 'commit behind it'): Situation =>
  async (empty) => {
    const lab = await withBases(empty);
    const frames = framesOf(lab.disk);
    const at = frames.findLastIndex((frame) => frame.type === type);
    const frame = frames[part === 'payload' ? at : at + 1];
    if (at < 0 || frame === undefined) throw new Error('There is no such frame');
    lab.flip(historyOf('s'), frame.offset + 70);
    return lab;
  };

const rottenHead =
  (blocks: readonly number[]): Situation =>
  async (empty) => {
    const lab = await closed(empty, 3);
    for (const block of blocks) lab.flip(historyOf('s'), block * 4096 + 60);
    return lab;
  };

/** An entry of a closed history whose payload rots: nothing else holds it. */
async function rottenBelow(empty: RecoveryLab): Promise<RecoveryLab> {
  const lab = await closed(empty, 4);
  const entry = framesOf(lab.disk).find(({ type, streamSeq }) => type < 0x80 && streamSeq === 2);
  lab.flip(historyOf('s'), (entry?.offset ?? 0) + 70);
  return lab;
}

/** Settling reached the data and not the head: what lies behind the vouched end never counted. */
async function scratchAbove(lab: RecoveryLab): Promise<RecoveryLab> {
  const writer = await begun(lab);
  await writer.settle('s');
  await writer.append('s');
  await writer.append('s');
  lab.disk.beforeOperation = ({ kind, at, path }) => {
    return kind === 'write' && path === historyOf('s') && at === 0 ? { errno: 'EIO' } : undefined;
  };
  const refused = await writer.settle('s').catch(String);
  if (typeof refused !== 'string') throw new Error('The head was written');
  lab.release();
  writer.kill();
  const dead = lab.rebooted();
  const end = dead.disk.readFile(historyOf('s')).length;
  dead.flip(historyOf('s'), end - 40);
  return dead;
}

/** Histories, by the name of their store. */
export const historySituations: Readonly<Record<string, Situation>> = {
  'bases-and-a-snapshot': withBases,
  'damaged-snapshot': rottenFrame(eventFrameType.snapshot, 'payload'),
  'damaged-base': rottenFrame(streamFrameType.base, 'payload'),
  'damaged-commit-of-a-base': rottenFrame(streamFrameType.base, 'commit behind it'),
  'rotten-head': rottenHead([0, 1]),
  'rotten-head-block': rottenHead([1]),
  'history-rotten-below-vouched': rottenBelow,
  'history-scratch-above-vouched': scratchAbove,
  'short-history': async (empty) => {
    const lab = await closed(empty, 3);
    lab.cut(historyOf('s'), fileHeaderBytes + 200);
    return lab;
  },
  'missing-history': async (empty) => {
    const lab = await closed(empty, 3);
    lab.disk.removePath(historyOf('s'));
    return lab;
  },
  'newer-major-head': async (empty) => {
    const lab = await closed(empty, 3);
    const newer = (view: DataView): void => view.setUint16(8, never.version, true);
    changeBlocks(lab, historyOf('s'), [0, 1], newer);
    return lab;
  },
  'unknown-mandatory-type-in-a-history': async (empty) => {
    const lab = await closed(empty, 3);
    const fields = { type: never.mandatoryType, takesSeq: true };
    await addToHistory(lab, fields, new Uint8Array([1, 2, 3]));
    return lab;
  },
  'unknown-ignorable-type-in-a-history': async (empty) => {
    const lab = await closed(empty, 3);
    const fields = { type: never.ignorableType, takesSeq: true };
    await addToHistory(lab, fields, new Uint8Array([1, 2, 3]));
    return lab;
  },
  'undecodable-payload': async (empty) => {
    const lab = await closed(empty, 3);
    await addToHistory(lab, { type: eventFrameType.message, takesSeq: true }, Uint8Array.of(0xc1));
    return lab;
  },
  'loss-accepted': async (empty) => {
    const lab = await rottenBelow(empty);
    await lab.acceptLoss('s');
    return lab.rebooted();
  },
};
