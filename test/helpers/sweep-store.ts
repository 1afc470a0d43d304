/**
 * A small store that a killed writer left behind, and what is known of it independently of the engine:
 * every message that was acknowledged, where each frame stands, and what each frame tells.
 *
 * Three sessions have vouched content of an earlier life. The dead writer's journal has two segments:
 * what the first of them holds of `a` and `c` is settled, and of `b` it is scratch behind the vouched
 * end. The last batch carries no mark.
 */
import {
  decodeCommit,
  decodeControl,
  frameType,
  isControlType,
  isEntryType,
} from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault, keyText } from '../../src/format/frame.ts';
import { decodeHead } from '../../src/format/head.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { toHex } from '../../src/format/bytes.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { SimMachine, simRoot } from './sim-store.ts';

/** A frame of the dead journal, as it was before anything was harmed. */
export interface KnownFrame {
  readonly path: string;
  readonly offset: number;
  readonly end: number;
  readonly type: number;
  readonly journalSeq: number;
  readonly session: string | null;
  readonly streamSeq: number;
  /** Durable mark, for a commit or control frame. */
  readonly mark: number | null;
}

/** The store and its oracle. */
export interface SweepStore {
  readonly disk: SimDisk;
  /** Acknowledged messages of each session; the seq of a message is its index plus one. */
  readonly sent: ReadonlyMap<string, readonly Message[]>;
  /** What each history vouches for. */
  readonly vouched: ReadonlyMap<string, { readonly seq: number; readonly end: number }>;
  readonly frames: readonly KnownFrame[];
  readonly segments: readonly string[];
}

/** A message whose size and content follow from its number. */
export function messageOf(session: string, number: number, bytes: number): Message {
  const text = `${session} ${number} `.padEnd(bytes, 'abcdefghij ');
  if (number % 4 === 0) return { role: 'user', content: text };
  if (number % 4 === 1) {
    const input = { path: `/tmp/${number}`, raw: new Uint8Array([number, 0, 255]) };
    const call = { type: 'tool_use', id: `call-${session}-${number}`, name: 'write', input };
    return { role: 'assistant', content: [{ type: 'text', text }, call] } as Message;
  }
  return { role: 'assistant', content: [{ type: 'text', text }], model: 'm-1' } as Message;
}

/** Builds it; the same every time, but for random ids and salts. */
export async function sweepStore(): Promise<SweepStore> {
  const machine = await SimMachine.start(11);
  const sent = new Map<string, Message[]>();
  const send = async (session: Session, bytes: number): Promise<void> => {
    const known = sent.get(session.id) ?? [];
    const message = messageOf(session.id, known.length + 1, bytes);
    await session.append(message);
    known.push(message);
    sent.set(session.id, known);
  };
  const first = await machine.open({}, 'first');
  for (const id of ['a', 'b', 'c']) {
    const session = await machine.run(first.createSession({ id }));
    for (let count = 0; count < 2; count += 1) await machine.run(send(session, 60));
  }
  await machine.run(first.close());
  const store = await machine.open({}, 'second');
  const [a, b, c] = [
    await machine.run(store.openSession('a')),
    await machine.run(store.openSession('b')),
    await machine.run(store.openSession('c')),
  ];
  for (const session of [a, b, c]) await machine.run(send(session, 700));
  await machine.run((a as SessionWriter).settle());
  // The next segment begins, and what is settled then reaches the history of `b` and not its head:
  // scratch behind the vouched end.
  machine.disk.beforeOperation = ({ kind, path, at }) => {
    const isHead = kind === 'write' && path.endsWith('/b/history') && (at ?? 0) < fileHeaderBytes;
    return isHead ? { errno: 'EIO' } : undefined;
  };
  for (const session of [a, b, c]) await machine.run(send(session, 1500));
  await machine.pass(50);
  machine.disk.beforeOperation = null;
  for (const bytes of [200, 90]) {
    for (const session of [b, c, a]) await machine.run(send(session, bytes));
  }
  await machine.run(c.appendAll(['x', 'y'].map((text) => ({ role: 'user', content: text }))));
  sent.get('c')?.push({ role: 'user', content: 'x' }, { role: 'user', content: 'y' });
  machine.kill('second');
  const disk = machine.disk.clone();
  return { disk, sent, ...knowledgeOf(disk) };
}

function knowledgeOf(disk: SimDisk): Pick<SweepStore, 'vouched' | 'frames' | 'segments'> {
  const vouched = new Map<string, { seq: number; end: number }>();
  const names = new Map<string, string>();
  for (const path of disk.paths().filter((one) => one.endsWith('/history'))) {
    const head = decodeHead(disk.readFile(path));
    if ('kind' in head) throw new Error('The store is whole before it is harmed');
    vouched.set(head.sessionId, { seq: head.vouched.seq, end: head.vouched.endOffset });
    names.set(toHex(head.incarnation), head.sessionId);
  }
  const segments = disk.paths().filter((one) => one.endsWith('.segment'));
  const frames = segments.flatMap((path) => framesOf(path, disk.readFile(path), names));
  return { vouched, frames, segments };
}

function framesOf(
  path: string,
  bytes: Uint8Array,
  names: ReadonlyMap<string, string>,
): KnownFrame[] {
  const header = decodeSegmentHeader(bytes);
  if ('kind' in header) throw new Error('The store is whole before it is harmed');
  const frames: KnownFrame[] = [];
  for (let at = fileHeaderBytes; ; ) {
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 });
    if (isFault(frame)) return frames;
    const end = at + frameBytes(frame.payload.length);
    const { type, journalSeq, streamSeq } = frame;
    const told = type === frameType.commit ? decodeCommit(frame.payload) : null;
    const control = told ?? (isControlType(type) ? decodeControl(frame.payload) : null);
    const session = isEntryType(type) ? (names.get(keyText(frame)) ?? null) : null;
    const mark = control?.durableMark ?? null;
    frames.push({ path, offset: at, end, type, journalSeq, session, streamSeq, mark });
    at = end;
  }
}

/** The number of messages of a session that evidence proves to have been durable. */
export function provenCount(
  store: SweepStore,
  id: string,
  harmed: (path: string) => Uint8Array,
): number {
  const intact = (frame: KnownFrame): boolean => {
    const before = store.disk.readFile(frame.path).subarray(frame.offset, frame.end);
    return Buffer.compare(before, harmed(frame.path).subarray(frame.offset, frame.end)) === 0;
  };
  const readable = new Set(
    store.segments.filter((path) => !('kind' in decodeSegmentHeader(harmed(path)))),
  );
  let mark = 0;
  for (const frame of store.frames) {
    if ((frame.mark ?? 0) <= mark || !readable.has(frame.path)) continue;
    if (intact(frame)) mark = frame.mark ?? 0;
  }
  const own = store.frames.filter((frame) => frame.session === id && frame.journalSeq <= mark);
  return Math.max(store.vouched.get(id)?.seq ?? 0, ...own.map((frame) => frame.streamSeq));
}

/** Where the store stands. */
export const sweepRoot: string = simRoot;
