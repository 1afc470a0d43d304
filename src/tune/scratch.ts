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
import type { ProcessInfo } from '../platform/process-info.ts';
import { layoutOf } from '../recovery/layout.ts';
import { removeTree } from '../recovery/remove-tree.ts';

/** How the name of every scratch directory begins; its process, boot and chance follow. */
export const scratchPrefix = '.holdfast-tune-';

/** Who makes the directory, and how to ask after others. */
export interface ScratchParts {
  readonly fileSystem: FileSystem;
  readonly random: Random;
  readonly self: Self;
  readonly isAlive: (pid: number) => boolean;
}

/** This process, as the name of its directory tells it. */
export type Self = Pick<ProcessInfo, 'pid' | 'bootId'>;

/** A directory for the run. Removed with its content at the end of its scope. */
export interface Scratch extends AsyncDisposable {
  readonly directory: string;
  /** What is to be said of directories beside it that other runs made. */
  readonly others: readonly string[];
  /** IO once the directory is not at its path any more, because one around it was moved. */
  stillThere(): Promise<void>;
}

/** Makes the directory for measurements of the disk at this path. NOT_FOUND, INVALID, FULL, IO. */
export async function makeScratch(parts: ScratchParts, path: string): Promise<Scratch> {
  const { fileSystem, random, self } = parts;
  const base = await baseOf(fileSystem, path);
  const others = (await fileSystem.list(base)).filter((name) => name.startsWith(scratchPrefix));
  const name = `${scratchPrefix}${self.pid}-${bootOf(self)}-${toHex(random.bytes(4))}`;
  const directory = posix.join(base, name);
  await fileSystem.createDirectory(directory);
  const made = await fileSystem.stat(directory);
  return {
    directory,
    others: others.map((other) => otherTold(parts, posix.join(base, other), other)),
    stillThere: async () => {
      const now = await fileSystem.stat(directory);
      if (now?.inode !== made?.inode || now?.device !== made?.device) throw goneError(directory);
    },
    [Symbol.asyncDispose]: () => removeTree(fileSystem, directory),
  };
}

/** Eight digits that change with the boot; zeros where the machine does not tell it. */
function bootOf({ bootId }: Self): string {
  return bootId?.replaceAll('-', '').slice(0, 8).padEnd(8, '0') ?? '00000000';
}

/** Whose directory it is, as far as its name and this machine tell, and what to do about it. */
function otherTold({ self, isAlive }: ScratchParts, path: string, name: string): string {
  const rest = name.slice(scratchPrefix.length);
  const told = /^([1-9]\d{0,9})-([0-9a-f]{8})-[0-9a-f]{8}$/.exec(rest);
  const [pid, boot] = [Number(told?.[1] ?? 0), told?.[2]];
  const remove = `remove it with rm -r ${shellWord(path)}`;
  if (pid === 0) {
    return `${path} is of a run, and nobody can tell of which; when no tune runs, ${remove}.`;
  }
  if (boot !== bootOf(self)) {
    return (
      `${path} is of process ${pid} of another boot, or of another machine; unless that one ` +
      `still runs, ${remove}.`
    );
  }
  return isAlive(pid)
    ? `${path} is of a run that goes on (process ${pid}): both measure what the other one does.`
    : `${path} was left by a run that was killed (process ${pid}): ${remove}.`;
}

/** A path as a shell takes it for one word. */
function shellWord(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function goneError(directory: string): HoldfastError<'IO'> {
  const { dir, base } = posix.parse(directory);
  const message =
    `Cannot go on: ${JSON.stringify(directory)} is gone, so ${JSON.stringify(dir)} was moved or ` +
    `removed while it was measured; where it was moved to, ${base} can be removed. Run this ` +
    'again, and leave the directory where it is';
  return new HoldfastError('IO', message, { syscall: null, errno: 'ENOENT', path: directory });
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
