/**
 * From system calls to steps: what changed the disk below one directory, what made it durable, and what
 * the program told. Descriptors become files; everything else is left out. A call that would change
 * the disk in a way that is not known here is refused, because crash states without it would be wrong.
 */
import { bytesOf, descriptorOf, textOf, vectorOf } from './strace.ts';
import type { Call } from './strace.ts';

/** A place below the directory, `/` separated; the directory itself is ''. */
export type Path = string;

/**
 * One step. A change counts from its beginning; `ended` says when it is done, and only then does a
 * sync that begins later cover it. Steps of one number are one call.
 */
export type Step =
  | { readonly kind: 'process'; readonly number: number }
  | { readonly kind: 'told'; readonly line: string }
  | { readonly kind: 'ended'; readonly call: number }
  /** Makes a file, unless there is one. */
  | { readonly kind: 'create'; readonly call: number; readonly path: Path }
  | { readonly kind: 'directory'; readonly call: number; readonly path: Path }
  | { readonly kind: 'open'; readonly fd: number; readonly path: Path }
  | { readonly kind: 'close'; readonly fd: number }
  | {
      readonly kind: 'write';
      readonly call: number;
      readonly fd: number;
      readonly at: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'size'; readonly call: number; readonly fd: number; readonly size: number }
  | { readonly kind: 'rename'; readonly call: number; readonly from: Path; readonly to: Path }
  | { readonly kind: 'remove'; readonly call: number; readonly path: Path }
  | { readonly kind: 'syncing'; readonly call: number; readonly fd: number }
  | { readonly kind: 'synced'; readonly call: number; readonly fd: number };

/** Calls that change a disk or what of it is durable, and those that give descriptors. */
export const changingCalls: readonly string[] = [
  'open openat creat close dup dup2 dup3 write pwrite64 writev pwritev pwritev2',
  'truncate ftruncate fallocate rename renameat renameat2 link linkat symlink',
  'symlinkat unlink unlinkat rmdir mkdir mkdirat fsync fdatasync sync syncfs',
  'sync_file_range msync copy_file_range sendfile splice',
].flatMap((names) => names.split(' '));

/** The process was killed while it changed a name: another recording is needed. */
export class UnsureTrace extends Error {}

/** The steps of one process below this directory, and what it told on its standard output. */
export function stepsOf(calls: readonly Call[], directory: string): readonly Step[] {
  const at = new Map<number, Step[]>();
  const put = (line: number, step: Step): void => {
    if (line === Number.POSITIVE_INFINITY) return;
    const steps = at.get(line) ?? [];
    steps.push(step);
    at.set(line, steps);
  };
  const reader = new Reader(directory, put);
  for (const call of calls) reader.take(call);
  return [...at].toSorted(([one], [other]) => one - other).flatMap(([, steps]) => steps);
}

/** Goes through the calls in the order in which they began. */
class Reader {
  readonly #directory: string;
  readonly #put: (line: number, step: Step) => void;
  /** Descriptors of files below the directory. Those that others have are told by their paths. */
  readonly #partial = { line: '' };

  constructor(directory: string, put: (line: number, step: Step) => void) {
    this.#directory = directory;
    this.#put = put;
  }

  take(call: Call): void {
    // What failed changed nothing.
    if (call.result !== null && call.result < 0) return;
    const { name, args, begin } = call;
    const [first = '', second = '', third = ''] = args;
    switch (name) {
      case 'open':
        return this.#open(call, this.#path(first), second);
      case 'openat':
        return this.#open(call, this.#path(second), third);
      case 'close':
        return this.#onOurs(first, (fd) => this.#put(begin, { kind: 'close', fd }));
      case 'write':
        return this.#tell(call, first);
      case 'pwrite64':
      case 'pwritev':
        return this.#onOurs(first, (fd) => this.#write(call, fd));
      case 'ftruncate':
        return this.#onOurs(first, (fd) => {
          this.#change(call, { kind: 'size', call: begin, fd, size: Number(second) });
        });
      case 'fsync':
      case 'fdatasync':
        return this.#onOurs(first, (fd) => {
          this.#put(begin, { kind: 'syncing', call: begin, fd });
          this.#put(call.end, { kind: 'synced', call: begin, fd });
        });
      case 'rename':
        return this.#rename(call, this.#path(first), this.#path(second));
      case 'unlink':
      case 'rmdir':
        return this.#named(call, this.#path(first), 'remove');
      case 'mkdir':
        return this.#named(call, this.#path(first), 'directory');
      default:
        return this.#refuseOurs(call);
    }
  }

  #open(call: Call, path: Path | null, flags: string): void {
    if (path === null) return;
    if (flags.includes('O_TRUNC') || flags.includes('O_APPEND')) this.#refuse(call);
    if (flags.includes('O_CREAT')) this.#change(call, { kind: 'create', call: call.begin, path });
    if (call.result !== null) this.#put(call.end, { kind: 'open', fd: call.result, path });
  }

  #write(call: Call, fd: number): void {
    const [, data = '', , offset = ''] = call.args;
    const all = call.name === 'pwritev' ? vectorOf(data) : bytesOf(data);
    const bytes = all.subarray(0, call.result ?? all.length);
    const at = Number(offset);
    if (offset === '' || !Number.isSafeInteger(at)) this.#refuse(call);
    this.#change(call, { kind: 'write', call: call.begin, fd, at, bytes });
  }

  #rename(call: Call, from: Path | null, to: Path | null): void {
    if (from === null && to === null) return;
    if (from === null || to === null) this.#refuse(call);
    else this.#change(call, { kind: 'rename', call: call.begin, from, to });
  }

  #named(call: Call, path: Path | null, kind: 'remove' | 'directory'): void {
    if (path !== null) this.#change(call, { kind, call: call.begin, path });
  }

  #change(call: Call, step: Step): void {
    // Nobody can say whether a name was changed by a call without an end, and what follows hangs on it.
    const isUnsure = call.result === null && step.kind !== 'write' && step.kind !== 'size';
    if (isUnsure) throw new UnsureTrace(`Nobody knows whether ${call.name} was done at the kill`);
    this.#put(call.begin, step);
    this.#put(call.end, { kind: 'ended', call: call.begin });
  }

  /** What it told, line by line; other writes without a position are refused below the directory. */
  #tell(call: Call, descriptor: string): void {
    if (this.#isOurs(descriptor)) this.#refuse(call);
    if (descriptorOf(descriptor) !== 1) return;
    const lines = `${this.#partial.line}${textOf(call.args[1] ?? '')}`.split('\n');
    this.#partial.line = lines.pop() ?? '';
    for (const line of lines) this.#put(call.begin, { kind: 'told', line });
  }

  #onOurs(descriptor: string, work: (fd: number) => void): void {
    if (this.#isOurs(descriptor)) work(descriptorOf(descriptor));
  }

  /** By the path that the kernel gives the descriptor, also when the file has no name any more. */
  #isOurs(argument: string): boolean {
    const hex = /<((?:\\x[0-9a-f]{2})*)>/.exec(argument)?.[1];
    return hex !== undefined && this.#inside(textOf(`"${hex}"`)) !== null;
  }

  #path(argument: string): Path | null {
    const path = textOf(argument);
    // The engine works with absolute paths; a relative one is of Node itself.
    return path.startsWith('/') ? this.#inside(path) : null;
  }

  #inside(path: string): Path | null {
    if (path === this.#directory) return '';
    const start = `${this.#directory}/`;
    return path.startsWith(start) ? path.slice(start.length) : null;
  }

  #refuseOurs(call: Call): void {
    for (const argument of call.args) {
      const isPath = argument.startsWith('"') && this.#path(argument) !== null;
      if (isPath || this.#isOurs(argument)) this.#refuse(call);
    }
  }

  #refuse(call: Call): never {
    const text = `${call.name}(${call.args.map((argument) => argument.slice(0, 60)).join(', ')})`;
    throw new Error(`No crash states can be built from ${text}`);
  }
}
