/**
 * Act: brings the entries of a dead journal into a session's history, under the session's lock. The
 * history is believed up to its vouched end and no further; what lies behind is written again, also
 * bytes that are there already, because a page that a failed sync marked clean reads well and is
 * lost at the next power cut. "Attached" stays as it is: the session becomes free for others only
 * when the writer leaves the writers file, all its sessions at once.
 */
import { streamFrameType } from '../session/frame-types.ts';
import { eventFrameType } from '../session/frame-types.ts';
import { decodeEvent } from '../session/event-codec.ts';
import { titleFrom } from '../session/title.ts';
import { xxh64 } from '../format/checksum.ts';
import { fromHex, toHex } from '../format/bytes.ts';
import { isEntryType } from '../format/control.ts';
import type { Head } from '../format/head.ts';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { readBase, startOf } from '../history/base-frame.ts';
import { decodeRecovered, encodeLoss, encodeRecovered } from '../history/history-frames.ts';
import type { RecoveredNote } from '../history/history-frames.ts';
import { HistoryFile } from '../history/history-file.ts';
import { walkHistory } from '../history/history-walk.ts';
import type { LooseFrame } from '../journal/batch.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import type { Frames } from '../journal/frame-table.ts';
import { takeLock } from './gate.ts';
import type { WaitOptions } from './gate.ts';
import { relative } from './layout.ts';
import type { Layout } from './layout.ts';
import { damageOf } from './losses.ts';
import type { Parts } from './parts.ts';
import { planSession } from './plan.ts';
import type { JournalPlan, SessionPlan } from './plan.ts';
import { walkStart } from './read-session.ts';
import type { ReplayPlan } from './replay-plan.ts';
import { scanSession } from './scan.ts';
import type { SessionScan } from './scan.ts';

/** Bytes of entries that are settled, and synced, at a time. */
const groupBytesMax = 8 * 1024 * 1024;

/** Settles what the plan says. Planned again under the lock, in case the head has moved. */
export async function replaySession(
  parts: Parts,
  layout: Layout,
  planned: SessionPlan,
  context: {
    readonly journal: JournalPlan;
    readonly expected: number;
    readonly wait: WaitOptions;
    readonly source: FrameSource;
  },
): Promise<SessionPlan> {
  const { id, paths } = planned.scan;
  const lock = await takeLock(parts, paths.lock, `session ${JSON.stringify(id)}`, context.wait);
  try {
    const scan = await scanSession(parts, layout, id);
    const plan = planSession(scan, {
      journals: [context.journal],
      tombstones: new Set(),
      expected: context.expected,
    });
    if (plan.replay === null || scan.head === null) throw lostSight(layout, scan);
    const history = await HistoryFile.open(parts, paths.history, scan.head, 'write');
    try {
      await settlePlan(parts, history, plan, context);
    } finally {
      await history.close();
    }
    await parts.fileSystem.syncDirectory(paths.directory);
    return plan;
  } finally {
    lock.release();
  }
}

/**
 * The head was sound a moment ago and is not to be had under the lock. Nothing may go on as if the
 * session had nothing to settle.
 */
export function lostSight(layout: Layout, scan: SessionScan): Error {
  const { history } = scan.paths;
  if (scan.error !== null) return fromSystem(scan.error, 'recover a session', history);
  const file = relative(layout, history);
  const message = `Cannot recover session ${JSON.stringify(scan.id)}: its head has changed; try again`;
  return new HoldfastError('DAMAGED', message, {
    sessions: [{ id: scan.id, lost: [] }],
    file,
    offset: 0,
  });
}

async function settlePlan(
  parts: Parts,
  history: HistoryFile,
  plan: SessionPlan,
  context: { readonly journal: JournalPlan; readonly source: FrameSource },
): Promise<void> {
  const { replay } = plan;
  if (replay === null) return;
  const writer = fromHex(context.journal.scan.writer);
  const { incarnation } = history.head;
  // In the head from the first group on: a run that is killed in between forgets no loss.
  // What a caller expected and nobody can prove is told to that caller, and not written down.
  const told = history.head.damage;
  const proven = [...(told === null ? [] : [told]), ...replay.lost];
  const damage = damageOf(proven, writer, history.head.damage);
  // An earlier run came this far. Its head may be in the cache only, so it is written again.
  if (await isSettled(history, replay, writer)) return history.writeHead({ damage });
  const timeMs = parts.clock.nowMs();
  let group: LooseFrame[] = [];
  let bytes = 0;
  let seq = history.head.vouched.seq;
  const loss = (from: number, to: number): LooseFrame =>
    looseFrame(
      { type: streamFrameType.loss, key: incarnation, streamSeq: to, timeMs },
      encodeLoss({ from, to }),
    );
  for await (const frames of context.source.readRuns(replay.frames)) {
    for (const frame of frames) {
      // A loss is accounted for in the history itself; the head says that nobody has accepted it.
      if (frame.streamSeq > seq + 1) group.push(loss(seq + 1, frame.streamSeq - 1));
      group.push(frame);
      seq = frame.streamSeq;
      bytes += frame.payload.length;
      if (bytes < groupBytesMax) continue;
      await history.append(group, writer, { ...fieldsOf(history.head, group), damage });
      group = [];
      bytes = 0;
    }
  }
  if (replay.lastSeq > seq) group.push(loss(seq + 1, replay.lastSeq));
  const note = encodeRecovered({
    writer,
    kept: keptRange(replay.frames),
    inDoubt: replay.inDoubt,
    cutBytes: context.journal.scan.facts?.tailBytes ?? 0,
  });
  const fields = {
    type: streamFrameType.recovered,
    key: incarnation,
    streamSeq: replay.lastSeq,
    timeMs,
  };
  group.push(looseFrame(fields, note));
  await history.append(group, writer, { ...fieldsOf(history.head, group), damage });
}

/** True when nothing is left to settle, and the history says so already: once for each writer. */
async function isSettled(
  history: HistoryFile,
  replay: ReplayPlan,
  writer: Uint8Array,
): Promise<boolean> {
  const { file, head } = history;
  if (replay.lastSeq > head.vouched.seq) return false;
  const isOwn = (note: RecoveredNote): boolean => toHex(note.writer) === toHex(writer);
  // Only who opens the session makes a base, and nobody can as long as this writer counts: the note
  // stands behind the newest one.
  const base = head.baseOffset === 0 ? null : await readBase(file, head, head.baseOffset);
  let noted = false;
  await walkHistory(file, head, base === null ? walkStart : startOf(base), (frame) => {
    if (frame.type !== streamFrameType.recovered) return;
    const note = decodeRecovered(frame.payload);
    noted ||= note !== null && isOwn(note);
  });
  return noted;
}

/** First to last entry, or null when there are none. */
export function keptRange(frames: Frames): SeqRange | null {
  const [first, last] = [frames.at(0), frames.at(-1)];
  return first === undefined || last === undefined
    ? null
    : { from: first.streamSeq, to: last.streamSeq };
}

/** What listings show, brought up to date with these frames. */
export function fieldsOf(
  head: Head,
  frames: readonly LooseFrame[],
): Pick<Head, 'messages' | 'updatedMs' | 'title'> {
  let { messages, updatedMs, title } = head;
  for (const frame of frames) {
    if (!isEntryType(frame.type)) continue;
    updatedMs = Math.max(updatedMs, frame.timeMs);
    if (frame.type === eventFrameType.rewind) messages = messagesAfter(frame) ?? messages;
    if (frame.type !== eventFrameType.message) continue;
    messages += 1;
    if (title !== '') continue;
    title = titleOf(frame);
  }
  return { messages, updatedMs, title };
}

/** Messages of the conversation after a rewind. */
function messagesAfter(frame: LooseFrame): number | null {
  try {
    const { event } = decodeEvent(frame.type, frame.payload);
    return event.kind === 'rewind' ? event.rewind.state.messages : null;
  } catch {
    // As below.
    return null;
  }
}

/** What the payload of a user's message holds, however it was encoded. */
const userBytes: Buffer = Buffer.from('user');

/** The title that a message gives to a session without one; empty when it gives none. */
export function titleOf({ type, payload }: LooseFrame): string {
  // Decoding costs as much as all else of settling, and a session may go on for long without one.
  if (!Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(userBytes))
    return '';
  try {
    const { event } = decodeEvent(type, payload);
    return event.kind === 'message' ? (titleFrom(event.message) ?? '') : '';
  } catch {
    // Entries are moved as opaque bytes: one that does not decode is told by whoever reads it.
    return '';
  }
}

/** A frame of the history's own, outside of any journal. */
export function looseFrame(
  fields: Pick<LooseFrame, 'type' | 'key' | 'streamSeq' | 'timeMs'>,
  payload: Uint8Array,
): LooseFrame {
  return { ...fields, journalSeq: 0, payload, payloadHash: xxh64(payload) };
}

/** Where a journal's file stands, for findings. */
export function journalFile(layout: Layout, journal: JournalPlan, name: string): string {
  return relative(layout, `${layout.journals}/${journal.scan.writer}/${name}`);
}
