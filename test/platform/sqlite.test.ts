/** Databases are read without a trace, and without any SQLite it is said what to install. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite } from '../../src/platform/sqlite.ts';
import { createDatabase } from '../helpers/sqlite-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-read-'));
  path = join(folder, 'some.db');
  const db = createDatabase(path);
  db.exec('CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT)');
  db.exec("INSERT INTO words (word) VALUES ('one'), ('two')");
  db.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openSqlite', () => {
  it('reads tables, columns and rows, and refuses to write', () => {
    const file = openSqlite(path);
    expect([...file.tables]).toEqual(['words']);
    expect([...file.columns('words')]).toEqual(['id', 'word']);
    expect(file.rows('SELECT word FROM words WHERE id > ?', 1)).toEqual([{ word: 'two' }]);
    expect(() => file.rows('DELETE FROM words RETURNING id')).toThrow(
      expect.objectContaining({ code: 'UNDECODABLE' }),
    );
    file.close();
    file.close();
    const again = openSqlite(path);
    expect(again.rows('SELECT count(*) AS n FROM words')).toEqual([{ n: 2 }]);
    again.close();
  });

  it('rolls a journal of a crash back in a copy, and leaves the original as it is', () => {
    // Killed in the middle of a transaction that had spilled into the database.
    const program = `
      const { createRequire } = require('node:module');
      const load = createRequire(${JSON.stringify(join(root, 'package.json'))});
      let db;
      try {
        db = new (load('better-sqlite3'))(${JSON.stringify(path)});
      } catch {
        db = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)});
      }
      db.exec('PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN');
      const insert = db.prepare('INSERT INTO words (word) VALUES (?)');
      for (let n = 0; n < 2000; n += 1) insert.run('w'.repeat(500));
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['-e', program]);
    expect(statSync(`${path}-journal`).size).toBeGreaterThan(0);
    const before = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).size]);
    const file = openSqlite(path);
    expect(file.rows('SELECT count(*) AS n FROM words')).toEqual([{ n: 2 }]);
    file.close();
    expect(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).size])).toEqual(
      before,
    );
  });

  it('says of a file that is no database, and of one that is not there, what is wrong', () => {
    writeFileSync(path, 'SQLite format 3\0 and then something else');
    expect(() => openSqlite(path)).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }));
    const missing = join(folder, 'none.db');
    expect(() => openSqlite(missing)).toThrow(expect.objectContaining({ code: 'IO' }));
    expect(existsSync(missing)).toBe(false);
  });

  it('says what to install where no SQLite is there', () => {
    for (const name of ['dist/base', 'dist/platform']) {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const module = pathToFileURL(join(folder, 'dist/platform/sqlite.js')).href;
    const program = `
      import { openSqlite } from ${JSON.stringify(module)};
      try {
        console.log(JSON.stringify([...openSqlite(${JSON.stringify(path)}).tables]));
      } catch (error) {
        console.log(error.code, error.message);
      }`;
    const { stdout } = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', program],
      { encoding: 'utf8', cwd: folder },
    );
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const bringsOne = major > 22 || (major === 22 && minor >= 13);
    if (bringsOne) expect(stdout).toBe('["words"]\n');
    else expect(stdout).toMatch(/^NOT_FOUND .*npm install better-sqlite3/);
  });
});
