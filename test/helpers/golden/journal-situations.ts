/** Golden stores in which a journal was left by a dead writer, or harmed. */
import { fileHeaderBytes } from '../../../src/base/quantities.ts';
import type { Message } from '../../../src/session/message.ts';
import { changeBlocks, signLastBatch } from '../signed-changes.ts';
import type { RecoveryLab } from '../recovery-lab.ts';
import { begun, killedAfter, killedInBatch, killedInSegment, never, say } from './situation.ts';
import type { Situation } from './situation.ts';

/** Zeros from this place in the last batch to the end of the file. */
const tornAt =
  (frame: number, byte: number): Situation =>
  async (empty) => {
    const { lab, batch } = await killedInBatch(empty);
    const { path, offset } = placeOf(batch, frame);
    lab.zero(path, offset + byte);
    return lab;
  };

function placeOf<T>(all: readonly T[], at: number): T {
  const one = all.at(at);
  if (one === undefined) throw new Error(`There is no frame ${at}`);
  return one;
}

/** All is marked as durable: the writer was quiet for a while, and told so. */
async function killedWhenQuiet(lab: RecoveryLab): Promise<RecoveryLab> {
  const writer = await begun(lab);
  await writer.append('s');
  await lab.machine.pass(200);
  writer.kill();
  return lab.rebooted();
}

/** Removes one segment of three. */
const withoutSegment =
  (number: number): Situation =>
  async (empty) => {
    const lab = await killedInSegment(empty, 3);
    lab.disk.removePath(lab.segment(number));
    return lab;
  };

/** Turns a bit of both blocks of a header, or of one. */
const rottenHeader =
  (blocks: readonly number[]): Situation =>
  async (empty) => {
    const lab = await killedAfter(empty, 3);
    for (const block of blocks) lab.flip(lab.segment(1), block * 4096 + 20);
    return lab;
  };

/** The disk was full behind all but the last bytes of a batch; the writer went on elsewhere. */
async function abandonedSegment(lab: RecoveryLab): Promise<RecoveryLab> {
  const writer = await begun(lab);
  let written = 0;
  lab.disk.beforeOperation = ({ kind, path, at = 0, length = 0 }) => {
    const isOurs = kind === 'write' && path.includes('.segment') && at > fileHeaderBytes;
    // A mark, which nobody waits for, is smaller; the zeros of a new segment are more.
    if (!isOurs || !((length > 150 && length < 4096) || written > 0)) return undefined;
    written += 1;
    if (written === 1) return { shortWrite: length - 8 };
    return written === 2 ? { errno: 'ENOSPC' } : undefined;
  };
  const refused = await lab.machine.run(writer.session('s').append(say('refused'))).catch(String);
  if (typeof refused !== 'string') throw new Error('There was room');
  lab.holdHistory('s');
  await writer.append('s');
  await writer.append('s');
  writer.kill();
  lab.release();
  return lab.rebooted();
}

/** An agent printed its own journal; the entry behind the copy is damaged. */
async function logImage(lab: RecoveryLab): Promise<RecoveryLab> {
  const writer = await begun(lab);
  const bytes = lab.disk.readFile(lab.segment(1)).slice(fileHeaderBytes, fileHeaderBytes + 1024);
  const image = { role: 'user', content: [{ type: 'file', bytes }] } as unknown as Message;
  await writer.append('s', image);
  await writer.append('s');
  await writer.append('s');
  writer.kill();
  const dead = lab.rebooted();
  const harmed = dead.entry(-2);
  dead.flip(harmed.path, harmed.offset + 9);
  return dead;
}

/** Journals, by the name of their store. */
export const journalSituations: Readonly<Record<string, Situation>> = {
  'unclean-stop': (lab) => killedAfter(lab, 3),
  'torn-header': tornAt(0, 20),
  'torn-payload': tornAt(1, 70),
  'torn-commit': tornAt(2, 90),
  'nul-run-at-the-tail': tornAt(0, 0),
  'hole-in-a-batch': async (empty) => {
    const { lab, batch } = await killedInBatch(empty);
    const { path, offset, end } = placeOf(batch, 0);
    lab.zero(path, offset, end);
    return lab;
  },
  'flipped-bit-acknowledged': async (empty) => {
    const lab = await killedAfter(empty, 4);
    const { path, offset } = lab.entry(-2);
    lab.flip(path, offset + 70);
    return lab;
  },
  'flipped-bit-in-doubt': async (empty) => {
    const lab = await killedAfter(empty, 4);
    const { path, offset } = lab.entry(-1);
    lab.flip(path, offset + 70);
    return lab;
  },
  'flipped-bit-marked': async (empty) => {
    const lab = await killedWhenQuiet(empty);
    const { path, offset } = lab.entry(-1);
    lab.flip(path, offset + 70);
    return lab;
  },
  'rotten-sealed-segment': async (empty) => {
    const lab = await killedInSegment(empty, 2);
    const { path, offset } = placeOf(lab.entries(lab.segment(1)), 2);
    lab.flip(path, offset + 70);
    return lab;
  },
  'missing-middle-segment': withoutSegment(2),
  'missing-last-segment': withoutSegment(3),
  'sequence-gap': async (empty) => {
    const lab = await killedWhenQuiet(empty);
    signLastBatch(lab, (frame) => ({ ...frame, journalSeq: frame.journalSeq + 5 }));
    return lab;
  },
  'short-segment': async (empty) => {
    const lab = await killedAfter(empty, 3);
    lab.cut(lab.segment(1), 12_288);
    return lab;
  },
  'rotten-segment-header': rottenHeader([0, 1]),
  'rotten-segment-header-block': rottenHeader([0]),
  'newer-major-segment': async (empty) => {
    const lab = await killedAfter(empty, 3);
    const newer = (view: DataView): void => view.setUint16(8, never.version, true);
    changeBlocks(lab, lab.segment(1), [0, 1], newer);
    return lab;
  },
  'unknown-mandatory-type': async (empty) => {
    const lab = await killedAfter(empty, 3);
    signLastBatch(lab, (frame) => ({ ...frame, type: never.mandatoryType }));
    return lab;
  },
  'unknown-ignorable-type': async (empty) => {
    const lab = await killedAfter(empty, 3);
    signLastBatch(lab, (frame) => ({ ...frame, type: never.ignorableType }));
    return lab;
  },
  'abandoned-segment': abandonedSegment,
  'log-image-in-a-payload': logImage,
};
