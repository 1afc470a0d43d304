/**
 * A conversation that a tool keeps as a log of events: events make messages, and other events take
 * messages back. Kept are the places of the events that still say something, and not their text.
 */
import { addAll } from '../base/lists.ts';
import type { Place, PlacedMessage } from '../integrity/conversation.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { ProfileName } from '../integrity/profile.ts';
import type { ContentBlock } from '../session/message.ts';
import type { ByteSource } from './byte-source.ts';
import { faultFinding, mendOf, placeOf, recordFinding } from './fault-finding.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import type { JsonObject } from './json-value.ts';
import { asObject } from './json-value.ts';
import { valueAt } from './record-at.ts';
import { withoutRecord } from './line-splices.ts';
import { jsonLines } from './records.ts';
import type { Splice } from './splice.ts';
import { joinedUnread } from './unread.ts';
import type { FormatName, SideConversation, Transcript, TranscriptFacts } from './transcript.ts';

/** Where an event stands. */
export interface EventPlace extends Place {
  readonly offset: number;
}

/** Events that make one message; results are one message with those that follow them. */
export interface HistoryEntry {
  readonly kind: 'user' | 'assistant' | 'result';
  readonly events: EventPlace[];
  /** Something that the user said, and not what the tool put in. */
  readonly isPrompt: boolean;
}

/** What a tool makes of its events. */
export interface EventWords {
  readonly format: FormatName;
  /** Takes an event in, in its order. */
  take(history: EventHistory, event: JsonObject, place: EventPlace): void;
  /** The blocks of one event of an entry. */
  blocks(event: JsonObject): readonly ContentBlock[];
  /** What an event says in words that cannot be read; null for nothing. */
  unread(event: JsonObject): JsonObject | null;
  /** The model that an event names. */
  model(event: JsonObject): string | null;
  facts(history: EventHistory): TranscriptFacts;
  profile(history: EventHistory): ProfileName;
}

/** The messages that are still there, and what was told on the way. */
export class EventHistory {
  entries: HistoryEntry[] = [];
  readonly sides: SideConversation[] = [];
  readonly findings: TranscriptFinding[] = [];
  /** What events said of the session; small. */
  readonly session: Map<string, string> = new Map();
  /** The place of every event that has an id, also of those that make no message. */
  readonly known: Map<string, EventPlace> = new Map();
  /** Whatever a tool has to remember from one event to the next. */
  readonly open: Map<string, HistoryEntry> = new Map();

  add(kind: HistoryEntry['kind'], place: EventPlace, isPrompt: 'prompt' | 'other'): HistoryEntry {
    const entry = { kind, events: [place], isPrompt: isPrompt === 'prompt' };
    this.entries.push(entry);
    return entry;
  }

  /** Keeps these entries only; the others become a side of the given kind. */
  keep(entries: HistoryEntry[], kind: SideConversation['kind'], id: string | null): void {
    const kept = new Set(entries);
    const gone = this.entries.filter((entry) => !kept.has(entry)).length;
    if (gone > 0) this.sides.push({ kind, id, messages: gone });
    this.entries = entries;
  }

  tell(code: 'MISSING_PARENT' | 'UNEXPECTED_RECORD', place: Place, meaning: string): void {
    const severity = code === 'MISSING_PARENT' ? 'warning' : 'note';
    this.findings.push(recordFinding(code, severity, place, meaning));
  }
}

/** Reads a log of events; yields how many bytes are done. */
export function* openEvents(
  source: ByteSource,
  words: EventWords,
): Generator<number, Transcript, void> {
  const history = new EventHistory();
  const mends: Splice[] = [];
  let records = 0;
  const onFault = (fault: ByteFault): void => {
    history.findings.push(faultFinding(fault, records));
    addAll(mends, mendOf(fault));
  };
  for (const record of jsonLines(source, onFault)) {
    records += 1;
    const event = asObject(record.value);
    const place = eventPlace(record, event);
    if (event === null || typeof event['type'] !== 'string') {
      history.tell('UNEXPECTED_RECORD', place, 'This is no event; the tool passes over it.');
    } else if (isRepeated(source, history, place)) {
      mends.push({ ...withoutRecord(source, place), code: 'DUPLICATE_RECORD' });
    } else {
      words.take(history, event, place);
    }
    yield record.offset + record.length;
  }
  yield source.size;
  return {
    format: words.format,
    profile: words.profile(history),
    records,
    facts: words.facts(history),
    findings: history.findings,
    sides: history.sides,
    conversation: () => conversation(source, words, history.entries),
    mends,
    write: null,
  };
}

/** The same bytes under the same id, as a writer leaves them that was not sure of the first. */
function isRepeated(source: ByteSource, history: EventHistory, place: EventPlace): boolean {
  if (place.id === null) return false;
  const first = history.known.get(place.id);
  if (first === undefined) history.known.set(place.id, place);
  if (first === undefined || !sameBytes(source, first, place)) return false;
  const meaning = `Event ${place.id} was written before, word for word; it counts once.`;
  const finding = recordFinding('DUPLICATE_RECORD', 'warning', place, meaning);
  history.findings.push({ ...finding, fix: 'Take out what was written again.' });
  return true;
}

function sameBytes(source: ByteSource, one: EventPlace, other: EventPlace): boolean {
  if (one.length !== other.length) return false;
  const first = Buffer.from(source.read(one.offset, one.length));
  return first.equals(source.read(other.offset, other.length));
}

function eventPlace(record: FileRecord, event: JsonObject | null): EventPlace {
  const id = event?.['id'];
  return { ...placeOf(record, typeof id === 'string' ? id : null), offset: record.offset };
}

function* conversation(
  source: ByteSource,
  words: EventWords,
  entries: readonly HistoryEntry[],
): Generator<PlacedMessage, void> {
  for (let at = 0; at < entries.length; ) {
    const { kind } = entries[at] ?? { kind: 'user' };
    const next = kind === 'result' ? endOfResults(entries, at) : at + 1;
    const events = entries.slice(at, next).flatMap((entry) => entry.events);
    yield* messageOf(source, words, kind, events);
    at = next;
  }
}

function endOfResults(entries: readonly HistoryEntry[], from: number): number {
  let end = from;
  while (entries[end]?.kind === 'result') end += 1;
  return end;
}

function* messageOf(
  source: ByteSource,
  words: EventWords,
  kind: HistoryEntry['kind'],
  events: readonly EventPlace[],
): Generator<PlacedMessage, void> {
  const content: ContentBlock[] = [];
  const places: Place[] = [];
  let model: string | null = null;
  let unread: JsonObject | undefined;
  for (const place of events) {
    const event = asObject(valueAt(source, place.offset, place.length));
    if (event === null) continue;
    model ??= words.model(event);
    for (const block of words.blocks(event)) {
      content.push(block);
      places.push(place);
    }
    const more = words.unread(event);
    if (more !== null) unread = joinedUnread(unread, more);
  }
  const [place] = events;
  if (place === undefined || (content.length === 0 && unread === undefined)) return;
  const isAnswer = kind === 'assistant';
  const message = { role: isAnswer ? 'assistant' : 'user', content, place, places };
  yield { ...message, model: isAnswer ? model : null, ...(unread === undefined ? {} : { unread }) };
}
