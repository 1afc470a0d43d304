/** better-sqlite3: one table of rows, WAL, synchronous=FULL. No index beside the key: its fastest form. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { messageAt } from '../messages.ts';
import { groupMessages } from './peer.ts';
import type { Peer } from './peer.ts';

/** A database as a session store would make it. */
export function openDatabase(path: string): Database.Database {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'CREATE TABLE entry (id INTEGER PRIMARY KEY, session TEXT NOT NULL, body TEXT NOT NULL)',
  );
  return database;
}

/** What puts one row into it. */
export function insertInto(database: Database.Database): Database.Statement<[string, string]> {
  return database.prepare<[string, string]>('INSERT INTO entry (session, body) VALUES (?, ?)');
}

/** A commit for each message, or for ten. Every call blocks the thread until it is on the disk. */
export class SqlitePeer implements Peer {
  readonly name = 'better-sqlite3';
  readonly group = groupMessages;
  readonly #database: Database.Database;
  readonly #insertNext: () => void;
  readonly #insertMany: (count: number) => void;
  #at = 0;

  constructor(directory: string) {
    this.#database = openDatabase(join(directory, 'sqlite.db'));
    const insert = insertInto(this.#database);
    this.#insertNext = () => {
      insert.run('session', JSON.stringify(messageAt(this.#at++)));
    };
    this.#insertMany = this.#database.transaction((count: number) => {
      for (let made = 0; made < count; made += 1) this.#insertNext();
    });
  }

  append(count: number): Promise<void> {
    if (count === 1) this.#insertNext();
    else this.#insertMany(count);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }
}
