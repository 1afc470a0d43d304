/**
 * Where the measurements work: a directory of their own on the disk that is meant, which goes with
 * everything in it, however the run ends. Never inside a store or a log, whose directories are
 * theirs alone: beside it, if that is the same disk.
 */
import { posix } from 'node:path';
import { errnoOf, HoldfastError } from '../base/errors.ts';
import { toHex } from '../format/bytes.ts';
import { segmentNumber } from '../journal/segment-maker.ts';
import type { Random } from '../platform/clock.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { layoutOf } from '../recovery/layout.ts';
import { removeTree } from '../recovery/remove-tree.ts';

/** How the name of every scratch directory begins. */
export const scratchPrefix = '.holdfast-tune-';

/** A directory for the run. Removed with its content at the end of its scope. */
export interface Scratch extends AsyncDisposable {
  readonly directory: string;
  /** Names beside it that an earlier run left, or that one has which is running now. */
  readonly others: readonly string[];
}

/** Makes the directory for measurements of the disk at this path. NOT_FOUND, INVALID, FULL, IO. */
export async function makeScratch(
  fileSystem: FileSystem,
  path: string,
  random: Random,
): Promise<Scratch> {
  const base = await baseOf(fileSystem, path);
  const others = (await fileSystem.list(base)).filter((name) => name.startsWith(scratchPrefix));
  const directory = posix.join(base, `${scratchPrefix}${toHex(random.bytes(4))}`);
  await fileSystem.createDirectory(directory);
  return {
    directory,
    others: others.map((name) => posix.join(base, name)),
    [Symbol.asyncDispose]: () => removeTree(fileSystem, directory),
  };
}

/** The directory itself, or the one that the outermost store around it lies in. */
async function baseOf(fileSystem: FileSystem, path: string): Promise<string> {
  const real = await realDirectory(fileSystem, path);
  let base = real;
  for (let at = real; ; at = posix.dirname(at)) {
    if (await isOurs(fileSystem, at, real)) base = posix.dirname(at);
    if (at === posix.dirname(at)) break;
  }
  const [here, there] = [await fileSystem.stat(real), await fileSystem.stat(base)];
  if (here?.device === there?.device && !(await isOurs(fileSystem, base, base))) return base;
  const message =
    `Cannot measure at ${JSON.stringify(path)}: it is a store, and beside it is another disk; ` +
    'name an empty directory on the disk that is meant';
  throw new HoldfastError('INVALID', message, { path: 'DIR' });
}

async function realDirectory(fileSystem: FileSystem, path: string): Promise<string> {
  try {
    const real = await fileSystem.realPath(path);
    if ((await fileSystem.stat(real))?.kind === 'directory') return real;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error;
  }
  const message =
    `There is no directory ${JSON.stringify(path)}; name one that is there, on the disk that is ` +
    'to be measured';
  throw new HoldfastError('NOT_FOUND', message, { what: path });
}

/** Whether a store or a log lies here; only the directory that was named is listed for segments. */
async function isOurs(fileSystem: FileSystem, at: string, named: string): Promise<boolean> {
  const { storeFile, gate, writersFile } = layoutOf(at === '/' ? '' : at);
  for (const path of [storeFile, gate, writersFile]) {
    if ((await fileSystem.stat(path))?.kind === 'file') return true;
  }
  if (at !== named) return false;
  return (await fileSystem.list(at)).some((name) => segmentNumber(name) !== null);
}
