/** The database and the files of opencode, also as a crash or a full disk leaves them. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openByteFile } from '../../../src/platform/byte-file.ts';
import { isSqlite, openDatabaseStore, openFolderStore } from '../../../src/transcript/stores.ts';
import type { TranscriptStore } from '../../../src/transcript/transcript-store.ts';
import type { TestDatabase } from '../../helpers/sqlite-files.ts';
import { createDatabase, opencodeTables } from '../../helpers/sqlite-files.ts';
import { saidIn } from '../../helpers/transcript-lab.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-opencode-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What stands in a folder, bytes included. */
function contents(path: string): Record<string, string> {
  const files = readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'hex')]);
  return Object.fromEntries(files) as Record<string, string>;
}

function addSession(
  db: TestDatabase,
  id: string,
  more: { updated?: number; revert?: object } = {},
): void {
  db.prepare(
    `INSERT INTO session (id, project_id, slug, directory, title, version, revert, time_created,
      time_updated) VALUES (?, 'p', 'slug', '/repo', ?, '1.3.0', ?, 1, ?)`,
  ).run(
    id,
    `Title ${id}`,
    more.revert === undefined ? null : JSON.stringify(more.revert),
    more.updated ?? 2,
  );
}

function addMessage(
  db: TestDatabase,
  session: string,
  id: string,
  data: object,
  parts: object[],
): void {
  db.prepare('INSERT INTO message VALUES (?, ?, 1, 1, ?)').run(id, session, JSON.stringify(data));
  for (const [n, part] of parts.entries()) {
    const row = [`prt_${id}_${n}`, id, session, JSON.stringify(part)];
    db.prepare('INSERT INTO part VALUES (?, ?, ?, 1, 1, ?)').run(...row);
  }
}

const running = {
  type: 'tool',
  callID: 'c1',
  tool: 'bash',
  state: { status: 'running', input: {} },
};

function fill(db: TestDatabase): void {
  db.exec(opencodeTables);
  db.exec("INSERT INTO project VALUES ('p','/',NULL,NULL,NULL,NULL,1,1,NULL,'[]',NULL)");
  addSession(db, 'ses_1');
  addSession(db, 'ses_2', { updated: 9, revert: { messageID: 'msg_4' } });
  addMessage(db, 'ses_1', 'msg_1', { role: 'user' }, [{ type: 'text', text: 'go' }]);
  const assistant = { role: 'assistant', providerID: 'openai', modelID: 'gpt' };
  addMessage(db, 'ses_1', 'msg_2', assistant, [{ type: 'text', text: 'ok' }, running]);
  addMessage(db, 'ses_2', 'msg_3', { role: 'user' }, [{ type: 'text', text: 'kept' }]);
  addMessage(db, 'ses_2', 'msg_4', { role: 'user' }, [{ type: 'text', text: 'taken back' }]);
}

/** Opens a database, runs, and closes it. */
function withStore<T>(path: string, run: (store: TranscriptStore) => T): T {
  const store = openDatabaseStore(path);
  if (store === null) throw new Error('this is a database of opencode');
  try {
    return run(store);
  } finally {
    store.close();
  }
}

describe('the database of opencode', () => {
  it('lists its sessions, the newest first, and opens them by id', () => {
    const path = join(folder, 'opencode.db');
    const db = createDatabase(path);
    fill(db);
    db.close();
    withStore(path, (store) => {
      expect(store.format).toBe('opencode');
      expect(store.sessions()).toMatchObject([
        { id: 'ses_2', title: 'Title ses_2', cwd: '/repo', updatedMs: 9, messages: 2 },
        { id: 'ses_1', messages: 2, parentId: null },
      ]);
      const one = store.open('ses_1');
      expect(one).toMatchObject({ profile: 'openai-responses', findings: [], write: null });
      expect(one.facts).toMatchObject({ sessionId: 'ses_1', version: '1.3.0', model: 'gpt' });
      const messages = [...one.conversation()];
      expect(messages.map(({ place }) => place)).toMatchObject([
        { record: 0, offset: null, line: null, id: 'msg_1' },
        { record: 1, offset: null, id: 'msg_2' },
      ]);
      expect(messages[1]?.places.map(({ id }) => id)).toEqual(['prt_msg_2_0', 'prt_msg_2_1']);
      expect(messages[1]?.content[1]).toMatchObject({ type: 'tool_use', status: 'running' });
      expect(saidIn(store.open('ses_2'))).toHaveLength(1);
      expect(() => store.open('ses_3')).toThrow(/No session "ses_3"/);
    });
  });

  it('is read as its log says after a crash, and nothing is written beside it', () => {
    const live = join(folder, 'live.db');
    const db = createDatabase(live);
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA wal_autocheckpoint = 0');
    fill(db);
    // As a kill leaves it: everything is in the log, and the index of the log is not there.
    const crashed = join(folder, 'crashed');
    mkdirSync(crashed);
    for (const name of ['', '-wal']) copyFileSync(live + name, join(crashed, `opencode.db${name}`));
    db.close();
    const before = contents(crashed);
    expect(Buffer.from(before['opencode.db-wal'] ?? '', 'hex').length).toBeGreaterThan(10_000);
    chmodSync(crashed, 0o500);
    try {
      withStore(join(crashed, 'opencode.db'), (store) => {
        expect(store.sessions().map(({ id }) => id)).toEqual(['ses_2', 'ses_1']);
        expect(saidIn(store.open('ses_1'))).toHaveLength(2);
      });
    } finally {
      chmodSync(crashed, 0o700);
    }
    expect(contents(crashed)).toEqual(before);
  });

  it('leaves no copy behind', () => {
    const path = join(folder, 'opencode.db');
    const db = createDatabase(path);
    db.exec('PRAGMA journal_mode = WAL');
    fill(db);
    db.close();
    // Its own folder for copies: other tests open databases at the same time.
    const copies = join(folder, 'copies');
    mkdirSync(copies);
    vi.stubEnv('TMPDIR', copies);
    withStore(path, (store) => {
      // Opened again while it is open, it is not copied again, and stays open for the first.
      expect(withStore(path, (again) => saidIn(again.open('ses_1')))).toHaveLength(2);
      expect(readdirSync(copies)).toEqual([expect.stringMatching(/^holdfast-sqlite-/)]);
      expect(saidIn(store.open('ses_1'))).toHaveLength(2);
    });
    expect(readdirSync(copies)).toEqual([]);
    expect(readdirSync(folder)).toEqual(['copies', 'opencode.db']);
  });

  it('tells rows whose JSON is damaged, and parts whose message is gone', () => {
    const path = join(folder, 'opencode.db');
    const db = createDatabase(path);
    db.exec('PRAGMA foreign_keys = OFF');
    fill(db);
    db.exec("UPDATE part SET data = '{\"type\":\"te' WHERE id = 'prt_msg_2_0'");
    db.exec("INSERT INTO part VALUES ('prt_lost', 'msg_9', 'ses_1', 1, 1, '{}')");
    db.close();
    withStore(path, (store) => {
      const transcript = store.open('ses_1');
      const { findings } = transcript;
      expect([...transcript.conversation()].map(({ content }) => content.length)).toEqual([1, 1]);
      expect(findings.map(({ code, place }) => [code, place?.id])).toEqual([
        ['MISSING_PARENT', 'prt_lost'],
        ['MALFORMED_RECORD', 'prt_msg_2_0'],
      ]);
    });
  });

  it('is told from other databases and other files by what is in it', () => {
    const path = join(folder, 'other.db');
    const db = createDatabase(path);
    db.exec('CREATE TABLE session (id text)');
    db.close();
    expect(openDatabaseStore(path)).toBeNull();
    const text = join(folder, 'opencode.db');
    writeFileSync(text, 'SQLite format 2');
    const file = openByteFile(text);
    expect(isSqlite(file)).toBe(false);
    file.close();
    writeFileSync(text, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 7)]));
    expect(() => openDatabaseStore(text)).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
  });

  it('that is torn is told as torn wherever SQLite finds it, and as no fault to report', () => {
    const path = join(folder, 'opencode.db');
    const db = createDatabase(path);
    fill(db);
    db.close();
    const whole = readFileSync(path);
    const reading = (): void => {
      withStore(path, (store) => {
        for (const { id } of store.sessions()) saidIn(store.open(id));
      });
    };
    let torn = 0;
    for (let size = 512; size < whole.length; size += 512) {
      writeFileSync(path, whole.subarray(0, size));
      try {
        reading();
      } catch (error) {
        torn += 1;
        expect(error).toMatchObject({ code: 'DAMAGED' });
        expect(String(error)).toMatch(/is torn, or its -wal file was not copied/);
      }
    }
    expect(torn).toBeGreaterThan(0);
  });
});

describe('the files of opencode', () => {
  const put = (path: string, value: unknown): void => {
    const full = join(folder, 'storage', path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, typeof value === 'string' ? value : JSON.stringify(value));
  };
  const session = { id: 'ses_1', title: 'One', directory: '/repo', time: { updated: 5 } };
  const fillFiles = (): void => {
    put('session/proj/ses_1.json', session);
    put('message/ses_1/msg_2.json', { id: 'msg_2', role: 'assistant', time: { created: 2 } });
    put('message/ses_1/msg_1.json', { id: 'msg_1', role: 'user', time: { created: 1 } });
    put('part/msg_1/prt_1.json', { id: 'prt_1', type: 'text', text: 'go' });
    put('part/msg_2/prt_2.json', { id: 'prt_2', type: 'text', text: 'ok' });
    put('part/msg_2/prt_3.json', { id: 'prt_3', ...running });
  };
  const opened = (): TranscriptStore => {
    const store = openFolderStore(folder);
    if (store === null) throw new Error('this is a storage of opencode');
    return store;
  };

  it('are read in the order of time, with the parts of each message', () => {
    fillFiles();
    expect(opened().sessions()).toMatchObject([
      { id: 'ses_1', title: 'One', updatedMs: 5, messages: 2 },
    ]);
    const said = saidIn(opened().open('ses_1'));
    expect(said.map(({ role, content }) => [role, content.length])).toEqual([
      ['user', 1],
      ['assistant', 2],
    ]);
  });

  it('are read without those that a full disk left empty, which are told', () => {
    fillFiles();
    put('part/msg_2/prt_2.json', '');
    put('part/msg_1/prt_1b.json', '\0\0\0\0');
    put('part/msg_1/prt_1c.json', '{"id":"prt_1c","te');
    put('session/proj/ses_1.json', '');
    const transcript = opened().open('ses_1');
    expect(saidIn(transcript).map(({ content }) => content.length)).toEqual([1, 1]);
    expect(transcript.findings.map(({ code, place }) => [code, place?.id])).toEqual([
      ['TORN_RECORD', 'ses_1'],
      ['NUL_RUN', 'prt_1b'],
      ['TORN_RECORD', 'prt_1c'],
      ['TORN_RECORD', 'prt_2'],
    ]);
    expect(opened().sessions()).toMatchObject([{ id: 'ses_1', title: null, messages: 2 }]);
  });

  it('of the first versions have all parts in one folder', () => {
    fillFiles();
    put('message/ses_1/msg_3.json', { id: 'msg_3', role: 'user', time: { created: 3 } });
    put('part/prt_9.json', { id: 'prt_9', messageID: 'msg_3', type: 'text', text: 'flat' });
    expect(saidIn(opened().open('ses_1'))[2]?.content).toEqual([{ type: 'text', text: 'flat' }]);
  });

  it('are told from other folders', () => {
    mkdirSync(join(folder, 'message'));
    expect(openFolderStore(folder)).toBeNull();
    expect(openFolderStore(join(folder, 'none'))).toBeNull();
  });
});
