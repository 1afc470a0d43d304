/** Databases and folders of other tools, which hold many sessions. */
import { HoldfastError } from '../../base/errors.ts';
import { openByteFile } from '../../platform/byte-file.ts';
import { wideEncodingOf } from '../../transcript/formats.ts';
import { isSqlite, openDatabaseStore, openFolderStore } from '../../transcript/stores.ts';
import type { TranscriptStore } from '../../transcript/transcript-store.ts';
import { pathKind } from '../path-kind.ts';

/**
 * The store of another tool at this path; null when it is none: a file of its own, or a folder that
 * only has files in it. NOT_FOUND when it is a database and nothing can read those; INVALID when it
 * is one of a program that is not known here; DAMAGED when it is torn.
 */
export async function storeAt(path: string): Promise<TranscriptStore | null> {
  const kind = await pathKind(path);
  if (kind === 'store') return null;
  if (kind === 'folder') return openFolderStore(path);
  const file = openByteFile(path);
  try {
    if (!isSqlite(file)) return null;
  } finally {
    file.close();
  }
  const store = openDatabaseStore(path);
  if (store !== null) return store;
  const message =
    `${JSON.stringify(path)} is a database of SQLite without the tables of opencode or goose; if ` +
    'it is one of theirs, its -wal file was not copied with it';
  throw new HoldfastError('INVALID', message, { path: 'PATH' });
}

/** True for a file that is named as sessions are and is text of two bytes a character. */
export function isWideText(path: string): boolean {
  if (!isNamedAsSession(path)) return false;
  const file = openByteFile(path);
  try {
    return wideEncodingOf(file) !== null;
  } finally {
    file.close();
  }
}

/** The endings that tools give their sessions, of records one a line and of one value. */
function isNamedAsSession(path: string): boolean {
  return /\.jsonl?$/.test(path);
}

const wipedLookBytes = 64 * 1024;

/**
 * True for a file that is named as sessions are and has no content: a power cut leaves such files,
 * and to pass over them in silence would hide the worst loss there is.
 */
export function isWiped(path: string): boolean {
  if (!isNamedAsSession(path)) return false;
  const file = openByteFile(path);
  try {
    return file.read(0, wipedLookBytes).every((byte) => byte === 0);
  } finally {
    file.close();
  }
}
