/** A copy of the compiled code with a bug in it. */
import { cpSync, readFileSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from './mutations.ts';

/** The text with the edit in it. Throws unless what it replaces stands there exactly once. */
export function edited(text: string, { file, find, replace }: Edit): string {
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new Error(`In ${file} stands ${count} times, and not once: ${JSON.stringify(find)}`);
  }
  // A function, because `$` means something in a replacement text.
  return text.replace(find, () => replace);
}

/** Copies the compiled code into a new directory, with these edits. */
export function plant(root: string, directory: string, edits: readonly Edit[]): void {
  cpSync(join(root, '.sim'), directory, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'dir');
  for (const edit of edits) {
    const path = join(directory, 'src', `${edit.file}.js`);
    writeFileSync(path, edited(readFileSync(path, 'utf8'), edit));
  }
}
