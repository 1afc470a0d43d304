/** A file system whose fdatasync can be made to wait, as a disk that answers late. */
import type { File, FileSystem } from '../../src/platform/file-system.ts';

/** Syncs that are asked for between `hang` and `release` end at `release`. */
export class HangingSyncs {
  readonly fileSystem: FileSystem;
  #hanging: Promise<void> | null = null;
  #release: () => void = () => undefined;

  constructor(inner: FileSystem) {
    const wrap = async (opening: Promise<File>): Promise<File> => this.#wrap(await opening);
    this.fileSystem = bound(inner, {
      create: (path: string) => wrap(inner.create(path)),
      open: (path: string, mode: 'read' | 'write') => wrap(inner.open(path, mode)),
    });
  }

  hang(): void {
    this.#hanging = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#hanging = null;
    this.#release();
  }

  #wrap(file: File): File {
    return bound(file, {
      sync: async () => {
        if (this.#hanging !== null) await this.#hanging;
        await file.sync();
      },
    });
  }
}

/** The object with some of its methods replaced; the others run on the object itself. */
function bound<T extends object>(inner: T, replaced: Partial<T>): T {
  return new Proxy(inner, {
    get: (target, name) => {
      const own = (replaced as Record<PropertyKey, unknown>)[name];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
