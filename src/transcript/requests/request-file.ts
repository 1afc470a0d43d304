/**
 * A list of messages or items that goes to a provider's interface as it is: what `holdfast export`
 * writes, and what programs keep that make their requests themselves. Only read: the places of the
 * elements are held, and the elements decoded again where they are needed.
 */
import { addAll } from '../../base/lists.ts';
import type { PlacedMessage, Place } from '../../integrity/conversation.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ContentBlock } from '../../session/message.ts';
import { listMends } from '../array-gaps.ts';
import type { ByteSource } from '../byte-source.ts';
import { lookAtFirst } from '../detect.ts';
import { faultFinding, placeOf, recordFinding } from '../fault-finding.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ByteFault } from '../file-record.ts';
import type { JsonFrame } from '../json-file.ts';
import { jsonFile } from '../json-file.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import { valueAt } from '../record-at.ts';
import { systemMember } from '../system-member.ts';
import type { FormatName, Transcript } from '../transcript.ts';

/** What one element says. Neighbours of one group are one message; null stands alone. */
export interface Told {
  readonly role: string;
  readonly content: readonly ContentBlock[];
  readonly group: string | null;
  /** Members that say something and that nobody can read, where nothing else is said. */
  readonly unread?: JsonObject;
}

/** One kind of request. */
export interface RequestFormat {
  readonly format: FormatName;
  readonly profile: ProfileName;
  /** The members that may hold the list of a file that is an object. */
  readonly members: readonly string[];
  /** The messages of an element, mostly one; null for what is no element of such a list. */
  readonly decode: (element: JsonObject) => readonly Told[] | null;
  /** What a member beside the list tells the model before everything else. */
  readonly system?: {
    /** Under which names it may stand. */
    readonly members: readonly string[];
    readonly decode: (value: unknown, name: string) => Told | null;
  };
}

/** The elements of the list that the file is or holds, as far as the look at it goes. */
export function elementsOf(
  first: readonly unknown[],
  members: readonly string[],
): readonly JsonObject[] {
  const [value] = first;
  if (first.length !== 1) return [];
  const object = asObject(value);
  const member = members.find((name) => Array.isArray(object?.[name]));
  const list = object === null ? value : member === undefined ? [] : object[member];
  return asList(list)
    .map((element) => asObject(element))
    .filter((element) => element !== null);
}

/** Reads such a file; yields how many bytes are done. */
export function* openRequest(
  source: ByteSource,
  format: RequestFormat,
): Generator<number, Transcript, void> {
  const head = asObject(lookAtFirst(source).first[0]);
  const member = format.members.find((name) => Array.isArray(head?.[name]));
  const path = head === null || member === undefined ? [] : [member];
  const places: Place[] = [];
  const findings: TranscriptFinding[] = [];
  const faults: ByteFault[] = [];
  const walk = jsonFile(source, path, (fault) => {
    faults.push(fault);
    findings.push(faultFinding(fault, places.length));
  });
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) {
    const value = asObject(step.value.value);
    const place = placeOf(step.value, textOf(value, 'id'));
    places.push(place);
    if (value === null || format.decode(value) === null) {
      const meaning = 'This is nothing that the interface of the provider knows.';
      findings.push(recordFinding('UNEXPECTED_RECORD', 'warning', place, meaning));
    }
    yield step.value.offset + step.value.length;
  }
  yield source.size;
  const frame = step.value;
  const extents = places.map(({ offset, length }) => ({ offset: offset ?? 0, length }));
  const model = asText(frame.heads[0]?.['model']?.value);
  return {
    format: format.format,
    profile: format.profile,
    records: places.length,
    facts: { sessionId: null, title: null, cwd: null, version: null, model },
    findings,
    sides: [],
    mends: listMends(source, faults, extents, frame.array),
    conversation: () => conversation({ source, format, places, frame, model }),
    write: null,
  };
}

interface Read {
  readonly source: ByteSource;
  readonly format: RequestFormat;
  readonly places: readonly Place[];
  readonly frame: JsonFrame;
  readonly model: string | null;
}

function* conversation(read: Read): Generator<PlacedMessage, void> {
  const { source, format, places, frame, model } = read;
  const system = systemMember(source, frame, format.system?.members ?? []);
  const said = system === null ? null : (format.system?.decode(system.value, system.name) ?? null);
  if (said !== null && system !== null) yield placed(said, system.place);
  let group: string | null = null;
  let content: ContentBlock[] = [];
  let blockPlaces: Place[] = [];
  let open: PlacedMessage | null = null;
  for (const place of places) {
    const value = asObject(valueAt(source, place.offset ?? 0, place.length));
    for (const told of (value === null ? null : format.decode(value)) ?? []) {
      const goesOn = told.group !== null && told.group === group;
      if (!goesOn) {
        if (open !== null) yield open;
        [content, blockPlaces, group] = [[], [], told.group];
        const { role, unread } = told;
        const own = role === 'assistant' ? model : null;
        const more = unread === undefined ? {} : { unread };
        open = { role, content, place, places: blockPlaces, model: own, ...more };
      }
      addAll(content, told.content);
      for (const _ of told.content) blockPlaces.push(place);
    }
  }
  if (open !== null) yield open;
}

function placed({ role, content }: Told, place: Place): PlacedMessage {
  return { role, content, place, places: content.map(() => place), model: null };
}
