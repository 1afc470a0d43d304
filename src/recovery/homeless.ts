/**
 * Entries of a dead journal that no history will take: their session is gone, or its head names
 * another writer and yet the history lacks them. Pure.
 *
 * A head names its writer, synced, before the first entry goes to the journal, and names nobody
 * again only once the history vouches for all of them. So no crash leaves such entries beside their
 * session: somebody removed its directory, or put an older or another history in its place. They
 * may be the only copy of what was acknowledged, so they are told and set aside, and never dropped.
 */
import { FramePicks } from '../journal/frame-table.ts';
import type { Frames } from '../journal/frame-table.ts';
import { isForked } from './replay-plan.ts';
import { attachedTo, incarnationOf } from './scan.ts';
import type { SessionScan } from './scan.ts';
import type { StreamAnalysis, StreamInJournal } from './streams.ts';

/** Entries of one life of a session that go to quarantine with their journal. */
export interface Homeless {
  readonly sessionId: string | null;
  /** In order of their seq, but for those of a broken journal. */
  readonly frames: Frames;
  /** `gone`: there is no such session any more; `history`: there is, without these entries. */
  readonly lacks: 'gone' | 'history';
}

/** All of them in one journal. */
export function homelessIn(
  { streams }: StreamAnalysis,
  writer: string,
  sessions: readonly SessionScan[],
): readonly Homeless[] {
  const homeless: Homeless[] = [];
  for (const stream of streams.values()) {
    if (stream.deleted) continue;
    const { sessionId } = stream;
    const head = headOf(sessions, stream);
    const frames = head === null ? left(stream) : lackedBy(head, writer, stream);
    if (frames.length === 0) continue;
    homeless.push({ sessionId, frames, lacks: head === null ? 'gone' : 'history' });
  }
  return homeless;
}

function headOf(sessions: readonly SessionScan[], { key }: StreamInJournal): SessionScan['head'] {
  const isOwn = ({ head, fault }: SessionScan): boolean =>
    head !== null && fault === null && incarnationOf(head) === key;
  return sessions.find(isOwn)?.head ?? null;
}

/** A session that was closed may be removed, or moved elsewhere: its history held everything. */
function left(stream: StreamInJournal): Frames {
  return stream.detached ? [] : stream.frames;
}

function lackedBy(
  head: NonNullable<SessionScan['head']>,
  writer: string,
  stream: StreamInJournal,
): Frames {
  if (attachedTo(head) === writer) return [];
  const { vouched } = head;
  // A history that went another way has entries of these numbers, and they are others.
  if (isForked(vouched, stream)) return stream.frames;
  const frames = new FramePicks();
  for (const part of [stream.settled.frames, stream.frames]) {
    for (const frame of part) if (frame.streamSeq > vouched.seq) frames.push(frame);
  }
  return frames;
}
