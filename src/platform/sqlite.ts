/**
 * SQLite databases of other tools, read and never written. The package `better-sqlite3` does it
 * when it is installed beside Holdfast; else the SQLite that newer Nodes bring along.
 *
 * Nothing is ever made in the folder of the database. To read one that is in write-ahead mode, or
 * that a crash left with a journal, SQLite would write there: such a database is copied to a
 * temporary folder first, with what belongs to it, and recovered in the copy.
 */
import { createRequire } from 'node:module';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { DatabaseCopy } from './sqlite-copy.ts';
import { copyDatabase, needsCopy } from './sqlite-copy.ts';

/** A value in a row. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** One row, by the names of its columns. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** An open database. */
export interface SqliteFile {
  /** The names of its tables. */
  readonly tables: ReadonlySet<string>;
  /** The columns of a table, which must be one of `tables`. */
  columns(table: string): ReadonlySet<string>;
  /** All rows of a query that reads. Throws `UNDECODABLE` where the database is damaged. */
  rows(query: string, ...values: readonly SqliteValue[]): readonly SqliteRow[];
  /** Also removes the copy, if there is one and nobody else holds it. */
  close(): void;
}

/** What both implementations have. */
interface Database {
  exec(query: string): unknown;
  prepare(query: string): { all(...values: readonly SqliteValue[]): unknown };
  close(): void;
}

/** A copy may be recovered, and so is opened for writing; the original never is. */
type Open = (path: string, kind: 'original' | 'copy') => Database;

/** Databases that are open, with how many hold them. */
const shared = new Map<string, { readonly file: SqliteFile; holders: number }>();

/**
 * Opens a database; one that is open already is shared, so that whoever looks at its sessions one
 * by one does not copy it for each. Throws `NOT_FOUND` without any SQLite, and says what to
 * install.
 */
export function openSqlite(path: string): SqliteFile {
  const known = shared.get(path) ?? { file: openAnew(path), holders: 0 };
  known.holders += 1;
  shared.set(path, known);
  const { file } = known;
  let isOpen = true;
  return {
    tables: file.tables,
    columns: (table) => file.columns(table),
    rows: (query, ...values) => file.rows(query, ...values),
    close() {
      if (!isOpen) return;
      isOpen = false;
      known.holders -= 1;
      if (known.holders > 0) return;
      shared.delete(path);
      file.close();
    },
  };
}

function openAnew(path: string): SqliteFile {
  const open = implementation();
  let copy: DatabaseCopy | null = null;
  try {
    copy = needsCopy(path) ? copyDatabase(path) : null;
    const database = open(copy?.path ?? path, copy === null ? 'original' : 'copy');
    database.exec('PRAGMA query_only = 1');
    return new OpenSqlite(path, database, copy);
  } catch (error) {
    copy?.remove();
    throw told(error, path);
  }
}

class OpenSqlite implements SqliteFile {
  readonly tables: ReadonlySet<string>;
  readonly #path: string;
  readonly #database: Database;
  readonly #copy: DatabaseCopy | null;

  constructor(path: string, database: Database, copy: DatabaseCopy | null) {
    this.#path = path;
    this.#database = database;
    this.#copy = copy;
    const names = this.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
    this.tables = new Set(names.map(({ name }) => String(name)));
  }

  columns(table: string): ReadonlySet<string> {
    const rows = this.rows('SELECT name FROM pragma_table_info(?)', table);
    return new Set(rows.map(({ name }) => String(name)));
  }

  rows(query: string, ...values: readonly SqliteValue[]): readonly SqliteRow[] {
    try {
      return this.#database.prepare(query).all(...values) as readonly SqliteRow[];
    } catch (error) {
      throw told(error, this.#path);
    }
  }

  close(): void {
    this.#database.close();
    this.#copy?.remove();
  }
}

const require = createRequire(import.meta.url);
const install =
  'install it beside Holdfast with `npm install better-sqlite3`, or use Node 22.13 or later';

/** Asked for only when a database is opened: most users have none. */
function implementation(): Open {
  const reasons: unknown[] = [];
  for (const load of [packageOpen, builtInOpen]) {
    try {
      return load();
    } catch (error) {
      reasons.push(error);
    }
  }
  const [reason] = reasons;
  const said = reason instanceof Error ? (reason.message.split('\n')[0] ?? '') : String(reason);
  throw new HoldfastError(
    'NOT_FOUND',
    `To read SQLite databases the package better-sqlite3 is needed (${said}); ${install}`,
    { what: 'better-sqlite3' },
    { cause: reason },
  );
}

function packageOpen(): Open {
  const Package = require('better-sqlite3') as new (
    path: string,
    options: { readonly readonly: boolean; readonly fileMustExist: boolean },
  ) => Database;
  // The package is there, but its addon may be built for another Node: that shows only here.
  new Package(':memory:', { readonly: false, fileMustExist: false }).close();
  return (path, kind) => new Package(path, { readonly: kind === 'original', fileMustExist: true });
}

function builtInOpen(): Open {
  const { DatabaseSync } = require('node:sqlite') as {
    readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => Database;
  };
  return (path, kind) => new DatabaseSync(path, { readOnly: kind === 'original' });
}

/** Errors of SQLite have a code that begins with its name. */
function told(error: unknown, path: string): Error {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const isSqlite = typeof code === 'string' && /^(?:SQLITE_|ERR_SQLITE)/.test(code);
  if (!isSqlite) return fromSystem(error, 'read a SQLite database', path);
  return new HoldfastError(
    'UNDECODABLE',
    `SQLite cannot read ${JSON.stringify(path)}: ${String(message)}`,
    { file: path, offset: null },
    { cause: error },
  );
}
