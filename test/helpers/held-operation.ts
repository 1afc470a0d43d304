/**
 * A file system that holds one operation until a test lets it go, so that something else can happen
 * in the middle of a piece of work: every such place can be tried, one after the other.
 */
import type { File, FileSystem } from '../../src/platform/file-system.ts';

/** Picks operations: the verb, as it is named in `FileSystem` or `File`, and its path. */
export type Pick = (verb: string, path: string) => boolean;

/** Holds the operation with one number among those that are picked. */
export class HeldOperation {
  readonly fileSystem: FileSystem;
  #pick: Pick | null = null;
  #left = 0;
  #release: (() => void) | null = null;

  constructor(inner: FileSystem) {
    this.fileSystem = this.#wrap(inner, null);
  }

  /** True while an operation is held. */
  get isHolding(): boolean {
    return this.#release !== null;
  }

  /** Holds the operation that comes after `skip` others of those that are picked. */
  hold(pick: Pick, skip: number): void {
    this.#pick = pick;
    this.#left = skip;
  }

  /** Lets it go; nothing is held any more. */
  release(): void {
    this.#pick = null;
    this.#release?.();
    this.#release = null;
  }

  async #gate(verb: string, path: string): Promise<void> {
    if (this.#pick === null || !this.#pick(verb, path)) return;
    this.#left -= 1;
    if (this.#left >= 0) return;
    this.#pick = null;
    await new Promise<void>((resolve) => {
      this.#release = resolve;
    });
  }

  #wrap<T extends FileSystem | File>(inner: T, ownPath: string | null): T {
    return new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          await this.#gate(String(name), ownPath ?? String(given[0]));
          const result: unknown = await Reflect.apply(value, target, given);
          const isFile = name === 'open' || name === 'create';
          return isFile ? this.#wrap(result as File, String(given[0])) : result;
        };
      },
    });
  }
}
