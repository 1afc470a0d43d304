/**
 * Lists sessions by their heads: four kilobytes each, nothing is opened or locked. What is still in
 * a journal is counted from it, so that the morning after a crash does not look like a loss.
 */
import { HoldfastError, errnoOf } from '../base/errors.ts';
import { FrameSource } from '../journal/frame-source.ts';
import { framesWhere } from '../journal/frame-table.ts';
import type { Head } from '../format/head.ts';
import type { Layout } from '../recovery/layout.ts';
import { journalPaths, sessionIdFault } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { attachedTo, incarnationOf, scanJournal, scanSession } from '../recovery/scan.ts';
import type { JournalScan, SessionScan } from '../recovery/scan.ts';
import { titleOf as titleOfMessage } from '../recovery/replay.ts';
import { readWriters } from '../recovery/store-files.ts';
import { analyzeStreams } from '../recovery/streams.ts';
import type { StreamAnalysis } from '../recovery/streams.ts';
import { eventFrameType } from '../session/frame-types.ts';
import type { SessionSummary } from './api.ts';

interface Known {
  readonly scan: JournalScan;
  readonly analysis: StreamAnalysis | null;
}

/**
 * Summaries in the order of their ids. Aborts with the signal's reason. `titleOf` knows the titles
 * of sessions that are open here, which their heads may not have yet.
 */
export async function* listSessions(
  parts: Parts,
  layout: Layout,
  how: {
    readonly signal: AbortSignal | undefined;
    readonly titleOf: (id: string) => string | null;
  },
): AsyncGenerator<SessionSummary> {
  const { signal, titleOf } = how;
  if ((await parts.fileSystem.stat(layout.sessions)) === null) return;
  const journals = await readJournals(parts, layout);
  for (const id of await parts.fileSystem.list(layout.sessions)) {
    signal?.throwIfAborted();
    if (sessionIdFault(id) !== null) continue;
    const scan = await scanSession(parts, layout, id);
    // Deleted since the directory was listed, or never a session.
    if (scan.fault === 'gone' || scan.stray !== null) continue;
    const summary = summaryOf(scan, journals);
    const title =
      titleOf(id) ?? summary.title ?? (await titleInJournal(parts, layout, scan, journals));
    yield { ...summary, title };
  }
}

async function readJournals(parts: Parts, layout: Layout): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>();
  for (const writer of await readWriters(parts.fileSystem, layout)) {
    const exists = (await parts.fileSystem.stat(journalPaths(layout, writer).directory)) !== null;
    const scan = await scanJournal(parts, layout, { writer, listed: true, exists });
    const analysis = scan.facts === null ? null : analyzeStreams(scan.facts, 'unclean');
    known.set(writer, { scan, analysis });
  }
  return known;
}

function summaryOf(scan: SessionScan, journals: ReadonlyMap<string, Known>): SessionSummary {
  const { head } = scan;
  const writer = head === null ? null : attachedTo(head);
  const journal = writer === null ? undefined : journals.get(writer);
  const more = head === null || journal === undefined ? nothing : inJournal(head, journal);
  return {
    id: scan.id,
    title: head === null || head.title === '' ? null : head.title,
    messages: (head?.messages ?? 0) + more.messages,
    entries: (head?.vouched.seq ?? 0) + more.entries,
    createdMs: head?.createdMs ?? null,
    updatedMs: more.updatedMs ?? head?.updatedMs ?? null,
    damaged: scan.fault !== null || (head?.damage ?? null) !== null,
    open: journal !== undefined && journal.scan.state === 'live',
    bytes: scan.fileBytes,
  };
}

const nothing = { messages: 0, entries: 0, updatedMs: null };

/** Entries behind the history; of a living writer, only those that are durable. */
function inJournal(
  head: Head,
  { scan, analysis }: Known,
): { readonly messages: number; readonly entries: number; readonly updatedMs: number | null } {
  const stream = analysis?.streams.get(incarnationOf(head));
  if (stream === undefined || stream.detached) return nothing;
  const mark = scan.state === 'dead' ? Number.MAX_SAFE_INTEGER : (scan.facts?.durableMark ?? 0);
  const frames = framesWhere(stream.frames, (frame) => {
    return frame.streamSeq > head.vouched.seq && frame.journalSeq <= mark;
  });
  const messages = framesWhere(frames, ({ type }) => type === eventFrameType.message).length;
  return { messages, entries: frames.length, updatedMs: frames.at(-1)?.timeMs ?? null };
}

/** How many messages are read for a title: a conversation soon has a text of its user. */
const titleMessagesMax = 16;

/** The title that recovery will give a session which only the journal of a dead writer knows. */
async function titleInJournal(
  parts: Parts,
  layout: Layout,
  { head }: SessionScan,
  journals: ReadonlyMap<string, Known>,
): Promise<string | null> {
  const writer = head === null ? null : attachedTo(head);
  const journal = writer === null ? undefined : journals.get(writer);
  if (head === null || writer === null || journal?.scan.state !== 'dead') return null;
  const stream = journal.analysis?.streams.get(incarnationOf(head));
  if (stream === undefined || stream.detached) return null;
  const source = new FrameSource(parts.fileSystem, journalPaths(layout, writer).directory);
  let left = titleMessagesMax;
  try {
    for (const frame of stream.frames) {
      if (frame.streamSeq <= head.vouched.seq || frame.type !== eventFrameType.message) continue;
      const title = titleOfMessage(await source.read(frame));
      left -= 1;
      if (title !== '' || left === 0) return title === '' ? null : title;
    }
    return null;
  } catch (error) {
    // Recovered, by another process, while it was read: the next listing has its title.
    if (HoldfastError.is(error, 'DAMAGED') || errnoOf(error) === 'ENOENT') return null;
    throw error;
  } finally {
    await source.close();
  }
}
