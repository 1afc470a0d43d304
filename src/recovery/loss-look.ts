/**
 * What accepting the loss of a session would give up, told exactly, before any of it is done: which
 * sequences, where the damaged bytes stand, and what can still be read. Reads, and changes nothing.
 */
import { toHex } from '../format/bytes.ts';
import { keyText } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { segmentNumber } from '../journal/segment-maker.ts';
import { dumpFile } from './dump.ts';
import { journalPaths, relative, sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import { allLost, merged, without } from './losses.ts';
import type { Parts } from './parts.ts';
import { readSession } from './read-session.ts';
import type { SessionReading } from './read-session.ts';
import type { AcceptedLoss, BadBytes, SessionReport } from './report.ts';
import { attachedTo } from './scan.ts';

const placesMax = 1000;

/** What would be accepted, as far as this reading tells. */
export interface LossLook {
  readonly loss: Omit<AcceptedLoss, 'done' | 'setAside'>;
  /** The history itself is damaged, so that going on needs a new file. */
  readonly isBroken: boolean;
}

/**
 * Looks at a session whose head is sound. `planned` is the session in the report of a store that
 * was not recovered yet: it knows what replaying its journal will bring, and miss.
 */
export async function lookAtLoss(
  parts: Parts,
  layout: Layout,
  head: Head,
  planned: SessionReport | null = null,
): Promise<LossLook> {
  const { history } = sessionPaths(layout, head.sessionId);
  const reading = await readSession(parts.fileSystem, history, head, null);
  const { walk, fold } = reading;
  const isBroken = walk.damage !== null;
  // Only a history that is written anew loses what nobody can decode.
  const undecodable = isBroken ? reading.undecodable.map((seq) => ({ from: seq, to: seq })) : [];
  const lost = merged([...allLost(head, walk, planned?.lost ?? []), ...undecodable]);
  const lastSeq = Math.max(walk.lastSeq, planned?.lastSeq ?? 0);
  const kept = without(lastSeq, [...lost, ...walk.accepted]);
  const loss = {
    session: head.sessionId,
    lost,
    kept,
    entries: kept.reduce((sum, { from, to }) => sum + ((to ?? from) - from + 1), 0),
    messages: planned?.messages ?? fold.messages,
    badBytes: await findBadBytes(parts, layout, head, reading),
    deleted: false,
  };
  return { loss, isBroken };
}

/** The first `placesMax` of them: a file of noise has no end of places. */
async function findBadBytes(
  parts: Parts,
  layout: Layout,
  head: Head,
  reading: SessionReading,
): Promise<readonly BadBytes[]> {
  const places: BadBytes[] = [];
  for await (const place of badBytes(parts, layout, head, reading)) {
    places.push(place);
    if (places.length === placesMax) break;
  }
  return places;
}

async function* badBytes(
  parts: Parts,
  layout: Layout,
  head: Head,
  { walk }: SessionReading,
): AsyncGenerator<BadBytes> {
  const { history } = sessionPaths(layout, head.sessionId);
  const file = relative(layout, history);
  const key = keyText({ key: head.incarnation });
  const { endOffset } = head.vouched;
  const size = (await parts.fileSystem.stat(history))?.size ?? 0;
  let isNamed = false;
  for await (const place of badBytesOf(parts, layout, history, { end: endOffset, key })) {
    isNamed = true;
    yield place;
  }
  if (size < endOffset) {
    yield { file, offset: size, bytes: endOffset - size, reason: 'the file ends here' };
  } else if (walk.damage !== null && !isNamed) {
    // Each frame is valid in itself, and they are not what the head vouches for.
    yield { file, bytes: null, ...walk.damage };
  }
  for (const directory of journalsOf(layout, head)) {
    if ((await parts.fileSystem.stat(directory)) === null) continue;
    for (const name of await parts.fileSystem.list(directory)) {
      if (segmentNumber(name) === null) continue;
      const all = { end: Number.MAX_SAFE_INTEGER, key };
      yield* badBytesOf(parts, layout, `${directory}/${name}`, all);
    }
  }
}

/** Journals that the session's entries were in: the one it is attached to, and one set aside. */
function journalsOf(layout: Layout, head: Head): readonly string[] {
  const attached = attachedTo(head);
  const damaged = head.damage === null ? null : toHex(head.damage.writer);
  return [
    ...(attached === null ? [] : [journalPaths(layout, attached).directory]),
    ...(damaged === null ? [] : [`${layout.quarantine}/${damaged}`]),
  ];
}

async function* badBytesOf(
  parts: Parts,
  layout: Layout,
  path: string,
  of: { readonly end: number; readonly key: string },
): AsyncGenerator<BadBytes> {
  for await (const line of dumpFile(parts.fileSystem, path)) {
    if (line.kind !== 'damage' || line.offset >= of.end) continue;
    // A frame of another session is none of this one's loss.
    if (line.frame !== null && line.frame.stream !== of.key) continue;
    const { offset, reason } = line;
    const bytes = Math.min(line.bytes, of.end - offset);
    yield { file: relative(layout, path), offset, bytes, reason };
  }
}
