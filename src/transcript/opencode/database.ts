/** The database of opencode: sessions, messages and parts are rows, each with its JSON. */
import { addAll } from '../../base/lists.ts';
import { asWords } from '../../base/deep-json.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { SqliteFile, SqliteRow, SqliteValue } from '../../platform/sqlite.ts';
import { inexactFindings, recordFinding } from '../fault-finding.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { eachOnce, lostSession, lostSessionFinding } from '../lost-session.ts';
import { repeatedFinding, repeatedIn } from '../repeated-rows.ts';
import { spelledText } from '../spelling.ts';
import type { StoredSession, TranscriptStore } from '../transcript-store.ts';
import { noSuchSession, rowPlace } from '../transcript-store.ts';
import { lostPartFinding } from './lost-parts.ts';
import type { PlacedPart, StoredMessage } from './session.ts';
import { storedTranscript } from './stored-session.ts';

/** True for a database that has the tables of opencode. */
export function isOpencodeDatabase(file: SqliteFile): boolean {
  return Object.entries(needed).every(([table, names]) => {
    if (!file.tables.has(table)) return false;
    const columns = file.columns(table);
    return names.every((name) => columns.has(name));
  });
}

/** Tables of other programs have these names too, but not with these columns. */
const needed: Readonly<Record<string, readonly string[]>> = {
  session: ['id', 'title', 'directory', 'parent_id', 'time_updated'],
  message: ['id', 'session_id', 'time_created', 'data'],
  part: ['id', 'session_id', 'message_id', 'data'],
};

/** The sessions of a database, which is closed with the store. */
export function opencodeDatabase(file: SqliteFile): TranscriptStore {
  return {
    format: 'opencode',
    sessions: () => eachOnce([...file.rows(listing).map(listed), ...lostSessions(file)]),
    open(id) {
      const row = file.rows('SELECT * FROM session WHERE id = ?', id)[0];
      if (row === undefined && !isLost(file, id)) return noSuchSession(id);
      const findings = row === undefined ? [lostSessionFinding(id, 'row')] : [];
      const messages = messagesIn(file, id, findings);
      const session = row === undefined ? { id } : sessionOf(row);
      return storedTranscript({ session, messages, findings, mends: [] });
    },
    close: () => file.close(),
  };
}

const listing = `SELECT s.id, s.title, s.directory, s.parent_id, s.time_updated,
  (SELECT count(*) FROM message m WHERE m.session_id = s.id) AS messages
  FROM session s ORDER BY s.time_updated DESC, s.id DESC`;

/** Sessions without a row, by what messages and parts say of theirs. */
const lostListing = `SELECT t.id, (SELECT count(*) FROM message m WHERE m.session_id = t.id)
  AS messages FROM (SELECT session_id AS id FROM message UNION SELECT session_id FROM part) t
  WHERE NOT EXISTS (SELECT 1 FROM session s WHERE s.id = t.id) ORDER BY t.id DESC`;

function lostSessions(file: SqliteFile): readonly StoredSession[] {
  return file.rows(lostListing).flatMap((row) => {
    const id = asText(row['id']);
    return id === null ? [] : [lostSession(id, Number(row['messages']))];
  });
}

function isLost(file: SqliteFile, session: string): boolean {
  return ['message', 'part'].some(
    (table) => file.rows(`SELECT 1 FROM ${table} WHERE session_id = ? LIMIT 1`, session).length > 0,
  );
}

function listed(row: SqliteRow): StoredSession {
  return {
    id: asText(row['id']) ?? '',
    title: asText(row['title']),
    cwd: asText(row['directory']),
    updatedMs: typeof row['time_updated'] === 'number' ? row['time_updated'] : null,
    messages: Number(row['messages'] ?? 0),
    parentId: asText(row['parent_id']),
  };
}

function sessionOf(row: SqliteRow): JsonObject {
  const { revert, ...rest } = row;
  return { ...rest, revert: objectIn(revert) };
}

function objectIn(text: SqliteValue | undefined): JsonObject | null {
  return typeof text === 'string' ? asObject(spelledText(text)) : null;
}

function messagesIn(
  file: SqliteFile,
  session: string,
  findings: TranscriptFinding[],
): readonly StoredMessage[] {
  const rows = file
    .rows('SELECT id FROM message WHERE session_id = ? ORDER BY time_created, id', session)
    .map((row) => asText(row['id']) ?? '');
  const ids = [...new Set(rows)];
  const dataOf = (id: string): readonly SqliteRow[] => {
    return file.rows('SELECT data FROM message WHERE id = ? AND session_id = ?', id, session);
  };
  for (const id of repeatedIn(rows)) {
    const contents = dataOf(id).map(({ data }) => data);
    findings.push(repeatedFinding('message', id, ids.indexOf(id), contents));
  }
  const damaged = new Damage(findings);
  const messages = ids.map((id, index): StoredMessage => {
    return {
      id,
      place: rowPlace(index, id),
      info: () => damaged.value(dataOf(id).at(-1)?.['data'], index, id, 'message') ?? {},
      parts: () => partsOf(file, id, index, damaged),
    };
  });
  tellLostParts(file, session, findings);
  return messages;
}

function partsOf(
  file: SqliteFile,
  message: string,
  record: number,
  damaged: Damage,
): readonly PlacedPart[] {
  const rows = file.rows('SELECT id, data FROM part WHERE message_id = ? ORDER BY id', message);
  const byId = new Map<string, SqliteRow[]>();
  for (const row of rows) {
    const id = asText(row['id']) ?? '';
    byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return [...byId].flatMap(([id, same]): PlacedPart[] => {
    if (same.length > 1) {
      damaged.repeated(
        id,
        record,
        same.map(({ data }) => data),
      );
    }
    const row = same.at(-1) ?? {};
    const value = damaged.value(row['data'], record, id, 'part');
    return value === null ? [] : [{ value, place: rowPlace(record, id) }];
  });
}

/** Rows that cannot be read as they stand there are told once, however often they are read. */
class Damage {
  readonly #findings: TranscriptFinding[];
  readonly #told = new Set<string>();

  constructor(findings: TranscriptFinding[]) {
    this.#findings = findings;
  }

  /** A part that stands in the table more than once. */
  repeated(id: string, record: number, contents: readonly (SqliteValue | undefined)[]): void {
    const key = `repeated ${id}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#findings.push(repeatedFinding('part', id, record, contents));
  }

  value(
    text: SqliteValue | undefined,
    record: number,
    id: string,
    kind: 'message' | 'part',
  ): JsonObject | null {
    const value = objectIn(text);
    const key = `${kind} ${id}`;
    if (this.#told.has(key)) return value;
    this.#told.add(key);
    if (value !== null) {
      addAll(this.#findings, inexactFindings(asText(text) ?? '', rowPlace(record, id)));
    } else {
      const meaning = `The data of ${kind} ${id} is no JSON object; nothing of it can be read.`;
      const place = rowPlace(record, id);
      this.#findings.push({
        ...recordFinding('UNEXPECTED_RECORD', 'error', place, meaning),
        code: 'MALFORMED_RECORD',
      });
    }
    return value;
  }
}

function tellLostParts(file: SqliteFile, session: string, findings: TranscriptFinding[]): void {
  const lost = file.rows(
    `SELECT p.id, p.message_id, p.data FROM part p WHERE p.session_id = ? AND p.message_id NOT IN
      (SELECT m.id FROM message m WHERE m.session_id = p.session_id) ORDER BY p.id`,
    session,
  );
  for (const [index, row] of lost.entries()) {
    const part = { id: asText(row['id']) ?? '', value: objectIn(row['data']) };
    findings.push(lostPartFinding(part, asWords(row['message_id']), index));
  }
}
