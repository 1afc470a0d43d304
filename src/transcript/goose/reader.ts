/**
 * Sessions of goose before it kept them in a database: a line about the session, then a line for
 * each message. Reading keeps nothing of them; the conversation is read from the file again.
 */
import { addAll } from '../../base/lists.ts';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ByteSource } from '../byte-source.ts';
import { faultFinding, mendOf, placeOf, recordFinding } from '../fault-finding.ts';
import type { FileRecord } from '../file-record.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, textOf } from '../json-value.ts';
import { profileOf } from '../provider-profile.ts';
import { valueAt } from '../record-at.ts';
import { jsonLines } from '../records.ts';
import { isInexactAt } from '../spelling.ts';
import type { Splice } from '../splice.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { placedTurn } from '../value-codec.ts';
import { gooseTurns, isGooseMessage, isHidden } from './message-words.ts';
import { secondsOf } from '../timestamp.ts';

/** Reads the files of goose; its database is opened as a store. */
export const goose: FormatReader = {
  name: 'goose',
  recognise(first) {
    const values = first.map(asObject);
    if (values[0] !== null && values[0] !== undefined && isSession(values[0])) return 1;
    return values.some((each) => each !== null && isOwnMessage(each)) ? 0.9 : 0;
  },
  *open(source): Generator<number, Transcript, void> {
    const findings: TranscriptFinding[] = [];
    const mends: Splice[] = [];
    let records = 0;
    let hidden = 0;
    let session: JsonObject = {};
    const lines = jsonLines(source, (fault) => {
      findings.push(faultFinding(fault, records));
      addAll(mends, mendOf(fault));
    });
    for (const record of lines) {
      records += 1;
      const value = asObject(record.value);
      const isMessage = value !== null && (isGooseMessage(value) || gooseTurns(value).length > 0);
      if (isMessage) hidden += isHidden(value) ? 1 : 0;
      else if (value !== null && record.index === 0) session = value;
      else findings.push(unexpected(record));
      yield record.offset + record.length;
    }
    yield source.size;
    return {
      format: 'goose',
      profile: profileOf(textOf(session, 'provider_name', 'provider')),
      records,
      facts: {
        sessionId: textOf(session, 'id'),
        title: textOf(session, 'name', 'description'),
        cwd: textOf(session, 'working_dir'),
        version: null,
        model: null,
      },
      findings,
      sides: hidden === 0 ? [] : [{ kind: 'compacted', id: null, messages: hidden }],
      conversation: () => conversation(source),
      mends,
      write: null,
    };
  },
};

function* conversation(source: ByteSource): Generator<PlacedMessage, void> {
  for (const record of jsonLines(source, () => undefined)) {
    // Only what says more than its value is decoded once more.
    const isExact = !isInexactAt(source, record.offset);
    const read = isExact ? record.value : valueAt(source, record.offset, record.length);
    const value = asObject(read);
    if (value === null) continue;
    const time = secondsOf(value['created']);
    for (const turn of gooseTurns(value))
      yield placedTurn(turn, placeOf(record, textOf(value, 'id')), time);
  }
}

function isSession(value: JsonObject): boolean {
  return typeof value['working_dir'] === 'string' && 'message_count' in value;
}

/** Times in seconds, and content that only goose has. */
function isOwnMessage(value: JsonObject): boolean {
  return (
    isGooseMessage(value) &&
    typeof value['created'] === 'number' &&
    !('id' in value && 'parentId' in value)
  );
}

function unexpected(record: FileRecord): TranscriptFinding {
  const meaning = 'This is no message of goose, and goose passes over it.';
  return recordFinding('UNEXPECTED_RECORD', 'note', placeOf(record, null), meaning);
}
