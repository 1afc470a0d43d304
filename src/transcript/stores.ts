/** Which store a path is, told by what is in it: a database of SQLite, or a folder of files. */
import { listFolder } from '../platform/folder.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';
import { openDatabase } from './torn-database.ts';
import { logFinding, logTailBeside } from './log-tail.ts';
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
    if (isOpencodeDatabase(file)) return withLog(path, opencodeDatabase(file));
    if (isGooseDatabase(file)) return withLog(path, gooseDatabase(file));
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return null;
}

/** Stores that are open, with what of their log is not read: each log is looked at once. */
const logs = new Map<string, { readonly told: readonly TranscriptFinding[]; holders: number }>();

/** A store that tells in each session what of the log of its database is not read. */
function withLog(path: string, store: TranscriptStore): TranscriptStore {
  const tail = logs.has(path) ? null : logTailBeside(path);
  const log = logs.get(path) ?? { told: tail === null ? [] : [logFinding(tail)], holders: 0 };
  log.holders += 1;
  logs.set(path, log);
  let isOpen = true;
  return {
    format: store.format,
    sessions: () => store.sessions(),
    open(id) {
      const transcript = store.open(id);
      if (log.told.length === 0) return transcript;
      return { ...transcript, findings: [...log.told, ...transcript.findings] };
    },
    close() {
      if (isOpen) log.holders -= 1;
      isOpen = false;
      if (log.holders === 0) logs.delete(path);
      store.close();
    },
  };
}

/** Opens a folder; null when it is the store of no tool that is known here. */
export function openFolderStore(path: string): TranscriptStore | null {
  return listFolder(path).length === 0 ? null : opencodeFiles(path);
}
