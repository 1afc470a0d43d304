/** Rows of opencode that stand in their table more than once, as a copied table may have them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabaseStore } from '../../../src/transcript/stores.ts';
import type { TranscriptFinding } from '../../../src/integrity/finding.ts';
import { createDatabase } from '../../helpers/sqlite-files.ts';
import { saidIn } from '../../helpers/transcript-lab.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The tables without keys. */
const tables = `
CREATE TABLE session (id, title, directory, parent_id, revert, time_updated);
CREATE TABLE message (id, session_id, time_created, data);
CREATE TABLE part (id, session_id, message_id, data);
INSERT INTO session VALUES ('ses_1', 'One', '/repo', NULL, NULL, 1);
INSERT INTO message VALUES ('msg_1', 'ses_1', 1, '{"role":"user"}');
INSERT INTO message VALUES ('msg_2', 'ses_1', 2, '{"role":"assistant"}');
INSERT INTO part VALUES ('prt_1', 'ses_1', 'msg_1', '{"type":"text","text":"go"}');
INSERT INTO part VALUES ('prt_2', 'ses_1', 'msg_2', '{"type":"text","text":"ok"}');`;

/** What the session says once these statements have changed the database. */
function read(...changes: readonly string[]): {
  readonly sessions: readonly string[];
  readonly texts: readonly unknown[];
  readonly findings: readonly TranscriptFinding[];
} {
  const path = join(folder, 'opencode.db');
  const db = createDatabase(path);
  for (const statement of [tables, ...changes]) db.exec(statement);
  db.close();
  const store = openDatabaseStore(path);
  if (store === null) throw new Error('this is a database of opencode');
  try {
    const transcript = store.open('ses_1');
    const texts = saidIn(transcript).map(({ content }) => content.map((block) => block['text']));
    const sessions = store.sessions().map(({ id }) => id);
    return { sessions, texts, findings: transcript.findings };
  } finally {
    store.close();
  }
}

describe('rows of opencode that are there twice', () => {
  it('are read once and told, those of the session as well', () => {
    const tableNames = ['session', 'message', 'part'];
    const { sessions, texts, findings } = read(
      ...tableNames.map((name) => `INSERT INTO ${name} SELECT * FROM ${name}`),
    );
    expect(sessions).toEqual(['ses_1']);
    expect(texts).toEqual([['go'], ['ok']]);
    expect(findings.map(({ code, severity, place }) => [code, severity, place?.id])).toEqual([
      ['DUPLICATE_RECORD', 'warning', 'msg_1'],
      ['DUPLICATE_RECORD', 'warning', 'msg_2'],
      ['DUPLICATE_RECORD', 'warning', 'prt_1'],
      ['DUPLICATE_RECORD', 'warning', 'prt_2'],
    ]);
  });

  it('and say different things are told as such, and the last one is read', () => {
    const { texts, findings } = read(
      `INSERT INTO part VALUES ('prt_2', 'ses_1', 'msg_2', '{"type":"text","text":"new"}')`,
    );
    expect(texts).toEqual([['go'], ['new']]);
    expect(findings).toMatchObject([{ code: 'CONFLICTING_RECORD', place: { id: 'prt_2' } }]);
  });

  it('are none in a sound database', () => {
    expect(read()).toMatchObject({ texts: [['go'], ['ok']], findings: [] });
  });
});
