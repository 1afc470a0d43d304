/**
 * Edits as splices of a rollout file. A record that no edit touches keeps its bytes; of a touched
 * one, only the payload is written anew, so timestamp and ordinal keep their spelling.
 *
 * New items are records of type `response_item` right behind the record that they follow in the
 * history, with its timestamp; behind a rollback when one stands in between, since they belong to
 * what came after. Inside a replacement history they are elements of it. A compaction without a
 * replacement history gets one when what it stands for is edited.
 *
 * In a paginated rollout every record is numbered anew without a hole, from the first number on: of
 * a record behind an insertion only the digits of its ordinal change.
 *
 * A rollback counts turns, so that a message that comes or goes in front of one may change what it
 * takes back. Then nothing is changed in place: a compaction record at the end holds the history as
 * the edits want it, which is how Codex itself says that a history counts from here.
 */
import { sameValue } from '../../base/deep-json.ts';
import { writtenJson } from '../json-value.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import type { ByteSource } from '../byte-source.ts';
import { changedItems, refuse } from '../changed-items.ts';
import { byte } from '../json-scan.ts';
import { linesBefore, linesBehind } from '../line-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { bytesAt } from '../record-at.ts';
import type { Splice } from '../splice.ts';
import { splicedSource } from '../spliced-source.ts';
import type { RolloutMessage } from './compose.ts';
import { callOf, viewItem, type CallKind } from './items.ts';
import { RecordChanges } from './record-changes.ts';
import { renumbered, type Changes, type NewLines } from './renumber.ts';
import { readRollout, type Rollout } from './rollout.ts';
import { rowKind } from './table.ts';

/** Splices that carry the edits out. Throws `INVALID` for an edit that Codex has no words for. */
export function writeRollout(rollout: Rollout, edits: readonly Edit[]): Splice[] {
  if (edits.length === 0) return [];
  const kinds = new Map<string, CallKind>();
  const changes = changedItems(messagesWithCalls(rollout, kinds), edits);
  const records = new RecordChanges(rollout, (callId) => kinds.get(callId) ?? null);
  const direct = records.inPlace(changes);
  const isPlain = direct !== null && !hasRollback(rollout);
  const splices = direct === null ? null : apart(rollout, direct, splicesOf(rollout, direct));
  if (splices !== null && (isPlain || saysSo(rollout, splices, records.items(changes)))) {
    return checked(rollout, splices);
  }
  return checked(rollout, splicesOf(rollout, records.asCheckpoint(changes)));
}

/** The conversation; on the way every call tells which kind of output it wants. */
function* messagesWithCalls(
  { composer, history }: Rollout,
  kinds: Map<string, CallKind>,
): Generator<RolloutMessage, void> {
  for (const message of composer.messages()) {
    for (const { item } of message.shares) {
      const call = callOf(composer.item(history.entry(item)));
      if (call !== null && call.kind !== 'function') kinds.set(call.id, call.kind);
    }
    yield message;
  }
}

/** True when a rollback is on the way to the history, and so counts turns. */
function hasRollback({ scan }: Rollout): boolean {
  for (let row = 0; row < scan.table.length; row += 1) {
    if (scan.table.kind(row) === rowKind.rollback) return true;
  }
  return false;
}

function splicesOf({ source, scan }: Rollout, { lines, splices, removed }: Changes): Splice[] {
  const fresh = scan.isPaginated
    ? renumbered(source, lines, { skip: new Set([...scan.repeated, ...removed]) })
    : lines.map((added) => placed(source, added));
  return [...fresh, ...splices];
}

/**
 * When a record goes that stood between two that read the same, they would be next to each other,
 * and the second be taken for a copy of an append that failed. Then its line stays, without a word.
 */
function apart({ source, mends }: Rollout, { removed }: Changes, splices: Splice[]): Splice[] {
  if (removed.length === 0 || mends.length > 0) return splices;
  const gone = new Set(removed);
  if (readAll(source, splices).mends.length === 0) return splices;
  return splices.map((splice) => {
    const { offset, length, bytes } = splice;
    const isLine = gone.has(offset) && bytes.length === 0 && length > 1;
    return isLine ? { ...splice, length: length - lineEndsIn(source, splice) } : splice;
  });
}

/** How many bytes at the end of a stretch are a line end. */
function lineEndsIn(source: ByteSource, { offset, length }: Splice): number {
  const end = bytesAt(source, offset + length - 2, 2);
  if (end[1] !== byte.lf) return 0;
  return end[0] === byte.cr ? 2 : 1;
}

/** The splice that brings new lines, when they carry no numbers. */
function placed(source: ByteSource, added: NewLines): Splice {
  const texts = added.records.map((record) => writtenJson(record));
  const make = added.side === 'behind' ? linesBehind : linesBefore;
  return make(source, added.anchor, texts);
}

/** Reads what would be written, and looks whether its history is the wanted one. */
function saysSo(
  { source }: Rollout,
  splices: readonly Splice[],
  wanted: Iterable<JsonObject>,
): boolean {
  const { history, composer } = readAll(source, splices);
  let index = 0;
  for (const item of wanted) {
    if (index >= history.length) return false;
    const found = composer.item(history.entry(index));
    if (!sameValue(viewItem(found), viewItem(item))) return false;
    index += 1;
  }
  return index === history.length;
}

/** The rollout as it would be written. */
function readAll(source: ByteSource, splices: readonly Splice[]): Rollout {
  const reading = readRollout(splicedSource(source, splices));
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value;
}

/** Bytes that are mended are not edited at the same time: nobody could say what comes out. */
function checked({ mends }: Rollout, splices: Splice[]): Splice[] {
  const isHit = splices.some((edit) =>
    mends.some(
      (mend) => mend.offset < edit.offset + edit.length && edit.offset < mend.offset + mend.length,
    ),
  );
  if (isHit) refuse('The plan edits a record whose bytes are damaged; mend the file first');
  return splices;
}
