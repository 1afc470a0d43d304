/** The database of goose: one row for each message, with its content as JSON. */
import { addAll } from '../../base/lists.ts';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { SqliteFile, SqliteRow } from '../../platform/sqlite.ts';
import { parseText } from '../decode.ts';
import { inexactFindings, recordFinding } from '../fault-finding.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, textOf } from '../json-value.ts';
import { profileOf } from '../provider-profile.ts';
import { eachOnce, lostSession, lostSessionFinding } from '../lost-session.ts';
import { repeatedFinding, repeatedIn } from '../repeated-rows.ts';
import { spelledText } from '../spelling.ts';
import type { StoredSession, TranscriptStore } from '../transcript-store.ts';
import { noSuchSession, rowPlace } from '../transcript-store.ts';
import type { Transcript } from '../transcript.ts';
import { placedTurn } from '../value-codec.ts';
import { gooseTurns, isHidden } from './message-words.ts';
import { secondsOf } from '../timestamp.ts';

/** True for a database that has the tables of goose. */
export function isGooseDatabase(file: SqliteFile): boolean {
  const { tables } = file;
  const isNamed = tables.has('sessions') && tables.has('messages');
  if (!isNamed || !file.columns('sessions').has('updated_at')) return false;
  const columns = file.columns('messages');
  return ['id', 'session_id', 'content_json', 'timestamp'].every((name) => columns.has(name));
}

/** The sessions of a database, which is closed with the store. */
export function gooseDatabase(file: SqliteFile): TranscriptStore {
  return {
    format: 'goose',
    sessions: () => eachOnce([...file.rows(listing).map(listed), ...lostSessions(file)]),
    open(id) {
      const row = file.rows('SELECT * FROM sessions WHERE id = ?', id)[0];
      if (row !== undefined) return opened(file, id, row, []);
      const isLost = file.rows(anyMessage, id).length > 0;
      return isLost ? opened(file, id, {}, [lostSessionFinding(id, 'row')]) : noSuchSession(id);
    },
    close: () => file.close(),
  };
}

const listing = `SELECT s.*, CAST(strftime('%s', s.updated_at) AS INTEGER) * 1000 AS updated_ms,
  (SELECT count(*) FROM messages m WHERE m.session_id = s.id) AS messages
  FROM sessions s ORDER BY s.updated_at DESC, s.id DESC`;

const anyMessage = 'SELECT 1 FROM messages WHERE session_id = ? LIMIT 1';

/** Sessions without a row, by what messages say of theirs. */
const lostListing = `SELECT m.session_id AS id, count(*) AS messages FROM messages m
  WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = m.session_id)
  GROUP BY m.session_id ORDER BY m.session_id DESC`;

function lostSessions(file: SqliteFile): readonly StoredSession[] {
  return file.rows(lostListing).flatMap((row) => {
    const id = asText(row['id']);
    return id === null ? [] : [lostSession(id, Number(row['messages']))];
  });
}

function listed(row: SqliteRow): StoredSession {
  return {
    id: asText(row['id']) ?? '',
    title: titleOf(row),
    cwd: asText(row['working_dir']),
    updatedMs: typeof row['updated_ms'] === 'number' ? row['updated_ms'] : null,
    messages: Number(row['messages'] ?? 0),
    parentId: asText(row['parent_session_id']),
  };
}

/** Newer versions have a name; it is empty where only the description was ever set. */
function titleOf(row: SqliteRow): string | null {
  const title = asText(row['name']) || asText(row['description']);
  return title === null || title === '' ? null : title;
}

function opened(
  file: SqliteFile,
  session: string,
  row: SqliteRow,
  told: readonly TranscriptFinding[],
): Transcript {
  const findings = [...told];
  const rows = file
    .rows('SELECT id FROM messages WHERE session_id = ? ORDER BY timestamp, id', session)
    .map(({ id }) => Number(id));
  const ids = [...new Set(rows)];
  for (const id of repeatedIn(rows)) {
    const contents = rowsOf(file, id).map((one) => one['content_json']);
    findings.push(repeatedFinding('message', String(id), ids.indexOf(id), contents));
  }
  let hidden = 0;
  for (const [record, id] of ids.entries()) {
    const value = messageAt(file, id);
    if (value === null) findings.push(damaged(record, id));
    else if (isHidden(value)) hidden += 1;
    else addAll(findings, inexactFindings(textAt(file, id), rowPlace(record, String(id))));
  }
  const model = textOf(asObject(parseText(asText(row['model_config_json']) ?? '')), 'model_name');
  return {
    format: 'goose',
    profile: profileOf(asText(row['provider_name'])),
    records: ids.length,
    facts: {
      sessionId: session,
      title: titleOf(row),
      cwd: asText(row['working_dir']),
      version: null,
      model,
    },
    findings,
    sides: hidden === 0 ? [] : [{ kind: 'compacted', id: null, messages: hidden }],
    conversation: () => conversation(file, ids),
    mends: [],
    write: null,
  };
}

function* conversation(file: SqliteFile, ids: readonly number[]): Generator<PlacedMessage, void> {
  for (const [record, id] of ids.entries()) {
    const value = messageAt(file, id);
    if (value === null) continue;
    const place = rowPlace(record, textOf(value, 'message_id') ?? String(id));
    for (const turn of gooseTurns(value))
      yield placedTurn(turn, place, secondsOf(value['created']));
  }
}

function textAt(file: SqliteFile, id: number): string {
  return asText(rowsOf(file, id).at(-1)?.['content_json']) ?? '';
}

function rowsOf(file: SqliteFile, id: number): readonly SqliteRow[] {
  return file.rows('SELECT * FROM messages WHERE id = ?', id);
}

/** A row as the line that older versions wrote; null when its content cannot be read. */
function messageAt(file: SqliteFile, id: number): JsonObject | null {
  const row = rowsOf(file, id).at(-1);
  const content = spelledText(asText(row?.['content_json']) ?? '');
  if (row === undefined || !Array.isArray(content)) return null;
  const metadata = asObject(parseText(asText(row['metadata_json']) ?? ''));
  return { role: row['role'], content, metadata, message_id: row['message_id'] };
}

function damaged(record: number, id: number): TranscriptFinding {
  const meaning = `The content of message ${id} is no JSON list; nothing of it can be read.`;
  const place = rowPlace(record, String(id));
  const finding = recordFinding('UNEXPECTED_RECORD', 'error', place, meaning);
  return { ...finding, code: 'MALFORMED_RECORD' };
}
