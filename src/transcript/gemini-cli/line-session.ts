/** A transcript out of the index of a session in JSON lines. */
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import type { ByteSource } from '../byte-source.ts';
import { wantedTurns } from '../edited-units.ts';
import { asObject, asText } from '../json-value.ts';
import { valueAt } from '../record-at.ts';
import type { Spot } from '../line-words.ts';
import { lineSplices } from '../line-words.ts';
import { jsonLines } from '../records.ts';
import type { Splice } from '../splice.ts';
import type { Transcript } from '../transcript.ts';
import { unitChanges } from '../unit-changes.ts';
import type { Turn } from '../value-codec.ts';
import { placedTurn } from '../value-codec.ts';
import { decodeRecord } from './session-codec.ts';
import type { LiveMessage } from './session-lines.ts';
import { messageLists, SessionLines } from './session-lines.ts';
import { sessionCodec } from './session-words.ts';
import { timestampOf } from '../timestamp.ts';

/** Reads a session in JSON lines; yields how many bytes are done. */
export function* openLines(source: ByteSource): Generator<number, Transcript, void> {
  const lines = new SessionLines();
  for (const record of jsonLines(source, (fault) => lines.fault(fault))) {
    lines.add(record);
    yield record.offset + record.length;
  }
  yield source.size;
  return transcriptOf(source, lines);
}

function transcriptOf(source: ByteSource, lines: SessionLines): Transcript {
  const { records, facts, findings, sides, mends, messages } = lines;
  return {
    format: 'gemini-cli',
    profile: 'gemini',
    records,
    facts,
    findings,
    sides,
    mends,
    conversation: () => conversation(source, messages),
    write: (edits) => write(source, lines, edits),
  };
}

function* conversation(
  source: ByteSource,
  messages: readonly LiveMessage[],
): Generator<PlacedMessage, void> {
  const values = new SpotReader(source);
  for (const { id, spots } of messages) {
    const spot = spots.at(-1);
    if (spot === undefined) continue;
    const { record, offset, length, line } = spot;
    const place = { record, offset, length, line, id };
    const value = values.read(spot);
    const time = timestampOf(asObject(value)?.['timestamp']);
    for (const turn of decodeRecord(value)) yield placedTurn(turn, place, time);
  }
}

function write(source: ByteSource, lines: SessionLines, edits: readonly Edit[]): readonly Splice[] {
  const { messages } = lines;
  const values = new SpotReader(source);
  const valueOf = (unit: number): unknown => {
    const spot = messages[unit]?.spots.at(-1);
    return spot === undefined ? null : values.read(spot);
  };
  function* turns(): Generator<readonly Turn[], void> {
    for (const unit of messages.keys()) yield decodeRecord(valueOf(unit));
  }
  const { changes, front } = unitChanges(wantedTurns(turns(), edits), sessionCodec, {
    units: messages.length,
    valueOf,
    isSame: (before, after) => asObject(before)?.['id'] === asObject(after)?.['id'],
    ids: everyId(source),
    like: messages.length > 0 ? valueOf(0) : null,
  });
  return lineSplices(source, messages, changes, messageLists, { offset: lines.end }, front);
}

/** Also ids of messages that are no longer there: a rewind behind may name them. */
function everyId(source: ByteSource): Set<string> {
  const ids = new Set<string>();
  for (const { value } of jsonLines(source, () => undefined)) {
    for (const each of [value, ...messageLists.read(value)]) {
      const id = asText(asObject(each)?.['id']);
      if (id !== null) ids.add(id);
    }
  }
  return ids;
}

/** Reads values again; the record of a list stays at hand while its elements are asked for. */
class SpotReader {
  readonly #source: ByteSource;
  #offset = -1;
  #list: readonly unknown[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  read({ offset, length, nested }: Spot): unknown {
    if (nested === null) return valueAt(this.#source, offset, length);
    if (offset !== this.#offset) {
      this.#list = messageLists.read(valueAt(this.#source, offset, length));
      this.#offset = offset;
    }
    return this.#list[nested];
  }
}
