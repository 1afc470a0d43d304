/**
 * A disk as far as a trace tells of it: for every file what is certainly durable and the changes that
 * are not, in order; for directories the same with names. POSIX promises nothing of a change before a
 * sync of its file or directory that began when the change was done has returned.
 *
 * Two things are taken for granted, as ARCHITECTURE.md says: a rename happens as a whole, and a name
 * that is durable cannot stand on an earlier change of the same name that is not.
 */
import type { Path, Step } from './steps.ts';

/** A change of a file that is not durable yet. */
export type FileChange =
  | {
      readonly kind: 'write';
      readonly call: number;
      readonly at: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'size'; readonly call: number; readonly size: number };

/** A file: its durable bytes, and what was done since. */
export class TracedFile {
  readonly kind = 'file';
  durable = new Uint8Array();
  changes: FileChange[] = [];
}

/** A directory: its names now, and those that are durable. */
export class TracedDirectory {
  readonly kind = 'directory';
  readonly live = new Map<string, TracedNode>();
  readonly durable = new Map<string, TracedNode>();
}

/** What can stand under a name. */
export type TracedNode = TracedFile | TracedDirectory;

/** One name that a change gives or takes away. */
export interface NameChange {
  readonly parent: TracedDirectory;
  readonly name: string;
  readonly to: TracedNode | null;
}

/** Names that change together and are not durable yet. */
export interface DirectoryChange {
  readonly call: number;
  readonly names: readonly NameChange[];
}

/** Content with one change done. */
export function changed(content: Uint8Array, change: FileChange): Uint8Array<ArrayBuffer> {
  const end = change.kind === 'size' ? change.size : change.at + change.bytes.length;
  const size = change.kind === 'size' ? end : Math.max(content.length, end);
  const result = new Uint8Array(size);
  result.set(content.subarray(0, size));
  if (change.kind === 'write') result.set(change.bytes, change.at);
  return result;
}

/** Takes the steps of a trace one by one. */
export class TracedDisk {
  readonly root = new TracedDirectory();
  /** Not durable yet, in order. */
  directoryChanges: DirectoryChange[] = [];
  readonly #open = new Map<number, TracedNode>();
  readonly #underWay = new Set<number>();
  /** By call, what was under way when a sync began. */
  readonly #notCovered = new Map<number, { begin: number; underWay: ReadonlySet<number> }>();
  #clock = 0;
  /** By call, when it was done on this disk; calls of an earlier process keep theirs. */
  #calls = new Map<number, number>();

  take(step: Step): void {
    this.#clock += 1;
    switch (step.kind) {
      case 'told':
        return;
      case 'process':
        // Descriptors end with their process. What it was in the middle of lies before all that comes.
        this.#open.clear();
        this.#underWay.clear();
        this.#calls = new Map();
        return;
      case 'ended':
        this.#underWay.delete(this.#place(step.call));
        return;
      case 'open':
        this.#open.set(step.fd, this.#find(step.path));
        return;
      case 'close':
        this.#open.delete(step.fd);
        return;
      case 'create':
        return this.#create(step.call, step.path);
      case 'directory':
        return this.#setName(step.call, step.path, new TracedDirectory());
      case 'remove':
        return this.#setName(step.call, step.path, null);
      case 'rename':
        return this.#rename(step.call, step.from, step.to);
      case 'write':
      case 'size':
        return this.#changeFile(step);
      case 'syncing':
        this.#notCovered.set(this.#place(step.call), {
          begin: this.#clock,
          underWay: new Set(this.#underWay),
        });
        return;
      case 'synced':
        return this.#synced(step);
    }
  }

  /** A number for the call that no other process has. */
  #place(call: number): number {
    const place = this.#calls.get(call) ?? this.#clock;
    this.#calls.set(call, place);
    return place;
  }

  #begin(call: number): number {
    const place = this.#place(call);
    this.#underWay.add(place);
    return place;
  }

  #changeFile(step: Step & { readonly kind: 'write' | 'size' }): void {
    const file = this.#open.get(step.fd);
    if (file?.kind !== 'file') throw new Error(`Descriptor ${step.fd} is no file of this disk`);
    const call = this.#begin(step.call);
    if (step.kind === 'size') file.changes.push({ kind: 'size', call, size: step.size });
    else file.changes.push({ kind: 'write', call, at: step.at, bytes: step.bytes });
  }

  #create(call: number, path: Path): void {
    const { parent, name } = this.#parentOf(path);
    if (!parent.live.has(name)) this.#setName(call, path, new TracedFile());
  }

  #setName(call: number, path: Path, to: TracedNode | null): void {
    const { parent, name } = this.#parentOf(path);
    this.#applyNames(call, [{ parent, name, to }]);
  }

  #rename(call: number, fromPath: Path, toPath: Path): void {
    const from = this.#parentOf(fromPath);
    const to = this.#parentOf(toPath);
    const node = this.#find(fromPath);
    this.#applyNames(call, [
      { ...from, to: null },
      { ...to, to: node },
    ]);
  }

  #applyNames(call: number, names: readonly NameChange[]): void {
    for (const { parent, name, to } of names) setName(parent.live, name, to);
    this.directoryChanges.push({ call: this.#begin(call), names });
  }

  #synced(step: Step & { readonly kind: 'synced' }): void {
    const node = this.#open.get(step.fd);
    const place = this.#place(step.call);
    const sync = this.#notCovered.get(place);
    this.#notCovered.delete(place);
    if (node === undefined || sync === undefined) {
      throw new Error(`Descriptor ${step.fd} is not of this disk, or its sync has no beginning`);
    }
    const isCovered = (call: number): boolean => call < sync.begin && !sync.underWay.has(call);
    if (node.kind === 'directory') this.#syncNames(node, isCovered);
    else syncFile(node, isCovered);
  }

  /** What is durable takes the earlier changes of the same names along. */
  #syncNames(directory: TracedDirectory, isCovered: (call: number) => boolean): void {
    const needed = new Set<string>();
    const ids = new Map<TracedDirectory, number>();
    const keyOf = ({ parent, name }: NameChange): string => {
      const id = ids.get(parent) ?? ids.size;
      ids.set(parent, id);
      return `${id}/${name}`;
    };
    const durable = new Set<DirectoryChange>();
    for (const change of this.directoryChanges.toReversed()) {
      const isHere = change.names.some(({ parent }) => parent === directory);
      const isNeeded = change.names.some((name) => needed.has(keyOf(name)));
      if (!isNeeded && !(isHere && isCovered(change.call))) continue;
      durable.add(change);
      for (const name of change.names) needed.add(keyOf(name));
    }
    for (const change of this.directoryChanges) {
      if (!durable.has(change)) continue;
      for (const { parent, name, to } of change.names) setName(parent.durable, name, to);
    }
    this.directoryChanges = this.directoryChanges.filter((change) => !durable.has(change));
  }

  #find(path: Path): TracedNode {
    if (path === '') return this.root;
    const { parent, name } = this.#parentOf(path);
    const node = parent.live.get(name);
    if (node === undefined) throw new Error(`Nothing stands at ${path}`);
    return node;
  }

  #parentOf(path: Path): { readonly parent: TracedDirectory; readonly name: string } {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let parent: TracedNode = this.root;
    for (const part of parts) {
      const next: TracedNode | undefined =
        parent.kind === 'directory' ? parent.live.get(part) : undefined;
      if (next === undefined) throw new Error(`Nothing stands at ${part} of ${path}`);
      parent = next;
    }
    if (parent.kind !== 'directory') throw new Error(`${path} lies in a file`);
    return { parent, name };
  }
}

function syncFile(file: TracedFile, isCovered: (call: number) => boolean): void {
  const left: FileChange[] = [];
  for (const change of file.changes) {
    if (isCovered(change.call)) file.durable = changed(file.durable, change);
    else left.push(change);
  }
  file.changes = left;
}

/** Gives a name to a node, or takes it away. */
export function setName<T>(names: Map<string, T>, name: string, to: T | null): void {
  if (to === null) names.delete(name);
  else names.set(name, to);
}
