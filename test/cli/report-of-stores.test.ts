/** `recover report` of what holds several sessions of another tool: a database, or a folder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TranscriptReport } from '../../src/page/report.ts';
import { createDatabase, opencodeTables } from '../helpers/sqlite-files.ts';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const user = { role: 'user', time: { created: 1 } };
const assistant = { role: 'assistant', time: { created: 2 }, providerID: 'anthropic' };
const asked = { type: 'text', text: 'What is in this folder?' };
const pending = {
  type: 'tool',
  tool: 'bash',
  callID: 'toolu_1',
  state: { status: 'running', input: { command: 'ls' }, time: { start: 1 } },
};

/** A database with these sessions, each of them with a call that has no result. */
function database(...sessions: readonly string[]): string {
  const path = join(place.folder, 'opencode.db');
  const db = createDatabase(path);
  db.exec(opencodeTables);
  db.exec("INSERT INTO project VALUES ('p', '/', '', '', '', '', 1, 1, 1, '[]', '')");
  for (const id of sessions) {
    db.prepare(
      `INSERT INTO session (id, project_id, slug, directory, title, version, time_created,
        time_updated) VALUES (?, 'p', 'slug', '/repo', ?, '1.3.0', 1, 2)`,
    ).run(id, `Title ${id}`);
    for (const [name, info, part] of [
      ['a', user, asked],
      ['b', assistant, pending],
    ] as const) {
      const message = `msg_${id}_${name}`;
      const row = [message, id, JSON.stringify(info)];
      db.prepare('INSERT INTO message VALUES (?, ?, 1, 1, ?)').run(...row);
      const cells = [`prt_${id}_${name}`, message, id, JSON.stringify(part)];
      db.prepare('INSERT INTO part VALUES (?, ?, ?, 1, 1, ?)').run(...cells);
    }
  }
  db.close();
  return path;
}

/** A folder with one session, as older versions of opencode kept it. */
function folder(): string {
  const root = join(place.folder, 'opencode');
  const files: Readonly<Record<string, object>> = {
    'session/p/ses_a.json': { id: 'ses_a', title: 'Title ses_a', directory: '/repo' },
    'message/ses_a/msg_a.json': { id: 'msg_a', ...user },
    'message/ses_a/msg_b.json': { id: 'msg_b', ...assistant },
    'part/msg_a/prt_a.json': { id: 'prt_a', messageID: 'msg_a', ...asked },
    'part/msg_b/prt_b.json': { id: 'prt_b', messageID: 'msg_b', ...pending },
  };
  for (const [name, value] of Object.entries(files)) {
    const path = join(root, 'storage', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(value));
  }
  return root;
}

describe('recover report of a store of opencode', () => {
  test('has the session of a database that is named, and says how to import that one', async () => {
    const path = database('ses_a', 'ses_b');
    const html = join(place.folder, 'a.html');
    const told = await recover('report', path, '--session', 'ses_b', '--html', html);
    expect(told).toMatchObject({ code: 10 });
    expect(told.stdout).toContain(`${path}#ses_b`);
    expect(told.stdout).toContain(`import ${path} --from-session ses_b --session ses_b`);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('What is in this folder?');
    expect(page).toContain('DANGLING_TOOL_CALL');
  });

  test.each([
    ['database', () => database('ses_a')],
    ['folder', folder],
  ])('needs no name for the one session of a %s, and says what verify says', async (_, make) => {
    const path = make();
    const told = await recover('report', path, '--json');
    const verified = await recover('verify', path, '--json');
    expect([told.code, verified.code]).toEqual([10, 10]);
    const report = JSON.parse(told.stdout) as TranscriptReport;
    expect(report).toMatchObject({ format: 'opencode', counts: { bytes: null, messages: 2 } });
    const { findings } = JSON.parse(verified.stdout) as Pick<TranscriptReport, 'findings'>;
    expect(report.findings).toEqual(findings);
  });

  test('names the sessions when none is named, and how to see all of many', async () => {
    const told = await recover('report', database('ses_a', 'ses_b'));
    expect(told.code).toBe(64);
    expect(told.stderr).toContain('holds 2 sessions; name one with --session: ses_b ses_a');
  });

  test('names the first of many sessions, and the command that lists all', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `ses_${index}`);
    const path = database(...many);
    const told = await recover('report', path, '--html', join(place.folder, 'b.html'));
    expect(told.code).toBe(64);
    expect(told.stderr).toContain(`recover scan ${path}`);
    expect(told.stdout).toBe('');
  });

  test('tells a session that is not there', async () => {
    const named = await recover('report', database('ses_a'), '--session', 'ses_x');
    expect(named).toMatchObject({ code: 66 });
    expect(named.stderr).toContain('No session "ses_x"');
  });

  test('tells a database that holds no session', async () => {
    const told = await recover('report', database());
    expect(told.code).toBe(64);
    expect(told.stderr).toContain('holds no session');
  });
});

describe('a message of opencode that is gone, with its parts still there', () => {
  test.each([
    [
      'database',
      () => {
        const path = database('ses_a');
        const db = createDatabase(path);
        db.exec('PRAGMA foreign_keys = OFF');
        db.exec("DELETE FROM message WHERE id = 'msg_ses_a_b'");
        db.close();
        return { path, part: 'prt_ses_a_b' };
      },
    ],
    [
      'folder',
      () => {
        const path = folder();
        rmSync(join(path, 'storage/message/ses_a/msg_b.json'));
        return { path, part: 'prt_b' };
      },
    ],
  ])('is damage that scan, verify, plan and report tell, in a %s', async (_, make) => {
    const { path, part } = make();
    for (const command of ['scan', 'verify', 'plan', 'report']) {
      const told = await recover(command, path);
      expect(told.code).toBe(20);
      expect(told.stdout).toContain('MISSING_PARENT');
      expect(told.stdout).not.toContain('1 clean');
      if (command !== 'scan') expect(told.stdout).toContain(`Part ${part} (tool)`);
    }
  });
});

describe('a session of opencode that is gone, with its messages still there', () => {
  test.each([
    [
      'database',
      () => {
        const path = database('ses_a');
        const db = createDatabase(path);
        db.exec('PRAGMA foreign_keys = OFF');
        db.exec('DELETE FROM session');
        db.close();
        return path;
      },
    ],
    [
      'folder',
      () => {
        const path = folder();
        rmSync(join(path, 'storage/session/p/ses_a.json'));
        return path;
      },
    ],
  ])('is listed and read, and is damage that every command tells, in a %s', async (_, make) => {
    const path = make();
    for (const command of ['scan', 'verify', 'plan', 'report']) {
      const told = await recover(command, path);
      expect([command, told.code]).toEqual([command, 20]);
      expect(told.stdout).toContain('MISSING_PARENT');
      expect(told.stdout).toContain('ses_a');
    }
    const verified = await recover('verify', path, '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ messages: 2, calls: 1 });
    expect(await recover('verify', path, '--session', 'ses_x')).toMatchObject({ code: 66 });
  });

  test('is none where the tool left only the empty folder of its messages', async () => {
    const path = folder();
    mkdirSync(join(path, 'storage/message/ses_deleted'));
    const told = await recover('scan', path);
    expect(told.code).toBe(10);
    expect(told.stdout).not.toContain('ses_deleted');
  });
});

describe('a database of SQLite that is torn', () => {
  test('is damaged in every command, with what to do and a page that fits', async () => {
    const path = database('ses_a');
    writeFileSync(path, readFileSync(path).subarray(0, 18 * 1024));
    for (const command of ['scan', 'verify', 'plan', 'report']) {
      const told = await recover(command, path);
      expect(told.code).toBe(20);
      expect(told.stderr).toContain('is torn, or its -wal file was not copied with it');
      expect(told.stderr).not.toContain('UNDECODABLE');
    }
    const page = await recover('explain', 'DAMAGED');
    expect(page.stdout).toMatch(/torn\s+database of\s+SQLite/);
  });

  test('is damaged as well for a scan of its folder, which goes on, wherever it is torn', async () => {
    const path = database('ses_a');
    const whole = readFileSync(path);
    const hello = file('hello.json', '[{"role":"user","content":"go"}]');
    for (let size = 40; size < whole.length; size += 4096) {
      writeFileSync(path, whole.subarray(0, size));
      const alone = await recover('scan', path, '--json');
      const met = await recover('scan', place.folder, '--json');
      expect([size, met.code]).toEqual([size, alone.code]);
      expect(met.stdout).toContain(JSON.stringify(hello));
      const [row] = alone.stdout.split('\n');
      expect(met.stdout.split('\n')).toContain(row);
    }
  });

  test('is not what a database of another program is called', async () => {
    const path = join(place.folder, 'other.db');
    const db = createDatabase(path);
    db.exec('CREATE TABLE words (id text)');
    db.close();
    const told = await recover('verify', path);
    expect(told.code).toBe(64);
    expect(told.stderr).toContain('without the tables of opencode or goose');
    expect(told.stderr).not.toContain('JSON');
    file('clean.json', '[{"role":"user","content":"go"}]');
    const scanned = await recover('scan', place.folder);
    expect(scanned.stdout).toContain('1 other file passed over');
  });
});
