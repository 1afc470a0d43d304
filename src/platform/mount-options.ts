/**
 * The options that a directory's file system is mounted with, as Linux lists them. For people and
 * for warnings: what is not told there may be a default.
 */
import { readFileSync } from 'node:fs';

/** The options of the mount that this absolute path lies in; none where the machine lists none. */
export function mountOptions(path: string): readonly string[] {
  try {
    return optionsAt(readFileSync('/proc/self/mounts', 'utf8'), path);
  } catch {
    // Not Linux, or /proc is not mounted: nobody says, and nothing is concluded.
    return [];
  }
}

/** The same from the text of the list: the longest mount point counts, of equal ones the last. */
export function optionsAt(mounts: string, path: string): readonly string[] {
  let best: { readonly point: string; readonly options: readonly string[] } | null = null;
  for (const line of mounts.split('\n')) {
    const [, escaped = '', , options = ''] = line.split(' ');
    const point = unescaped(escaped);
    const isAround = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (point === '' || !isAround || point.length < (best?.point.length ?? 0)) continue;
    best = { point, options: options.split(',') };
  }
  return best?.options ?? [];
}

/** Blanks and backslashes stand there in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => {
    return String.fromCharCode(Number.parseInt(digits, 8));
  });
}
