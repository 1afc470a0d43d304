/**
 * The bare log: one directory, one log, one stream of byte strings. For those who want a
 * write-ahead log and nothing of sessions. `openWal` makes one.
 *
 * What it keeps: an entry that was acknowledged as durable is there when the log is opened again,
 * or opening says which are lost. What comes back is a prefix of what was appended, in order.
 */
// For users who compile with the library of their target alone: the log is disposable.
/// <reference lib="esnext.disposable" preserve="true" />
import { HoldfastError } from '../base/errors.ts';
import { itemsOf } from '../base/known-options.ts';
import { batchBytesMax, batchFramesMax, payloadBytesMax } from '../base/quantities.ts';
import { batchBytes } from '../journal/batch.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { damagedError } from './log-facts.ts';
import type { LogWriter } from './log-writer.ts';
import { readEntries } from './read-entries.ts';
import type { LogEntry } from './read-entries.ts';
import type { Spans } from './spans.ts';
import { checkAppendOptions, checkReadOptions, invalid, requireSeq } from './wal-options.ts';
import type { WalAppendOptions, WalDamage, WalReadOptions, WalRecovery } from './wal-options.ts';

/** What an open log is made of. */
export interface WalParts {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly recovery: WalRecovery;
  readonly spans: Spans;
  readonly lastSeq: number;
  /** Null when the log is open for reading. */
  readonly writer: LogWriter | null;
}

/** Bytes that the introduction of the stream may add to a batch. */
const introductionBytes = 8;

/** A bare log that is open. */
export class Wal implements AsyncDisposable {
  /** The real path of the log. */
  readonly directory: string;
  readonly mode: 'write' | 'read';
  /** What was found at open. */
  readonly recovery: WalRecovery;
  readonly #fileSystem: FileSystem;
  readonly #spans: Spans;
  readonly #openedAt: number;
  readonly #writer: LogWriter | null;

  constructor(parts: WalParts) {
    this.directory = parts.directory;
    this.mode = parts.writer === null ? 'read' : 'write';
    this.recovery = parts.recovery;
    this.#fileSystem = parts.fileSystem;
    this.#spans = parts.spans;
    this.#openedAt = parts.lastSeq;
    this.#writer = parts.writer;
  }

  /** The oldest entry that can be read; one more than `lastSeq` when there is none. */
  get firstSeq(): number {
    return this.#spans.all[0]?.firstSeq ?? this.lastSeq + 1;
  }

  /** The newest entry that was acknowledged; 0 when there never was one. */
  get lastSeq(): number {
    return this.#writer?.lastSeq ?? this.#openedAt;
  }

  /** Entries up to this one survive power loss. */
  get durableUpTo(): number {
    return this.#writer?.durableUpTo ?? this.#openedAt;
  }

  /**
   * Appends one entry of 0 bytes to 64 MiB; the bytes are copied before the call returns. FULL and
   * IO leave the log usable, POISONED does not.
   */
  async append(bytes: Uint8Array, options: WalAppendOptions = {}): Promise<{ seq: number }> {
    const { firstSeq } = await this.appendAll([bytes], options);
    return { seq: firstSeq };
  }

  /** Appends all entries or none; at most 4095, and 80 MiB together. */
  async appendAll(
    list: readonly Uint8Array[],
    options: WalAppendOptions = {},
  ): Promise<{ firstSeq: number; lastSeq: number }> {
    const writer = this.#requireWriter();
    // Its turn may come later: by then the caller may have changed the object for the next call.
    const own = checkAppendOptions(options);
    return writer.append(copyPayloads(list), own);
  }

  /** Resolves when everything that was appended before is durable. */
  async flush(): Promise<void> {
    await this.#requireWriter().flush();
  }

  /**
   * The entries that are there when the reading begins, oldest first. DAMAGED behind the last entry
   * in front of a loss, so that nobody takes it for the end; `to: wal.lastSeq` ends there.
   */
  read(options: WalReadOptions = {}): AsyncIterable<LogEntry> {
    checkReadOptions(options);
    const from = requireSeq('from', options.from ?? 1);
    const to = requireSeq('to', options.to ?? Number.MAX_SAFE_INTEGER);
    const { damage } = this.recovery;
    const range = { spans: [...this.#spans.all], from, to };
    const damaged = damage !== null && to > this.lastSeq ? damage : null;
    return readUntil(readEntries(this.#fileSystem, this.directory, range, options.signal), damaged);
  }

  /**
   * Lets entries below the sequence go, in whole segments, so that some of them may stay; the
   * newest entry always stays. Resolves when the files are removed.
   */
  async truncateBefore(seq: number): Promise<void> {
    await this.#requireWriter().truncateBefore(requireSeq('seq', seq));
  }

  /**
   * Waits until everything is durable. Idempotent. Rejects when a sync failed, and is closed then.
   */
  async close(): Promise<void> {
    await this.#writer?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireWriter(): LogWriter {
    if (this.#writer !== null) return this.#writer;
    const message = 'Cannot change the log: it is open for reading; open it in mode "write"';
    throw new HoldfastError('READ_ONLY', message, { what: this.directory });
  }
}

async function* readUntil(
  entries: AsyncIterable<LogEntry>,
  damage: WalDamage | null,
): AsyncGenerator<LogEntry, void, undefined> {
  yield* entries;
  if (damage !== null) throw damagedError(damage, 'read on');
}

/** Copies, because the caller may change its bytes, and the journal's thread takes them over. */
function copyPayloads(given: readonly Uint8Array[]): Uint8Array[] {
  if (!Array.isArray(given)) throw invalid('entries', 'are not a list of some');
  const list = itemsOf<Uint8Array>(given, 'entries', 'use the log', (count) => {
    if (count === 0) throw invalid('entries', 'are not a list of some');
    if (count >= batchFramesMax) throw tooLarge('entries', count, batchFramesMax - 1);
  });
  list.forEach((bytes, index) => {
    const name = `entry ${index}`;
    if (!(bytes instanceof Uint8Array)) throw invalid(name, 'is not a Uint8Array');
    if (bytes.length > payloadBytesMax) throw tooLarge(name, bytes.length, payloadBytesMax);
  });
  const total = batchBytes([introductionBytes, ...list.map((bytes) => bytes.length)]);
  if (total > batchBytesMax) throw tooLarge('bytes together', total, batchBytesMax);
  return list.map((bytes) => new Uint8Array(bytes));
}

function tooLarge(what: string, found: number, most: number): HoldfastError<'TOO_LARGE'> {
  const message = `Cannot append: ${what} have a size of ${found}, at most ${most} can be kept`;
  return new HoldfastError('TOO_LARGE', message, { bytes: found, bytesMax: most });
}
