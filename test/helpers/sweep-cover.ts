/**
 * What vouches for a byte of the sweep's store, known independently of the engine: a mark in a journal,
 * the head of a history, or nothing, as for the last batch of a journal.
 */
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { isEntryType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodeHead } from '../../src/format/head.ts';
import { isDerivedType } from '../../src/history/derived.ts';
import type { SweepStore } from './sweep-store.ts';

/** Who says that a byte was durable, and of what kind it is. */
export type Cover =
  | 'an entry under a mark' // the only copy, in the journal
  | 'an entry in a history' // below what the head vouches for
  | 'an entry of the last batch' // acknowledged, and nothing that is written says so
  | 'another byte'; // settled elsewhere as well, derived, told twice, or not used

interface Span {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly cover: Cover;
}

/** Tells the cover of every byte. */
export function coverOf(store: SweepStore): (path: string, offset: number) => Cover {
  const spans = [...journalSpans(store), ...historySpans(store)];
  return (path, offset) =>
    spans.find((one) => one.path === path && one.from <= offset && offset < one.to)?.cover ??
    'another byte';
}

function* journalSpans({ frames, vouched }: SweepStore): Generator<Span> {
  const mark = Math.max(0, ...frames.map((frame) => frame.mark ?? 0));
  for (const { path, offset: from, end: to, session, journalSeq, streamSeq } of frames) {
    if (session === null || streamSeq <= (vouched.get(session)?.seq ?? 0)) continue;
    const cover = journalSeq <= mark ? 'an entry under a mark' : 'an entry of the last batch';
    yield { path, from, to, cover };
  }
}

function* historySpans({ disk, vouched }: SweepStore): Generator<Span> {
  for (const [id, { end }] of vouched) {
    const path = disk.paths().find((one) => one.endsWith(`/${id}/history`)) ?? '';
    const bytes = disk.readFile(path);
    const head = decodeHead(bytes);
    if ('kind' in head) throw new Error('The store is whole before it is harmed');
    for (let from = fileHeaderBytes; from < end; ) {
      const frame = decodeFrame(bytes, from, { salt: head.salt, base: 0 });
      if (isFault(frame)) throw new Error('The store is whole before it is harmed');
      const to = from + frameBytes(frame.payload.length);
      const isEntry = isEntryType(frame.type) && !isDerivedType(frame.type);
      if (isEntry) yield { path, from, to, cover: 'an entry in a history' };
      from = to;
    }
  }
}
