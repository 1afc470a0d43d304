/**
 * The entries of a session that are still in a writer's journal, as another process may see them.
 */
import { HoldfastError, errnoOf, fromSystem } from '../base/errors.ts';
import type { LockOwner, SeqRange } from '../base/errors.ts';
import type { Head } from '../format/head.ts';
import { FrameSource } from '../journal/frame-source.ts';
import { framesWhere } from '../journal/frame-table.ts';
import type { Frames } from '../journal/frame-table.ts';
import { journalPaths } from '../recovery/layout.ts';
import type { Layout } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { planReplay } from '../recovery/replay-plan.ts';
import { entryOf } from '../recovery/read-session.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import { damagedError } from '../recovery/report-builder.ts';
import { attachedTo, incarnationOf, scanJournal } from '../recovery/scan.ts';
import type { JournalScan } from '../recovery/scan.ts';
import { readWriters } from '../recovery/store-files.ts';
import { analyzeStreams } from '../recovery/streams.ts';
import { judgeJournal } from '../recovery/verdict.ts';
import { foldEntry } from '../session/fold.ts';

/** What stands behind the history, in a journal. */
export interface JournalTail {
  readonly frames: Frames;
  /** Keeps the segments open, so that they can be read after they were removed. */
  readonly source: FrameSource | null;
  /** True when the writer is dead: every intent without an outcome is then unknown. */
  readonly crashed: boolean;
  /** Recognised entries of a torn tail, behind `frames`: they do not count. */
  readonly inDoubt: SeqRange | null;
  /** The writer that is, or may be, at work: it may hold newer entries than anybody can see yet. */
  readonly atWork: { readonly path: string; readonly owner: LockOwner | null } | null;
}

const behindNothing = { frames: [], crashed: false, inDoubt: null, atWork: null };
const nothing: JournalTail = { ...behindNothing, source: null };

/** Null when the writer left in the middle of the look. */
export async function readTailOf(
  parts: Parts,
  layout: Layout,
  id: string,
  head: Head,
): Promise<JournalTail | null> {
  const writer = attachedTo(head);
  if (writer === null) return nothing;
  if (!(await readWriters(parts.fileSystem, layout)).includes(writer)) return nothing;
  const exists = (await parts.fileSystem.stat(journalPaths(layout, writer).directory)) !== null;
  const scan = await scanJournal(parts, layout, { writer, listed: true, exists });
  if (scan.facts === null) return unreadable(parts, layout, scan);
  const { lock: path } = journalPaths(layout, writer);
  const atWork = scan.state === 'dead' ? null : { path, owner: scan.owner };
  const tail = { ...tailFrames(id, head, scan), atWork };
  if (tail.frames.length === 0) return { ...tail, source: null };
  const source = new FrameSource(parts.fileSystem, journalPaths(layout, writer).directory);
  try {
    await source.hold(segmentsOf(tail.frames));
  } catch (error) {
    await source.close();
    // Retired since it was read: the history has it by now.
    if (errnoOf(error) === 'ENOENT') return null;
    throw fromSystem(error, 'read a journal', null);
  }
  return { ...tail, source };
}

async function unreadable(
  parts: Parts,
  layout: Layout,
  scan: JournalScan,
): Promise<JournalTail | null> {
  const listed = (await readWriters(parts.fileSystem, layout)).includes(scan.writer);
  const gone = scan.state === 'missing' || errnoOf(scan.error) === 'ENOENT';
  // Unlisted, or a segment that was retired while it was read: the writer is at work.
  if (!listed || (gone && scan.state === 'live')) return null;
  if (!gone) throw fromSystem(scan.error, 'read a journal', null);
  throw new HoldfastError(
    'NEEDS_RECOVERY',
    `Cannot read on: the journal of writer ${scan.writer} is not there; run \`recover run\``,
    { writer: scan.writer },
  );
}

function tailFrames(
  id: string,
  head: Head,
  scan: JournalScan,
): Omit<JournalTail, 'source' | 'atWork'> {
  const { facts } = scan;
  if (facts === null) return behindNothing;
  const key = incarnationOf(head);
  if (scan.state === 'live' || scan.state === 'unknown') {
    // What lies beyond the durable mark may still fail; what is bad there is in the making.
    const stream = analyzeStreams(facts, 'unclean').streams.get(key);
    if (stream === undefined || stream.detached || stream.deleted) return behindNothing;
    const frames = framesWhere(stream.frames, (frame) => frame.journalSeq <= facts.durableMark);
    return { ...behindNothing, frames };
  }
  const verdict = judgeJournal(facts);
  if (verdict === 'newer') {
    throw new HoldfastError(
      'NEWER_FORMAT',
      `Cannot open session ${JSON.stringify(id)}: its journal was written by a newer version; upgrade`,
      { found: 'newer', supported: '1.x' },
    );
  }
  const analysis = analyzeStreams(facts, verdict);
  const plan = planReplay(head.vouched, analysis.streams.get(key), analysis);
  if (plan.lost.length > 0 || plan.forked) {
    const reason = plan.forked ? 'journal and history disagree' : 'its journal lost entries';
    throw damagedError(id, plan.lost, { file: null, offset: null, reason });
  }
  return { frames: plan.frames, crashed: true, inDoubt: plan.inDoubt };
}

/** Folds entries of a living writer's journal into a reading. */
export async function foldLive(
  reading: SessionReading,
  frames: Frames,
  source: FrameSource,
): Promise<void> {
  for (const frame of frames) {
    if (frame.streamSeq > reading.fold.lastSeq) {
      foldEntry(reading.fold, entryOf(await source.read(frame)));
    }
  }
}

function segmentsOf(frames: Frames): ReadonlySet<number> {
  const segments = new Set<number>();
  for (const frame of frames) segments.add(frame.segment);
  return segments;
}
