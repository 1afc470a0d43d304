/**
 * What `opencode export` prints: a session and its messages, each with its parts, in one object.
 */
import type { TranscriptFinding } from '../../integrity/finding.ts';
import { listMends } from '../array-gaps.ts';
import type { ByteSource } from '../byte-source.ts';
import { faultFinding, placeOf, recordFinding } from '../fault-finding.ts';
import type { ByteFault, FileRecord } from '../file-record.ts';
import { jsonFile } from '../json-file.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, textOf } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import { unreadMembers } from '../unread.ts';
import { valueAt } from '../record-at.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import type { PlacedPart, StoredMessage } from './session.ts';
import { storedTranscript } from './stored-session.ts';

/** Reads exports of opencode. Its stores are opened by `openOpencodeFiles` and its database. */
export const opencode: FormatReader = {
  name: 'opencode',
  recognise(first) {
    const [only] = first;
    const file = asObject(only);
    if (asObject(file?.['info']) === null || !Array.isArray(file?.['messages'])) return 0;
    const messages = asList(file?.['messages']).map(asObject);
    const isExport = messages.every((each) => asObject(each?.['info']) !== null);
    const isWhole = messages.every((each) => Array.isArray(each?.['parts']));
    const isAny = messages.some((each) => Array.isArray(each?.['parts']));
    return isExport && (isWhole || isAny) ? 1 : 0;
  },
  *open(source): Generator<number, Transcript, void> {
    const findings: TranscriptFinding[] = [];
    const faults: ByteFault[] = [];
    const extents: { offset: number; length: number }[] = [];
    const messages: StoredMessage[] = [];
    const onFault = (fault: ByteFault): void => {
      findings.push(faultFinding(fault, messages.length));
      faults.push(fault);
    };
    const walk = jsonFile(source, ['messages'], onFault);
    let step = walk.next();
    for (; step.done !== true; step = walk.next()) {
      const record = step.value;
      extents.push({ offset: record.offset, length: record.length });
      const message = exported(source, record);
      if (message !== null) messages.push(message);
      else {
        const meaning = 'This is no message with its parts, and the tool cannot import it.';
        const place = placeOf(record, null);
        findings.push(recordFinding('UNEXPECTED_RECORD', 'note', place, meaning));
      }
      yield record.offset + record.length;
    }
    yield source.size;
    const mends = listMends(source, faults, extents, step.value.array);
    const session = asObject(step.value.heads[0]?.['info']?.value) ?? {};
    return storedTranscript({ session, messages, findings, mends });
  },
};

function exported(source: ByteSource, record: FileRecord): StoredMessage | null {
  const value = asObject(record.value);
  const info = asObject(value?.['info']);
  if (value === null || info === null) return null;
  const { info: _, ...rest } = value;
  const unread = Array.isArray(value['parts']) ? null : unreadMembers(rest);
  if (!Array.isArray(value['parts']) && unread === null) return null;
  const id = textOf(info, 'id') ?? '';
  const place = placeOf(record, id);
  const again = (): JsonObject => {
    return asObject(valueAt(source, record.offset, record.length)) ?? {};
  };
  return {
    id,
    place,
    info: () => asObject(again()['info']) ?? {},
    parts: () =>
      asList(again()['parts']).flatMap((part): PlacedPart[] => {
        const object = asObject(part);
        // What is no part is told as such by the rules.
        const value = object ?? { ...knownBlock(part) };
        return [{ value, place: { ...place, id: textOf(object, 'id') } }];
      }),
    ...(unread === null ? {} : { unread }),
  };
}
