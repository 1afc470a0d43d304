/**
 * Plain message lists, as programs keep them that talk to an API themselves: a list, lines, the
 * body of a request, a SWE-agent trajectory. Only the places of the messages are held.
 */
import { addAll } from '../../base/lists.ts';
import { asWords } from '../../base/deep-json.ts';
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ByteSource } from '../byte-source.ts';
import { lookAtFirst } from '../detect.ts';
import { Found } from '../found.ts';
import type { JsonFrame } from '../json-file.ts';
import type { FileRecord } from '../file-record.ts';
import { bytesAt, recordAt } from '../record-at.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject } from '../json-value.ts';
import type { Splice } from '../splice.ts';
import { systemMember } from '../system-member.ts';
import type { SystemMember } from '../system-member.ts';
import type { FormatName, FormatReader, Transcript, TranscriptFacts } from '../transcript.ts';
import { anthropicDialect } from './anthropic.ts';
import { containerOf, messagesIn } from './container.ts';
import type { Container } from './container.ts';
import { readingOf } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { openaiDialect } from './openai.ts';
import { isHollow, isMessage, roles, sureness } from './recognise.ts';
import { isStray, liftedSystem, strayRemark } from './stray-system.ts';
import { MessageTable } from './table.ts';
import { messageSplices } from './writer.ts';
import { timestampOf } from '../timestamp.ts';

/** Messages of OpenAI's chat completions. */
export const openaiMessages: FormatReader = {
  name: 'openai-messages',
  recognise: (first) => sureness(first).openai,
  open: (source) => open(source, 'openai-messages', openaiDialect, 'openai-chat'),
};

/** Messages of Anthropic's API. */
export const anthropicMessages: FormatReader = {
  name: 'anthropic-messages',
  recognise: (first) => sureness(first).anthropic,
  open: (source) => open(source, 'anthropic-messages', anthropicDialect, 'anthropic'),
};

/** How many messages are read between two reports of progress. */
const reportEvery = 256;

function* open(
  source: ByteSource,
  format: FormatName,
  dialect: Dialect,
  profile: ProfileName,
): Generator<number, Transcript, void> {
  const container: Container = containerOf(lookAtFirst(source).first) ?? { path: null };
  const found = new Found();
  const table = new MessageTable();
  const forms: Splice[] = [];
  const taken = new Set<string>();
  const stray: number[] = [];
  const walk = messagesIn(source, container, found.onFault);
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) {
    const record = step.value;
    found.passed(record);
    const kind = isOne(record.value, dialect) ? 'message' : 'other';
    table.add(record, kind);
    if (kind === 'other') found.tell(unexpected, record);
    else {
      addAll(forms, tellForm(source, dialect, found, record));
      for (const id of dialect.taken?.(record.value as JsonObject) ?? []) taken.add(id);
    }
    if (dialect.system !== undefined && kind === 'message' && isStray(record.value as JsonObject)) {
      stray.push(record.index);
      found.tell(strayRemark(container), record);
    }
    if (table.records % reportEvery === 0) yield record.offset + record.length;
  }
  yield source.size;
  const frame = step.value;
  const system = systemOf(source, frame, dialect);
  // The form of a message is mended once its bytes are sound, and then the list of them.
  const isSound = found.mends.length === 0;
  if (isSound && forms.length === 0) addAll(forms, liftedSystem(source, table, frame, stray));
  return {
    format,
    profile,
    records: table.records,
    isOneValue: container.path !== null,
    facts: factsOf(frame),
    findings: found.findings,
    sides: [],
    conversation: () => conversation(source, table, { dialect, taken, system }),
    mends: isSound ? forms : found.mends,
    write: (edits) => messageSplices({ source, table, dialect, taken, frame, system, edits }),
  };
}

/** True for a message, also one whose words are not in their place, or that has none. */
function isOne(value: unknown, dialect: Dialect): boolean {
  if (isMessage(value) || isHollow(value)) return true;
  const message = asObject(value);
  if (message === null || !roles.has(asWords(message['role']))) return false;
  const { content: blocks, unread } = dialect.decode(message);
  return blocks.length > 0 || unread !== undefined;
}

/** Tells what is refused in the form of a message; the splices that mend it. */
function tellForm(
  source: ByteSource,
  { faults }: Dialect,
  found: Found,
  record: FileRecord,
): readonly Splice[] {
  const { offset, length } = record;
  const told = faults?.(record.value as JsonObject, () => bytesAt(source, offset, length)) ?? [];
  return told.flatMap(({ meaning, fix, mend }) => {
    found.tell({ code: 'UNEXPECTED_RECORD', severity: 'error', meaning, fix }, record);
    if (mend === null) return [];
    const { start, end, text } = mend;
    const why = { code: 'UNEXPECTED_RECORD', told: `${meaning} ${fix}` } as const;
    return [{ offset: offset + start, length: end - start, bytes: Buffer.from(text), why }];
  });
}

const unexpected = {
  code: 'UNEXPECTED_RECORD',
  severity: 'warning',
  meaning: 'This is JSON but no message: it has no known role with content or calls.',
  fix: null,
} as const;

/** What stands beside the messages for the model; null where that is nothing. */
function systemOf(
  source: ByteSource,
  frame: JsonFrame | null,
  { system }: Dialect,
): SystemMember | null {
  if (system === undefined) return null;
  const found = systemMember(source, frame, [system.member]);
  return found === null || system.decode(found.value).length === 0 ? null : found;
}

function factsOf(frame: JsonFrame | null): TranscriptFacts {
  const model = frame?.heads[0]?.['model']?.value;
  return {
    sessionId: null,
    title: null,
    cwd: null,
    version: null,
    model: typeof model === 'string' ? model : null,
  };
}

function* conversation(
  source: ByteSource,
  table: MessageTable,
  {
    dialect,
    taken,
    system,
  }: {
    readonly dialect: Dialect;
    readonly taken: ReadonlySet<string>;
    readonly system: SystemMember | null;
  },
): Generator<PlacedMessage, void> {
  if (system !== null) {
    const { place, value } = system;
    const content = dialect.system?.decode(value) ?? [];
    yield { role: 'system', content, place, places: content.map(() => place), model: null };
  }
  const { decode } = readingOf(dialect, taken);
  for (let index = 0; index < table.length; index += 1) {
    const place: Place = table.place(table.recordOf(index));
    const message = recordAt(source, place);
    const { role, content, unread } = decode(message);
    const { model } = message;
    yield {
      role,
      content,
      place,
      places: content.map(() => place),
      model: typeof model === 'string' ? model : null,
      ...timestampOf(message['timestamp']),
      ...(unread === undefined ? {} : { unread }),
    };
  }
}
