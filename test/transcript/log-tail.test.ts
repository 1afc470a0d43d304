/** The write-ahead log of a database, of which SQLite passes over what it cannot read. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { logTail } from '../../src/transcript/log-tail.ts';
import { openDatabaseStore } from '../../src/transcript/stores.ts';
import { createDatabase } from '../helpers/sqlite-files.ts';
import type { TestDatabase } from '../helpers/sqlite-files.ts';
import { saidIn } from '../helpers/transcript-lab.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tables = `
CREATE TABLE session (id text PRIMARY KEY, title, directory, parent_id, revert, time_updated);
CREATE TABLE message (id text PRIMARY KEY, session_id, time_created, data);
CREATE TABLE part (id text PRIMARY KEY, session_id, message_id, data);
INSERT INTO session VALUES ('ses_1', 'One', '/repo', NULL, NULL, 1);`;

function add(db: TestDatabase, n: number): void {
  db.exec('BEGIN');
  const data = JSON.stringify({ role: n % 2 === 0 ? 'user' : 'assistant' });
  db.prepare("INSERT INTO message VALUES (?, 'ses_1', ?, ?)").run(`msg_${n}`, n, data);
  const part = JSON.stringify({ type: 'text', text: `${n} `.repeat(200) });
  db.prepare("INSERT INTO part VALUES (?, 'ses_1', ?, ?)").run(`prt_${n}`, `msg_${n}`, part);
  db.exec('COMMIT');
}

/** A database as a kill leaves it, with everything that was said in its log. */
function killed(work: (db: TestDatabase) => void = () => undefined): {
  readonly path: string;
  readonly log: Buffer;
} {
  const live = join(folder, 'live.db');
  const path = join(folder, 'opencode.db');
  const db = createDatabase(live);
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA wal_autocheckpoint = 0');
  db.exec(tables);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  for (let n = 10; n < 20; n += 1) add(db, n);
  work(db);
  for (const name of ['', '-wal']) copyFileSync(live + name, path + name);
  db.close();
  return { path, log: readFileSync(`${path}-wal`) };
}

/** How many messages are read with this log, and what is told. */
function read(path: string, log: Uint8Array): readonly [number, ...string[]] {
  writeFileSync(`${path}-wal`, log);
  const store = openDatabaseStore(path);
  if (store === null) throw new Error('this is a database of opencode');
  try {
    const transcript = store.open('ses_1');
    const told = transcript.findings.map(({ code, severity }) => `${severity} ${code}`);
    return [saidIn(transcript).length, ...told];
  } finally {
    store.close();
  }
}

const frame = 24 + 4096;

describe('the log of a database', () => {
  it('that is whole tells nothing', () => {
    const { path, log } = killed();
    expect(logTail(bytesSource(log))).toBeNull();
    expect(read(path, log)).toEqual([10]);
    expect(logTail(bytesSource(new Uint8Array(0)))).toBeNull();
  });

  it('that is cut in the middle of a page has words that are not read, which is told', () => {
    const { path, log } = killed();
    const half = 32 + Math.floor((log.length - 32) / frame / 2) * frame + 1000;
    const [messages, ...told] = read(path, log.subarray(0, half));
    expect(messages).toBeGreaterThan(2);
    expect(messages).toBeLessThan(8);
    expect(told).toEqual(['warning TORN_RECORD']);
  });

  it('that is damaged in the middle is damage: whole transactions stand behind it', () => {
    const { path, log } = killed();
    for (const at of [5 * frame + 100, 5 * frame + 32 + 8, 5 * frame + 32 + 20]) {
      const bytes = Buffer.from(log);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      const [messages, ...told] = read(path, bytes);
      expect(messages).toBeLessThan(8);
      expect(told).toEqual(['error MALFORMED_RECORD']);
    }
  });

  it('that does not begin as one is not read at all, which is damage', () => {
    const { path, log } = killed();
    const bytes = Buffer.from(log);
    bytes.fill(0, 0, 32);
    expect(read(path, bytes)).toEqual([0, 'error MALFORMED_RECORD']);
  });

  it('may have pages of an older log behind its end, which are no words that are lost', () => {
    const { path, log } = killed((db) => {
      db.exec('PRAGMA wal_checkpoint(RESTART)');
      add(db, 20);
    });
    expect(log.length).toBeGreaterThan(10 * frame);
    expect(read(path, log)).toEqual([11]);
  });

  it('may end in what a rollback left of a transaction that was large, which is a warning', () => {
    const { path, log } = killed((db) => {
      db.exec('PRAGMA cache_size = 1');
      db.exec('PRAGMA cache_spill = 1');
      db.exec('BEGIN');
      for (let n = 0; n < 400; n += 1) {
        const row = [`prt_x${n}`, JSON.stringify({ text: 'x'.repeat(2000) })];
        db.prepare("INSERT INTO part VALUES (?, 'ses_1', 'msg_x', ?)").run(...row);
      }
      db.exec('ROLLBACK');
    });
    expect(log.length).toBeGreaterThan(100 * frame);
    expect(read(path, log)).toEqual([10, 'warning TORN_RECORD']);
  });
});
