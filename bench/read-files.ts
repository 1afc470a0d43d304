/** The least that looking at files can cost: reading each once, with or without hashing it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import xxhash from 'xxhash-wasm';

const chunk = new Uint8Array(1024 * 1024);

/** Reads with plain calls, a MiB at a time, into the same memory. */
function readThrough(path: string, each: (bytes: Uint8Array) => void): number {
  const file = openSync(path, 'r');
  try {
    let total = 0;
    for (;;) {
      const count = readSync(file, chunk, 0, chunk.length, null);
      if (count === 0) return total;
      each(count === chunk.length ? chunk : chunk.subarray(0, count));
      total += count;
    }
  } finally {
    closeSync(file);
  }
}

/** How long it took, and how much it was. */
export interface ReadFiles {
  readonly ms: number;
  readonly bytes: number;
}

export function readFiles(paths: readonly string[]): ReadFiles {
  const begin = performance.now();
  const bytes = paths.reduce((sum, path) => sum + readThrough(path, () => undefined), 0);
  return { ms: performance.now() - begin, bytes };
}

/** With xxHash64 over each file in the same pass. */
export async function readAndHash(paths: readonly string[]): Promise<ReadFiles> {
  const hashes = await xxhash();
  const begin = performance.now();
  let bytes = 0;
  for (const path of paths) {
    const hash = hashes.create64();
    bytes += readThrough(path, (part) => hash.update(part));
    hash.digest();
  }
  return { ms: performance.now() - begin, bytes };
}
