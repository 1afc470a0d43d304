/**
 * Quarantine: bytes that recovery set aside. Every copy is synced, and its directory too, before
 * the original may go. Torn tails are named by their content and bounded, so that a crash loop does
 * not fill the disk; damage is kept whole and never removed by itself.
 */
import { quarantineBytesMax, quarantineTornBytesMax, readChunkBytes } from '../base/quantities.ts';
import { sha256Hex } from '../format/checksum.ts';
import { isZero } from '../format/bytes.ts';
import { createDirectories } from '../platform/create-directories.ts';
import { readUpTo, writeAll } from '../platform/file-system.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { Layout } from './layout.ts';

/**
 * Keeps a torn tail, up to the bound, and lets the oldest torn tails go beyond the bound for all.
 */
export async function keepTornTail(
  fileSystem: FileSystem,
  layout: Layout,
  from: { readonly path: string; readonly offset: number; readonly bytes: number },
): Promise<void> {
  const file = await fileSystem.open(from.path, 'read');
  let bytes: Uint8Array;
  try {
    bytes = await readUpTo(file, from.offset, Math.min(from.bytes, quarantineTornBytesMax));
  } finally {
    await file.close();
  }
  if (bytes.length === 0 || isZero(bytes)) return;
  await createDirectories(fileSystem, layout.quarantine);
  const name = `torn-${sha256Hex(bytes).slice(0, 32)}.bin`;
  await writeAside(fileSystem, `${layout.quarantine}/${name}`, bytes);
  await boundTornTails(fileSystem, layout);
}

/** Copies a whole file, under a name that a second run finds again. */
export async function keepFile(
  fileSystem: FileSystem,
  path: string,
  directory: string,
  name: string,
): Promise<void> {
  await createDirectories(fileSystem, directory);
  const target = `${directory}/${name}`;
  const source = await fileSystem.open(path, 'read');
  try {
    const aside = `${target}.new`;
    if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
    const copy = await fileSystem.create(aside);
    try {
      const { size } = await source.stat();
      for (let at = 0; at < size; at += readChunkBytes) {
        const chunk = await readUpTo(source, at, Math.min(readChunkBytes, size - at));
        await writeAll(copy, chunk, at);
      }
      await copy.sync();
    } finally {
      await copy.close();
    }
    await fileSystem.rename(aside, target);
    await fileSystem.syncDirectory(directory);
  } finally {
    await source.close();
  }
}

async function writeAside(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  if ((await fileSystem.stat(path)) !== null) await fileSystem.remove(path);
  const file = await fileSystem.create(path);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fileSystem.syncDirectory(path.slice(0, path.lastIndexOf('/')));
}

async function boundTornTails(fileSystem: FileSystem, layout: Layout): Promise<void> {
  const tails: { path: string; size: number; modifiedMs: number }[] = [];
  for (const name of await fileSystem.list(layout.quarantine)) {
    if (!/^torn-[0-9a-f]{32}\.bin$/.test(name)) continue;
    const path = `${layout.quarantine}/${name}`;
    const stat = await fileSystem.stat(path);
    if (stat !== null) tails.push({ path, size: stat.size, modifiedMs: stat.modifiedMs });
  }
  tails.sort((one, other) => other.modifiedMs - one.modifiedMs);
  let bytes = 0;
  for (const tail of tails) {
    bytes += tail.size;
    if (bytes > quarantineBytesMax) await fileSystem.remove(tail.path);
  }
}
