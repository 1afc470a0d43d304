/**
 * Copies what is left of a session into a new history: every entry that is valid in itself, and in
 * the place of each gap a loss frame, so that the new file accounts for every sequence. The old
 * bytes are never changed.
 */
import { HoldfastError } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { isEntryType } from '../format/control.ts';
import type { Frame } from '../format/frame.ts';
import { viewOf } from '../format/bytes.ts';
import type { Head } from '../format/head.ts';
import { emptyVouched } from '../format/head.ts';
import { decodeLoss, encodeLoss } from '../history/history-frames.ts';
import type { HistoryFile } from '../history/history-file.ts';
import { walkHistory } from '../history/history-walk.ts';
import type { Step, WalkResult } from '../history/history-walk.ts';
import type { LooseFrame } from '../journal/batch.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import type { Frames } from '../journal/frame-table.ts';
import { isPassedOver, streamFrameType } from '../session/frame-types.ts';
import type { Parts } from './parts.ts';
import { entryOf, walkStart } from './read-session.ts';
import { fieldsOf, looseFrame } from './replay.ts';

const groupBytesMax = 8 * 1024 * 1024;

/** A history that takes survivors in, and accounts for what is missing between them. */
export class SurvivorCopy {
  readonly history: HistoryFile;
  readonly #writer: Uint8Array;
  readonly #timeMs: number;
  #group: LooseFrame[] = [];
  #bytes = 0;
  #seq: number;
  #entries = 0;
  readonly #dropped: SeqRange[] = [];

  constructor(parts: Parts, history: HistoryFile, writer: Uint8Array) {
    this.history = history;
    this.#writer = writer;
    this.#timeMs = parts.clock.nowMs();
    this.#seq = history.head.vouched.seq;
  }

  /** Entries that were taken in; what is lost is not counted. */
  get entries(): number {
    return this.#entries;
  }

  /**
   * Entries that have their place and no content: restore points whose bytes are damaged, and
   * payloads that do not decode. They are accounted for as lost.
   */
  get dropped(): readonly SeqRange[] {
    return this.#dropped;
  }

  /**
   * Takes a frame whose place is behind the last one; an older one is passed over, and so is a
   * base, which says where things stand in the old file.
   */
  async take(frame: Frame, condition: Step['condition'] = 'sound'): Promise<void> {
    if (frame.type === streamFrameType.base) return;
    const loss = frame.type === streamFrameType.loss ? decodeLoss(frame.payload) : null;
    if (isEntryType(frame.type) || loss !== null) {
      const from = loss?.from ?? frame.streamSeq;
      if (from <= this.#seq) return;
      await this.accountFor(from - 1);
      // Of a damaged restore point nothing is left but its place.
      if (condition === 'damaged' || (loss === null && isUndecodable(frame))) {
        this.#dropped.push({ from, to: from });
        return this.accountFor(from);
      }
      this.#seq = loss?.to ?? frame.streamSeq;
      if (loss === null) this.#entries += 1;
    }
    this.#group.push({ ...frame, key: this.history.head.incarnation });
    this.#bytes += frame.payload.length;
    if (this.#bytes >= groupBytesMax) await this.#flush();
  }

  /** Everything up to this sequence that is not there is lost, and said to be. */
  async accountFor(seq: number): Promise<void> {
    if (seq <= this.#seq) return;
    const key = this.history.head.incarnation;
    const fields = { type: streamFrameType.loss, key, streamSeq: seq, timeMs: this.#timeMs };
    this.#group.push(looseFrame(fields, encodeLoss({ from: this.#seq + 1, to: seq })));
    this.#seq = seq;
  }

  /** Settles what is left; durable when it returns, but for the name of the file's directory. */
  async finish(change: Partial<Pick<Head, 'damage' | 'attached'>> = {}): Promise<void> {
    await this.#flush();
    await this.history.writeHead(change);
  }

  async #flush(): Promise<void> {
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    this.#bytes = 0;
    await this.history.append(group, this.#writer, fieldsOf(this.history.head, group));
  }
}

function isUndecodable(frame: Frame): boolean {
  try {
    if (!isPassedOver(frame.type)) entryOf(frame);
    return false;
  } catch (error) {
    // One of a newer version is copied as it is, for that version to read.
    if (HoldfastError.is(error, 'NEWER_FORMAT')) return false;
    return true;
  }
}

/**
 * The head of a new file for the same session: same identity, fresh salt, nothing vouched for yet.
 */
export function freshHead(parts: Parts, old: Head): Head {
  return {
    ...old,
    number: 1,
    salt: viewOf(parts.random.bytes(8)).getBigUint64(0, true),
    generation: old.generation + 1,
    attached: null,
    vouched: emptyVouched,
    baseOffset: 0,
    damage: null,
    isNameUnproven: false,
    messages: 0,
  };
}

/** Copies what is valid below the vouched end of a history, with its gaps accounted for. */
export async function copySurvivors(
  parts: Parts,
  from: { readonly path: string; readonly head: Head },
  copy: SurvivorCopy,
): Promise<WalkResult> {
  const file = await parts.fileSystem.open(from.path, 'read');
  try {
    const result = await walkHistory(file, from.head, walkStart, (frame, step) =>
      copy.take(frame, step.condition),
    );
    await copy.accountFor(from.head.vouched.seq);
    return result;
  } finally {
    await file.close();
  }
}

/** Copies entries of a journal behind what is there already. */
export async function copyTail(
  frames: Frames,
  source: FrameSource,
  copy: SurvivorCopy,
): Promise<void> {
  for (const ref of frames) await copy.take(await source.read(ref));
}
