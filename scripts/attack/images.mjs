/**
 * Histories and journals written by hand, quickly and with sound checksums: what an attacker who knows
 * the format can make. Uses the built package.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { xxh64 } from '../../dist/format/checksum.js';
import { attachType, frameType, isEntryType } from '../../dist/format/control.js';
import { nextChain } from '../../dist/format/frame.js';
import { decodeHead, encodeHead } from '../../dist/format/head.js';
import { encodeSegmentHeader } from '../../dist/format/segment-header.js';
import { encodeBatch } from '../../dist/journal/batch.js';
import { encodeControlFrame } from '../../dist/journal/segment-line.js';
import { encodeIntroduction } from '../../dist/journal/streams.js';
import { encodeWriters } from '../../dist/recovery/store-files.js';

const headerBytes = 8192;
const timeMs = Date.UTC(2026, 0, 1);
/** Small batches are collected, so that millions of frames are not millions of system calls. */
const writeBytes = 4 * 1024 * 1024;
const digests = new WeakMap();

/** A frame of a session. Payloads are used again and again; each is hashed once. */
export function entry(payload, type = 32) {
  if (!digests.has(payload)) digests.set(payload, xxh64(payload));
  return { type, payload, payloadHash: digests.get(payload) };
}

/** Collects bytes and writes them one behind the other. */
class Appender {
  #parts = [];
  #bytes = 0;

  constructor(path) {
    this.file = openSync(path, 'r+');
    this.written = headerBytes;
    this.at = headerBytes;
  }

  put(bytes) {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.at += bytes.length;
    if (this.#bytes >= writeBytes) this.flush();
  }

  flush() {
    const bytes = Buffer.concat(this.#parts);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.file, bytes, done, bytes.length - done, this.written + done);
    }
    this.written += bytes.length;
    this.#parts = [];
    this.#bytes = 0;
  }

  close() {
    this.flush();
    closeSync(this.file);
  }
}

/** The history of a session of a store that the engine made. */
export class HistoryImage {
  constructor(store, id) {
    const path = `${store}/sessions/${id}/history`;
    this.head = decodeHead(readFileSync(path).subarray(0, headerBytes));
    this.out = new Appender(path);
    ftruncateSync(this.out.file, headerBytes);
    this.seq = 0;
    this.chain = 0n;
    this.checksum = 0n;
  }

  /** One batch. */
  batch(entries) {
    const frames = entries.map((one) => this.#number(one));
    const { bytes, checksum } = encodeBatch(frames, {
      salt: this.head.salt,
      offset: this.out.at,
      previousChecksum: this.checksum,
      durableMark: 0,
      firstSegment: 0,
      writer: new Uint8Array(16),
      timeMs,
    });
    this.checksum = checksum;
    this.out.put(bytes);
  }

  #number({ type, payload, payloadHash }) {
    this.seq += 1;
    const key = this.head.incarnation;
    const frame = { type, key, streamSeq: this.seq, journalSeq: 0, timeMs, payload, payloadHash };
    this.chain = nextChain(this.chain, frame);
    return frame;
  }

  /** Vouches for everything, and for what `change` says instead. */
  close(change = {}) {
    const vouched = {
      seq: this.seq,
      endOffset: this.out.at,
      chain: this.chain,
      batchChecksum: this.checksum,
    };
    this.out.flush();
    const head = { ...this.head, vouched, number: this.head.number + 1, baseOffset: 0, ...change };
    writeSync(this.out.file, encodeHead(head, 0), 0, headerBytes / 2, 0);
    writeSync(this.out.file, encodeHead(head, 1), 0, headerBytes / 2, headerBytes / 2);
    this.out.close();
  }
}

/** The journal of a writer that died, to which one session is attached. */
export class JournalImage {
  constructor(store, id) {
    this.writer = new Uint8Array(16).fill(7);
    const name = Buffer.from(this.writer).toString('hex');
    this.directory = `${store}/journals/${name}`;
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(`${store}/writers`, encodeWriters([name]));
    const uuid = JSON.parse(readFileSync(`${store}/store.json`, 'utf8')).uuid;
    this.store = new Uint8Array(Buffer.from(uuid, 'hex'));
    const history = new HistoryImage(store, id);
    history.close({ attached: this.writer });
    this.key = history.head.incarnation;
    this.id = id;
    this.number = 0;
    this.lastSeq = 0;
    this.streamSeq = 0;
    this.chain = 0n;
    this.checksum = 0n;
    this.end = headerBytes;
    this.out = null;
  }

  /** Begins the next segment, of this size; the one before is sealed. */
  rotate(bytes) {
    const salt = BigInt(this.number + 1) * 77n;
    const previous = this.number;
    if (this.out !== null) {
      this.end = this.out.at;
      this.#control(frameType.seal, { segment: this.number + 1, salt });
      this.out.close();
    }
    this.number += 1;
    this.salt = salt;
    const path = `${this.directory}/${String(this.number).padStart(10, '0')}.segment`;
    const { number, writer, store } = this;
    writeFileSync(
      path,
      encodeSegmentHeader({ salt, bytes, number, createdMs: timeMs, writer, store }),
    );
    this.out = new Appender(path);
    ftruncateSync(this.out.file, bytes);
    this.#control(frameType.origin, {
      segment: previous,
      endOffset: previous === 0 ? 0 : this.end,
    });
    const introduction = encodeIntroduction(this.chain, new TextEncoder().encode(this.id));
    this.batch([entry(introduction, attachType)]);
  }

  batch(entries, durableMark = this.lastSeq) {
    const frames = entries.map(({ type, payload, payloadHash }) => {
      this.lastSeq += 1;
      if (isEntryType(type)) this.streamSeq += 1;
      const { key, streamSeq, lastSeq: journalSeq } = this;
      const frame = { type, key, streamSeq, journalSeq, timeMs, payload, payloadHash };
      if (isEntryType(type)) this.chain = nextChain(this.chain, frame);
      return frame;
    });
    const { bytes, checksum } = encodeBatch(frames, {
      salt: this.salt,
      offset: this.out.at,
      previousChecksum: this.checksum,
      durableMark,
      firstSegment: 1,
      writer: this.writer,
      timeMs,
    });
    this.checksum = checksum;
    this.out.put(bytes);
  }

  #control(type, told) {
    const { checksum, lastSeq } = this;
    const control = { durableMark: lastSeq, firstSegment: 1, checksum, lastSeq, segment: 0 };
    const place = { salt: this.salt, offset: this.out.at };
    this.out.put(
      encodeControlFrame(type, { ...control, endOffset: 0, salt: 0n, ...told }, timeMs, place),
    );
  }

  close() {
    this.out.close();
  }
}
