/** A directory as it is on disk, for tests that something changes nothing. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line for each path below: kind, size, mode, inode and a hash of the content. */
export function listing(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(root, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) return `${name}/ ${stat.mode.toString(8)} ${stat.ino}`;
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
      return `${name} ${stat.mode.toString(8)} ${stat.ino} ${stat.size} ${hash}`;
    });
}
