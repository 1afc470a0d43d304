/**
 * The file of `--html`: begun before anything is measured, so that nobody waits for a page that
 * cannot be written, and complete when it has its name. What was there is never written over.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { onDisk } from './place.ts';
import { UsageError } from './words.ts';

/** A page that is to come. */
export interface NewPage {
  readonly path: string;
  /** Gives it its name. */
  write(text: string): void;
  /** Takes away what was begun, if it was not written. */
  drop(): void;
}

/** A UsageError when something is there, or its directory is not. */
export function beginPage(name: string): NewPage {
  const path = resolve(name);
  const what = `Cannot write ${JSON.stringify(path)}`;
  if (!existsSync(dirname(path))) {
    const where = JSON.stringify(dirname(path));
    throw new UsageError(`${what}: there is no directory ${where}; make it`);
  }
  if (existsSync(path)) throw new UsageError(`${what}: something is there; name a new file`);
  const aside = `${path}.${process.pid}.holdfast-partial`;
  const file = onDisk('write', path, () => openSync(aside, 'wx'));
  const drop = (): void => rmSync(aside, { force: true });
  const write = (text: string): void => {
    writeFileSync(file, text);
    fsyncSync(file);
    closeSync(file);
    if (existsSync(path)) throw new UsageError(`${what}: something came there meanwhile`);
    renameSync(aside, path);
  };
  return { path, write: (text) => onDisk('write', path, () => write(text)), drop };
}
