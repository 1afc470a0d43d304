/**
 * Databases of SQLite whose file is torn: a copy that was cut off, pages that a crash left empty,
 * or a file whose log was not copied with it. SQLite finds that only where it reads the place.
 */
import { HoldfastError } from '../base/errors.ts';
import { openSqlite } from '../platform/sqlite.ts';
import type { SqliteFile } from '../platform/sqlite.ts';

/** Opens a database. It and what it reads throw `DAMAGED` where the file is torn. */
export function openDatabase(path: string): SqliteFile {
  const file = telling(path, () => openSqlite(path));
  return {
    tables: file.tables,
    columns: (table) => telling(path, () => file.columns(table)),
    rows: (query, ...values) => telling(path, () => file.rows(query, ...values)),
    close: () => file.close(),
  };
}

function telling<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const said = tornWords(error);
    if (said === null) throw error;
    const message =
      `${JSON.stringify(path)} is damaged: SQLite cannot read all of it (${said}). The file is ` +
      'torn, or its -wal file was not copied with it: copy both again while the tool is stopped, ' +
      'or take a backup; `sqlite3 FILE .recover` gets out the rows that are left';
    const details = { sessions: [], file: path, offset: null };
    throw new HoldfastError('DAMAGED', message, details, { cause: error });
  }
}

/** Numbers of SQLite for a torn database, and for a file that is none. */
const tornNumbers: ReadonlySet<number> = new Set([11, 26]);

/** What SQLite says of a torn file; null for other errors, such as a column that is not there. */
function tornWords(error: unknown): string | null {
  if (!HoldfastError.is(error, 'UNDECODABLE')) return null;
  const { code, errcode, message } = error.cause as {
    readonly code?: unknown;
    readonly errcode?: unknown;
    readonly message?: unknown;
  };
  const isNamed = typeof code === 'string' && /^SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT)/.test(code);
  const isTorn = isNamed || (typeof errcode === 'number' && tornNumbers.has(errcode & 0xff));
  return isTorn ? String(message) : null;
}
