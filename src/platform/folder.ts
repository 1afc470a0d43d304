/**
 * Folders and small files, read by calls that wait. For commands that do nothing else meanwhile.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { errnoOf, fromSystem } from '../base/errors.ts';

/** What a folder holds. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/** The entries of a folder by name; none when there is no such folder. */
export function listFolder(path: string): readonly FolderEntry[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .map((entry): FolderEntry => {
        const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
        return { name: entry.name, kind };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return [];
    throw fromSystem(error, 'list a folder', path);
  }
}

/** The bytes of a file; null when there is none. */
export function readSmallFile(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'EISDIR' || errno === 'ENOTDIR') return null;
    throw fromSystem(error, 'read a file', path);
  }
}
