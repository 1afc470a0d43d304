/**
 * The two small files of a store, each replaced as a whole and only under the gate: `store.json`
 * (format version and identity) and `writers` (which journals count).
 *
 * store.json: members format, major, minor, uuid, incompatible, and checksum: xxh64 of the others.
 * writers, little endian: 8 B "HFWRITER", u32 version, u32 count, count times 16 B writer id,
 * u64 xxh64 of all before.
 */
import { HoldfastError } from '../base/errors.ts';
import { fromHex, toHex, viewOf } from '../format/bytes.ts';
import { xxh64 } from '../format/checksum.ts';
import { formatVersion } from '../format/segment-header.ts';
import type { Random } from '../platform/clock.ts';
import { kindText, parentOf, readUpTo, writeAll } from '../platform/file-system.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { Layout } from './layout.ts';

/** What `store.json` says. */
export interface StoreFile {
  readonly format: 'holdfast';
  readonly major: number;
  readonly minor: number;
  /** 32 hexadecimal digits. */
  readonly uuid: string;
  /** Features that a reader, or a writer, must know. Empty in this version. */
  readonly incompatible: readonly string[];
}

const fileBytesMax = 1024 * 1024;
const magic = new TextEncoder().encode('HFWRITER');

/** Reads `store.json`; null when it is not there. NEWER_FORMAT and DAMAGED are thrown. */
export async function readStoreFile(
  fileSystem: FileSystem,
  layout: Layout,
): Promise<StoreFile | null> {
  const bytes = await readSmall(fileSystem, layout.storeFile);
  if (bytes === null) return null;
  let found: Partial<StoreFile> & { readonly checksum?: unknown };
  try {
    found = { ...(JSON.parse(new TextDecoder().decode(bytes)) as object) };
  } catch (cause) {
    throw damaged(layout.storeFile, 'it is not JSON', cause);
  }
  if (found.format !== 'holdfast' || typeof found.major !== 'number') {
    throw damaged(layout.storeFile, 'it does not describe a Holdfast store');
  }
  const { checksum, ...told } = found;
  if (checksum !== checksumOf(told)) throw damaged(layout.storeFile, 'its checksum does not hold');
  const { incompatible = [], minor = 0 } = found;
  const unknown = Array.isArray(incompatible) ? incompatible.join(', ') : 'unknown features';
  if (found.major !== formatVersion.major || unknown !== '') {
    throw new HoldfastError(
      'NEWER_FORMAT',
      `Cannot use the store: it has format ${found.major}.${minor}` +
        `${unknown === '' ? '' : ` with ${unknown}`}; upgrade Holdfast`,
      { found: `${found.major}.${minor}`, supported: `${formatVersion.major}.x` },
    );
  }
  if (!Number.isSafeInteger(minor)) throw damaged(layout.storeFile, 'its version is none');
  if (typeof found.uuid !== 'string' || !/^[0-9a-f]{32}$/.test(found.uuid)) {
    throw damaged(layout.storeFile, 'it has no uuid');
  }
  return { ...(told as StoreFile), incompatible: [] };
}

/** Makes `store.json`; durable when it returns. */
export async function createStoreFile(
  fileSystem: FileSystem,
  random: Random,
  layout: Layout,
): Promise<StoreFile> {
  const uuid = toHex(random.bytes(16));
  const store: StoreFile = { format: 'holdfast', ...formatVersion, uuid, incompatible: [] };
  const text = `${JSON.stringify({ ...store, checksum: checksumOf(store) }, null, 2)}\n`;
  await replace(fileSystem, layout.storeFile, new TextEncoder().encode(text));
  return store;
}

/** Of all other members, in their order, without spaces. Stays so in every later format. */
function checksumOf(told: object): string {
  return xxh64(new TextEncoder().encode(JSON.stringify(told)))
    .toString(16)
    .padStart(16, '0');
}

/**
 * Ids of the writers whose journals count, as hexadecimal text. DAMAGED when the file is bad, or is
 * missing beside data: it is made before the directories are, so it was there.
 */
export async function readWriters(
  fileSystem: FileSystem,
  layout: Layout,
): Promise<readonly string[]> {
  const bytes = await readSmall(fileSystem, layout.writersFile);
  if (bytes === null) {
    for (const directory of [layout.journals, layout.sessions]) {
      if ((await fileSystem.stat(directory)) === null) continue;
      throw damaged(layout.writersFile, 'it is missing beside data');
    }
    return [];
  }
  const writers = decodeWriters(bytes);
  if (writers === null) throw damaged(layout.writersFile, 'its checksum does not hold');
  return writers;
}

/** Replaces the writers file; durable when it returns. Only under the gate. */
export async function writeWriters(
  fileSystem: FileSystem,
  layout: Layout,
  writers: readonly string[],
): Promise<void> {
  await replace(fileSystem, layout.writersFile, encodeWriters(writers));
}

/** The bytes of a writers file; ids are 32 hexadecimal digits. */
export function encodeWriters(writers: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(16 + writers.length * 16 + 8);
  const view = viewOf(bytes);
  bytes.set(magic, 0);
  view.setUint32(8, 1, true);
  view.setUint32(12, writers.length, true);
  writers.forEach((writer, index) => bytes.set(fromHex(writer), 16 + index * 16));
  const end = bytes.length - 8;
  view.setBigUint64(end, xxh64(bytes.subarray(0, end)), true);
  return bytes;
}

/** Null when the bytes are not a sound writers file. */
export function decodeWriters(bytes: Uint8Array): readonly string[] | null {
  if (bytes.length < 24 || bytes.length % 16 !== 8) return null;
  const view = viewOf(bytes);
  const end = bytes.length - 8;
  if (view.getBigUint64(end, true) !== xxh64(bytes.subarray(0, end))) return null;
  if (magic.some((byte, at) => bytes[at] !== byte) || view.getUint32(8, true) !== 1) return null;
  const count = view.getUint32(12, true);
  if (bytes.length !== 16 + count * 16 + 8) return null;
  return Array.from({ length: count }, (_, index) =>
    toHex(bytes.subarray(16 + index * 16, 32 + index * 16)),
  );
}

async function readSmall(fileSystem: FileSystem, path: string): Promise<Uint8Array | null> {
  const stat = await fileSystem.stat(path);
  if (stat === null) return null;
  if (stat.kind !== 'file') throw damaged(path, `${kindText(stat.kind)} stands in its place`);
  const file = await fileSystem.open(path, 'read');
  try {
    // The size of what is open, not of what stood there a moment ago: it may have been replaced.
    const { size } = await file.stat();
    return await readUpTo(file, 0, Math.min(size, fileBytesMax));
  } finally {
    await file.close();
  }
}

/**
 * Written aside, synced, renamed, directory synced: the old or the new file, never half of one. A
 * first file whose name could not be made durable is taken away again, because whoever found it
 * would build on it, and a second sync would prove nothing.
 */
async function replace(fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const aside = `${path}.new`;
  if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
  const file = await fileSystem.create(aside);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  const isFirst = (await fileSystem.stat(path)) === null;
  await fileSystem.rename(aside, path);
  try {
    await fileSystem.syncDirectory(parentOf(path));
  } catch (error) {
    // The failure of the sync is the one to tell.
    if (isFirst) await fileSystem.remove(path).catch(() => undefined);
    throw error;
  }
}

function damaged(path: string, why: string, cause?: unknown): HoldfastError<'DAMAGED'> {
  return new HoldfastError(
    'DAMAGED',
    `Cannot use ${JSON.stringify(path)}: ${why}; get the sessions out with \`recover salvage\``,
    { sessions: [], file: path, offset: 0 },
    { cause },
  );
}
