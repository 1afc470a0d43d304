/** Which store a path is, told by what is in it: a database of SQLite, or a folder of files. */
import { listFolder } from '../platform/folder.ts';
import type { ByteSource } from './byte-source.ts';
import { openDatabase } from './torn-database.ts';
import { gooseDatabase, isGooseDatabase } from './goose/database.ts';
import { isOpencodeDatabase, opencodeDatabase } from './opencode/database.ts';
import { opencodeFiles } from './opencode/files.ts';
import type { TranscriptStore } from './transcript-store.ts';

const magic = 'SQLite format 3\0';

/** True for the bytes of a database of SQLite. */
export function isSqlite(source: ByteSource): boolean {
  return Buffer.from(source.read(0, magic.length)).toString('latin1') === magic;
}

/**
 * Opens a file that is a database of SQLite; null when it is that of no tool that is known here.
 * Throws `NOT_FOUND` when there is nothing to read SQLite with, and says what to install; `DAMAGED`
 * when the file is torn, as the store does while it is read.
 */
export function openDatabaseStore(path: string): TranscriptStore | null {
  const file = openDatabase(path);
  try {
    if (isOpencodeDatabase(file)) return opencodeDatabase(file);
    if (isGooseDatabase(file)) return gooseDatabase(file);
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return null;
}

/** Opens a folder; null when it is the store of no tool that is known here. */
export function openFolderStore(path: string): TranscriptStore | null {
  return listFolder(path).length === 0 ? null : opencodeFiles(path);
}
