/** What a session shows, however it was opened: messages, and what recovery did to it. */
import { toHex } from '../format/bytes.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import { isCut } from '../session/cuts.ts';
import type { Cut, Entry } from '../session/event.ts';
import type { MessageReadOptions, ReadMessage, ReadOptions, RecoveryNotice } from './api.ts';
import { requireKnown } from '../base/known-options.ts';
import { boundOf, readOptions } from './content.ts';

/**
 * Messages only, each with its seq: those that the cuts leave, or all, the others with a mark. A
 * limit counts messages.
 */
export async function* messagesOf(
  entries: (range: ReadOptions) => AsyncIterable<Entry>,
  options: MessageReadOptions,
  cuts: readonly Cut[],
): AsyncGenerator<ReadMessage> {
  requireKnown(options, [...readOptions, 'includeCut'], 'read messages');
  const { limit: wanted = Number.MAX_SAFE_INTEGER, includeCut = false, ...range } = options;
  const limit = boundOf('limit', wanted);
  let count = 0;
  if (limit === 0) return;
  for await (const entry of entries(range)) {
    if (entry.event.kind !== 'message') continue;
    const { seq } = entry;
    const { message } = entry.event;
    const cut = isCut(cuts, seq);
    if (cut && !includeCut) continue;
    yield cut ? { seq, message, cut } : { seq, message };
    count += 1;
    if (count >= limit) return;
  }
}

/** What recovery did to the session, as its history tells. */
export function noticesOf(notes: SessionReading['notes']): readonly RecoveryNotice[] {
  return notes.map(({ note, timeMs }) => ({
    writer: toHex(note.writer),
    timeMs,
    kept: note.kept,
    inDoubt: note.inDoubt,
    cutBytes: note.cutBytes,
  }));
}

/** The entries of the current branch, messages or not. */
export async function* branchOf(
  entries: AsyncIterable<Entry>,
  cuts: readonly Cut[],
): AsyncGenerator<Entry> {
  for await (const entry of entries) if (!isCut(cuts, entry.seq)) yield entry;
}
