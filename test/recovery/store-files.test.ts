/** The two small files of a store: what is read from them, and in which words they are refused. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { viewOf } from '../../src/format/bytes.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import type { FileSystem } from '../../src/platform/file-system.ts';
import { simRandom } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { layoutOf } from '../../src/recovery/layout.ts';
import {
  createStoreFile,
  decodeWriters,
  encodeWriters,
  readStoreFile,
  readWriters,
  writeWriters,
} from '../../src/recovery/store-files.ts';

const layout = layoutOf('/store');
const { storeFile, writersFile } = layout;
const uuid = '0123456789abcdef0123456789abcdef';
const sound = { format: 'holdfast', major: 1, minor: 0, uuid, incompatible: [] };
const ids = ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100'];
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

let disk: SimDisk;
let fileSystem: FileSystem;

beforeAll(initChecksum);
beforeEach(() => {
  disk = SimDisk.create(1);
  disk.makeDirectory('/store');
  fileSystem = disk.fileSystem();
});

/** A `store.json` of these members, whose checksum holds. */
function put(members: Readonly<Record<string, unknown>>): void {
  const checksum = xxh64(utf8(JSON.stringify(members)))
    .toString(16)
    .padStart(16, '0');
  disk.writeFile(storeFile, utf8(JSON.stringify({ ...members, checksum })));
}

const damaged = (path: string, why: string): object => ({
  code: 'DAMAGED',
  message: `Cannot use "${path}": ${why}; get the sessions out with \`recover salvage\``,
  details: { sessions: [], file: path, offset: 0 },
});

describe('readStoreFile', () => {
  it('readStoreFile gives null when it is not there, and what createStoreFile wrote', async () => {
    expect(await readStoreFile(fileSystem, layout)).toBeNull();
    const made = await createStoreFile(fileSystem, simRandom(5), layout);
    expect(made).toEqual({ ...sound, uuid: made.uuid });
    expect(made.uuid).toMatch(/^[0-9a-f]{32}$/);
    expect(await readStoreFile(fileSystem, layout)).toEqual(made);
    const text = new TextDecoder().decode(disk.readFile(storeFile));
    const lines = text.split('\n').map((line) => line.replace(/"(checksum|uuid)": "\w+"/, '"$1"'));
    expect(lines).toEqual([
      '{',
      '  "format": "holdfast",',
      '  "major": 1,',
      '  "minor": 0,',
      '  "uuid",',
      '  "incompatible": [],',
      '  "checksum"',
      '}',
      '',
    ]);
  });

  it('readStoreFile takes a newer minor version, and one without lists', async () => {
    put({ ...sound, minor: 7 });
    expect(await readStoreFile(fileSystem, layout)).toEqual({ ...sound, minor: 7 });
    put({ format: 'holdfast', major: 1, uuid });
    const { minor: _none, ...rest } = sound;
    expect(await readStoreFile(fileSystem, layout)).toEqual(rest);
  });

  it.each([
    ['{', 'it is not JSON'],
    ['null', 'it does not describe a Holdfast store'],
    ['[]', 'it does not describe a Holdfast store'],
    ['{"format":"another","major":1}', 'it does not describe a Holdfast store'],
    ['{"format":"holdfast"}', 'it does not describe a Holdfast store'],
    ['{"format":"holdfast","major":"1"}', 'it does not describe a Holdfast store'],
    [JSON.stringify(sound), 'its checksum does not hold'],
    [JSON.stringify({ ...sound, checksum: '0' }), 'its checksum does not hold'],
  ])('readStoreFile refuses %s', async (text, why) => {
    disk.writeFile(storeFile, utf8(text));
    await expect(readStoreFile(fileSystem, layout)).rejects.toMatchObject(damaged(storeFile, why));
  });

  it('readStoreFile takes a checksum that begins with a zero', async () => {
    const checksumOf = (members: object): bigint => xxh64(utf8(JSON.stringify(members)));
    const minors = Array.from({ length: 1000 }, (_, minor) => minor);
    const minor = minors.find((one) => checksumOf({ ...sound, minor: one }) < 2n ** 60n) ?? -1;
    put({ ...sound, minor });
    expect(new TextDecoder().decode(disk.readFile(storeFile))).toMatch(/"checksum":"0/);
    expect(await readStoreFile(fileSystem, layout)).toEqual({ ...sound, minor });
  });

  it('readStoreFile tells the parser’s error as the cause', async () => {
    disk.writeFile(storeFile, utf8('{'));
    const cause: unknown = expect.any(SyntaxError);
    await expect(readStoreFile(fileSystem, layout)).rejects.toMatchObject({ cause });
  });

  it.each([
    [{ minor: 'x' }, 'its version is none'],
    [{ minor: 0.5 }, 'its version is none'],
    [{ uuid: undefined }, 'it has no uuid'],
    [{ uuid: 7 }, 'it has no uuid'],
    [{ uuid: `${uuid}0` }, 'it has no uuid'],
    [{ uuid: `x${uuid}` }, 'it has no uuid'],
    [{ uuid: uuid.toUpperCase() }, 'it has no uuid'],
  ])('readStoreFile refuses %j although its checksum holds', async (change, why) => {
    put({ ...sound, ...change });
    await expect(readStoreFile(fileSystem, layout)).rejects.toMatchObject(damaged(storeFile, why));
  });

  it.each([
    [{ major: 2 }, '2.0', ''],
    [{ major: 2, minor: undefined }, '2.0', ''],
    [{ major: 3, minor: 4, incompatible: ['a'] }, '3.4', ' with a'],
    [{ incompatible: ['a', 'b'] }, '1.0', ' with a, b'],
    [{ incompatible: 'text' }, '1.0', ' with unknown features'],
  ])('readStoreFile says of %j that it is newer', async (change, found, features) => {
    put({ ...sound, ...change });
    await expect(readStoreFile(fileSystem, layout)).rejects.toMatchObject({
      code: 'NEWER_FORMAT',
      message: `Cannot use the store: it has format ${found}${features}; upgrade Holdfast`,
      details: { found, supported: '1.x' },
    });
  });

  it('readStoreFile refuses what is no file, and reads no more of it than a megabyte', async () => {
    disk.makeDirectory(storeFile);
    const why = 'a directory stands in its place';
    await expect(readStoreFile(fileSystem, layout)).rejects.toMatchObject(damaged(storeFile, why));
    disk.removePath(storeFile);
    put(sound);
    const text = new TextDecoder().decode(disk.readFile(storeFile));
    disk.writeFile(storeFile, utf8(`${text}${' '.repeat(1024 * 1024)}`));
    expect(await readStoreFile(fileSystem, layout)).toEqual(sound);
    disk.writeFile(storeFile, utf8(`${' '.repeat(1024 * 1024)}${text}`));
    await expect(readStoreFile(fileSystem, layout)).rejects.toMatchObject(
      damaged(storeFile, 'it is not JSON'),
    );
  });
});

describe('replacing a small file', () => {
  it('writeWriters is durable when it returns, also over what a crash left aside', async () => {
    disk.writeFile(`${writersFile}.new`, utf8('half'));
    await writeWriters(fileSystem, layout, ids);
    for (let seed = 1; seed < 6; seed += 1) {
      const after = disk.crash({ seed });
      expect(after.paths()).toEqual([writersFile]);
      expect(await readWriters(after.fileSystem(), layout)).toEqual(ids);
    }
  });

  it('createStoreFile takes a file away whose name could not be made durable', async () => {
    disk.failNext('sync-directory', 'EIO');
    const made = createStoreFile(fileSystem, simRandom(5), layout);
    await expect(made).rejects.toMatchObject({ code: 'EIO' });
    expect(disk.paths()).toEqual([]);
    disk.beforeOperation = ({ kind }) =>
      kind === 'sync-directory' || kind === 'remove' ? { errno: 'EIO' } : undefined;
    const again = createStoreFile(fileSystem, simRandom(5), layout);
    await expect(again).rejects.toMatchObject({ code: 'EIO', syscall: 'fsync' });
  });

  it('writeWriters leaves the new file when the name was durable before', async () => {
    await writeWriters(fileSystem, layout, []);
    disk.failNext('sync-directory', 'EIO');
    await expect(writeWriters(fileSystem, layout, ids)).rejects.toMatchObject({ code: 'EIO' });
    expect(await readWriters(fileSystem, layout)).toEqual(ids);
  });

  it.each(['write', 'sync'] as const)(
    'writeWriters keeps the old file when the %s fails',
    async (kind) => {
      await writeWriters(fileSystem, layout, ids);
      disk.failNext(kind, 'EIO');
      await expect(writeWriters(fileSystem, layout, [])).rejects.toMatchObject({ code: 'EIO' });
      expect(await readWriters(fileSystem, layout)).toEqual(ids);
    },
  );
});

describe('readWriters', () => {
  it('readWriters gives no ids of a store without data, and refuses one that has lost the file', async () => {
    expect(await readWriters(fileSystem, layout)).toEqual([]);
    const why = 'it is missing beside data';
    for (const directory of [layout.journals, layout.sessions]) {
      disk.makeDirectory(directory);
      const refused = readWriters(fileSystem, layout);
      await expect(refused).rejects.toMatchObject(damaged(writersFile, why));
      disk.removePath(directory);
    }
    disk.writeFile(writersFile, new Uint8Array(24));
    await expect(readWriters(fileSystem, layout)).rejects.toMatchObject(
      damaged(writersFile, 'its checksum does not hold'),
    );
  });
});

describe('decodeWriters', () => {
  /** These bytes with a checksum that holds. */
  function signed(change: (bytes: Uint8Array) => Uint8Array | undefined): Uint8Array {
    const whole = encodeWriters(ids);
    const bytes = change(whole) ?? whole;
    const end = bytes.length - 8;
    viewOf(bytes).setBigUint64(end, xxh64(bytes.subarray(0, end)), true);
    return bytes;
  }

  it('decodeWriters reads lists of any length', () => {
    for (const list of [[], ids.slice(1), ids]) {
      const bytes = encodeWriters(list);
      expect(bytes).toHaveLength(24 + 16 * list.length);
      expect(decodeWriters(bytes)).toEqual(list);
    }
    expect(decodeWriters(signed(() => undefined))).toEqual(ids);
  });

  it('decodeWriters refuses another magic, version, count or length, although its checksum holds', () => {
    for (let at = 0; at < 16; at += 1) {
      const changed = signed((bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      });
      expect(decodeWriters(changed), `byte ${at}`).toBeNull();
    }
    for (const length of [16, 20, 23, 32, 40, 48, 57, 72]) {
      const changed = signed((bytes) => {
        const other = new Uint8Array(length);
        other.set(bytes.subarray(0, length));
        return other;
      });
      expect(decodeWriters(changed), `${length} bytes`).toBeNull();
    }
    for (let length = 0; length < 8; length += 1) {
      expect(decodeWriters(new Uint8Array(length))).toBeNull();
    }
  });
});
