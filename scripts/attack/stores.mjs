/**
 * Stores that attack whoever reads them. Each is made in a new directory, at one of two sizes; `scale`
 * is 1 for the full one and less for tests.
 */
import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { Store } from '../../dist/index.js';
import { xxh64 } from '../../dist/format/checksum.js';
import { encodeFrame } from '../../dist/format/frame.js';
import { encodeEvent } from '../../dist/session/event-codec.js';
import { entry, HistoryImage, JournalImage } from './images.mjs';

const MiB = 1024 * 1024;

/** A store with these sessions, closed, from the engine itself. */
async function emptyStore(directory, ids) {
  const store = await Store.open(directory, { checkpoints: false });
  for (const id of ids) {
    const session = await store.createSession({ id });
    await session.append({ role: 'user', content: 'hello' });
  }
  await store.close();
}

/** A message of this many bytes, encoded. */
function message(bytes) {
  const content = 'x'.repeat(bytes);
  return entry(encodeEvent({ kind: 'message', message: { role: 'user', content } }).payload);
}

/** A sound entry that is as small as one can be. */
const status = encodeEvent({ kind: 'status', status: 'x' });

/** Fills a history with batches until it has this many bytes. */
function fill(image, bytes, batch) {
  while (image.out.at < bytes) image.batch(batch);
}

/** Fills a journal with segments of this size until it has this many bytes. */
function fillJournal(image, bytes, segmentBytesMax, batch, batchBytes) {
  const segmentBytes = Math.floor(segmentBytesMax / 8) * 8;
  for (let total = 0; total < bytes; total += segmentBytes) {
    image.rotate(segmentBytes);
    while (image.out.at + batchBytes + 1024 < segmentBytes) image.batch(batch);
  }
  image.close();
}

/** Every way to attack, by name. */
export const attacks = {
  /** Honest content: four sessions of half a gibibyte. */
  'large histories': async (directory, scale) => {
    const ids = ['a', 'b', 'c', 'd'];
    await emptyStore(directory, ids);
    for (const id of ids) {
      const image = new HistoryImage(directory, id);
      fill(
        image,
        512 * MiB * scale,
        Array.from({ length: 16 }, () => message(64 * 1024)),
      );
      image.close();
    }
  },
  'tiny frames in a history': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new HistoryImage(directory, 's');
    fill(
      image,
      512 * MiB * scale,
      Array.from({ length: 2048 }, () => entry(status.payload, status.type)),
    );
    image.close();
  },
  'large journal': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new JournalImage(directory, 's');
    const batch = Array.from({ length: 16 }, () => message(64 * 1024));
    const bytes = 2048 * MiB * scale;
    fillJournal(image, bytes, Math.min(16 * MiB, bytes), batch, 1.1 * MiB);
  },
  'tiny frames in a journal': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new JournalImage(directory, 's');
    const batch = Array.from({ length: 2048 }, () => entry(status.payload, status.type));
    const bytes = 512 * MiB * scale;
    fillJournal(image, bytes, Math.min(16 * MiB, bytes), batch, 2048 * 160);
  },
  'thousands of segments': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new JournalImage(directory, 's');
    fillJournal(image, 256 * MiB * scale, 16384, [message(2000)], 4096);
  },
  /** The journal says that 2^53 entries were durable. */
  'a mark far beyond the journal': async (directory) => {
    await emptyStore(directory, ['s']);
    const image = new JournalImage(directory, 's');
    image.rotate(MiB);
    image.batch([entry(status.payload, status.type)]);
    image.batch([entry(status.payload, status.type)], 2 ** 53 - 2);
    image.close();
  },
  /** The first segment is damaged, so that every frame behind it is only a survivor. */
  'survivors in a journal': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new JournalImage(directory, 's');
    const batch = Array.from({ length: 2048 }, () => entry(status.payload, status.type));
    const bytes = 256 * MiB * scale;
    fillJournal(image, bytes, Math.min(16 * MiB, Math.ceil(bytes / 2)), batch, 2048 * 160);
    harm(`${image.directory}/0000000001.segment`, 8192 + 70);
  },
  'entries that do not decode': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new HistoryImage(directory, 's');
    fill(
      image,
      256 * MiB * scale,
      Array.from({ length: 2048 }, () => entry(Uint8Array.of(0xc1))),
    );
    image.close();
  },
  'rot in every fourth entry': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new HistoryImage(directory, 's');
    fill(
      image,
      64 * MiB * scale,
      Array.from({ length: 2048 }, () => entry(status.payload, status.type)),
    );
    image.close();
    const path = `${directory}/sessions/s/history`;
    const bytes = readFileSync(path);
    for (let at = 8192 + 64; at < bytes.length; at += 4 * 80) bytes[at] ^= 1;
    writeFileSync(path, bytes);
  },
  /** Each payload is an array in an array in an array … */
  'deep nesting': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new HistoryImage(directory, 's');
    const nested = entry(new Uint8Array(4 * MiB).fill(0x91));
    const maps = entry(new Uint8Array(1 * MiB).map((_, at) => [0x81, 0xa1, 0x61][at % 3]));
    fill(image, 256 * MiB * scale, [nested, maps]);
    image.close();
  },
  /** Sound headers, one behind the other, each of which claims the 64 MiB behind it. */
  'huge lengths in a history': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new HistoryImage(directory, 's');
    const { salt, incarnation: key } = image.head;
    const end = 8192 + 192 * MiB * scale;
    const claim = Math.floor(Math.min(64 * MiB, 64 * MiB * scale));
    while (image.out.at < end) image.out.put(claiming({ salt, offset: image.out.at }, key, claim));
    image.seq = 1000;
    image.close();
  },
  'huge lengths in a journal': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new JournalImage(directory, 's');
    const bytes = 16 * MiB;
    image.rotate(bytes);
    const claim = Math.floor(12 * MiB * Math.min(1, scale * 4));
    const end = 8192 + 16 * MiB * Math.min(1, scale * 4) - 2048;
    while (image.out.at + claim < end) {
      image.out.put(claiming({ salt: image.salt, offset: image.out.at }, image.key, claim));
    }
    image.close();
  },
  'a writers file that counts to 2^32': async (directory) => {
    await emptyStore(directory, ['s']);
    const bytes = readFileSync(`${directory}/writers`);
    bytes.writeUInt32LE(2 ** 32 - 1, 12);
    bytes.writeBigUInt64LE(xxh64(bytes.subarray(0, -8)), bytes.length - 8);
    writeFileSync(`${directory}/writers`, bytes);
  },
  'a writers file of 4 GiB': async (directory) => {
    await emptyStore(directory, ['s']);
    truncateSync(`${directory}/writers`, 4096 * MiB + 8);
  },
  'a head that vouches for 2^53 bytes': async (directory) => {
    await emptyStore(directory, ['s', 'o']);
    const far = 2 ** 53 - 8;
    new HistoryImage(directory, 's').close({
      vouched: { seq: far, endOffset: far, chain: 1n, batchChecksum: 1n },
      baseOffset: far - 8,
    });
  },
  /** Nothing but a hole: the file has its length, and no block of it was ever written. */
  'a history that is a hole': async (directory, scale) => {
    await emptyStore(directory, ['s']);
    const image = new HistoryImage(directory, 's');
    const endOffset = 8192 + Math.floor((2048 * MiB * scale) / 8) * 8;
    image.close({ vouched: { seq: 5, endOffset, chain: 1n, batchChecksum: 1n } });
    truncateSync(`${directory}/sessions/s/history`, endOffset);
  },
  'many sessions': async (directory, scale) => {
    await emptyStore(
      directory,
      Array.from({ length: Math.ceil(4000 * scale) }, (_, at) => `s${at}`),
    );
  },
};

/** Turns a bit. */
function harm(path, at) {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  writeSync(file, Buffer.of(byte[0] ^ 1), 0, 1, at);
  closeSync(file);
}

/** The header of a frame that claims this many bytes of payload, which are not there. */
function claiming(place, key, claim) {
  const bytes = new Uint8Array(64);
  const fields = { type: 32, key, streamSeq: 1, journalSeq: 1, timeMs: 0, payloadHash: 5n };
  encodeFrame(bytes, 0, place, fields, new Uint8Array(0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, claim, true);
  const seed = (place.salt + BigInt(place.offset)) & 0xffff_ffff_ffff_ffffn;
  view.setBigUint64(56, xxh64(bytes.subarray(0, 56), seed), true);
  return bytes;
}
