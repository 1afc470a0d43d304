/**
 * Logs with nothing wrong in them, which may never be refused: the input is a recipe, and each of its
 * bytes a step. Batches and segments end at every alignment; a segment is filled to its last byte, or
 * to a few bytes before it.
 */
import { frameHeaderBytes, segmentBytesMin } from '../../src/base/quantities.ts';
import { commitBytes, frameType } from '../../src/format/control.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import { controlFrameBytes } from '../../src/journal/segment-line.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { judgeJournal } from '../../src/recovery/verdict.ts';
import { SegmentImage } from '../helpers/segment-image.ts';
import { logDirectory, openLog, payloadOf, readAll, upTo } from '../helpers/wal-lab.ts';
import { must } from './target.ts';
import type { Target } from './target.ts';

const stepsMax = 48;

/** A batch of one frame with this payload, and the seal behind it, need so many bytes. */
function roomFor(payloadBytes: number): number {
  return frameBytes(payloadBytes) + frameBytes(commitBytes(1)) + controlFrameBytes;
}

/** Writes segments as the steps say, and knows what has to be found in them. */
class Recipe {
  readonly #images: SegmentImage[] = [new SegmentImage().origin().attach()];
  /** Payload bytes of every entry, by its journal seq. */
  readonly #written = new Map<number, number>();
  #closed = false;

  get #last(): SegmentImage {
    return this.#images.at(-1) ?? new SegmentImage();
  }

  get #room(): number {
    return segmentBytesMin - this.#last.offset;
  }

  step(code: number, amount: number): void {
    switch (code % 8) {
      case 0:
      case 1:
      case 2:
        return this.#batch(Array.from({ length: 1 + ((code >> 3) % 6) }, () => amount));
      case 3:
        return this.#batch([amount * 16, 0, amount]);
      case 4:
        return this.#fill(amount);
      case 5:
        return this.#rotate('sealed');
      case 6:
        return this.#rotate('abandoned');
      default:
        if (this.#room >= 2 * controlFrameBytes) {
          this.#last.durableMark = this.#last.lastSeq;
          this.#last.control(frameType.mark);
        }
    }
  }

  /** Leaves so many bytes free, at most, in front of the seal; then comes the next segment. */
  #fill(free: number): void {
    const payloadBytes = this.#room - roomFor(0) - (free % 72);
    if (payloadBytes >= 0) this.#batch([payloadBytes]);
    this.#rotate(free % 2 === 0 ? 'sealed' : 'abandoned');
  }

  #batch(sizes: readonly number[]): void {
    const frames = sizes.reduce((sum, bytes) => sum + frameBytes(bytes), 0);
    const bytes = frames + frameBytes(commitBytes(sizes.length)) + controlFrameBytes;
    if (bytes > this.#room) return;
    const firstSeq = this.#last.lastSeq + 1;
    this.#last.batch(...sizes.map((size, index) => new Uint8Array(size).fill(index + size)));
    for (const [index, size] of sizes.entries()) this.#written.set(firstSeq + index, size);
  }

  #rotate(sealed: 'sealed' | 'abandoned'): void {
    if (this.#images.length === 5) return;
    if (sealed === 'abandoned' && this.#room >= frameHeaderBytes) {
      // What a failed write left behind the end: the next segment disowns it.
      this.#last.bytes.fill(0xab, this.#last.offset + 8, this.#last.offset + 48);
    }
    this.#images.push(SegmentImage.after(this.#last, { sealed }).attach());
  }

  close(): void {
    if (this.#room < controlFrameBytes) return;
    this.#last.control(frameType.close);
    this.#closed = true;
  }

  facts(): JournalFacts {
    const files = this.#images.map(({ bytes }, index) => {
      return segmentFacts(`/j/${index + 1}`, index + 1, bytes);
    });
    return linkSegments('/j', files);
  }

  requireAll(facts: JournalFacts): void {
    must(facts.firstProblem === null, `a valid journal is whole: ${facts.firstProblem?.reason}`);
    must(facts.closed === this.#closed, 'whether it was closed');
    must(facts.lastSeq === this.#last.lastSeq, 'the last seq of a valid journal');
    const verdict = judgeJournal(facts);
    must(verdict !== 'damaged' && verdict !== 'newer', `a valid journal is ${verdict}`);
    let found = 0;
    for (const { journalSeq, payloadBytes } of facts.frames) {
      const expected = this.#written.get(journalSeq);
      if (expected === undefined) continue;
      must(payloadBytes === expected, `the payload of ${journalSeq}`);
      found += 1;
    }
    must(found === this.#written.size, 'every entry of a valid journal is found');
  }
}

function runJournal(bytes: Uint8Array): void {
  const recipe = new Recipe();
  for (let at = 0; at + 1 < Math.min(bytes.length, 2 * stepsMax); at += 2) {
    recipe.step(bytes[at] ?? 0, bytes[at + 1] ?? 0);
  }
  if (bytes.length % 2 === 1) recipe.close();
  recipe.requireAll(recipe.facts());
}

/** A log that lives as the bytes say: appends of any size, ends and begins again. */
async function runLog(bytes: Uint8Array): Promise<void> {
  const disk = SimDisk.create(1);
  const sizes: number[] = [];
  const sized = (seq: number): Uint8Array => payloadOf(seq, sizes[seq - 1]);
  let [lives, durable] = [1, 0];
  let wal = await openLog(disk, {}, `life ${lives}`);
  for (const code of bytes.subarray(0, 24)) {
    if (code % 16 === 0 && lives < 4) {
      if (code >= 128) await wal.close();
      else disk.killProcess(`life ${lives}`);
      lives += 1;
      wal = await openLog(disk, {}, `life ${lives}`);
      must(wal.recovery.damage === null, `a valid log is damaged: ${wal.recovery.damage?.reason}`);
      continue;
    }
    const count = 1 + (code % 3);
    const first = sizes.length + 1;
    for (let index = 0; index < count; index += 1) sizes.push((code % 8) + (code >> 3) * 97);
    await wal.appendAll(upTo(sizes.length, first).map(sized));
    durable = sizes.length;
  }
  disk.killProcess(`life ${lives}`);
  const again = await openLog(disk, { expectAtLeast: durable }, 'reader');
  must(again.recovery.damage === null, `a valid log is damaged: ${again.recovery.damage?.reason}`);
  must((await readAll(again, sized)).length === durable, 'every entry of a valid log is read');
  await again.close();
  must(disk.readFile(`${logDirectory}/head`).length > 0, 'the log has a head');
}

/** Recipes that meet the end of a segment at every distance. */
function recipes(): readonly Uint8Array[] {
  const full = Array.from({ length: 9 }, (_, step) => {
    return Uint8Array.of(0, 3 + step, 4, step * 8, 1, 7, 4, step * 8 + 1, 7, 0, 9, 200);
  });
  return [...full, Uint8Array.of(5, 0, 6, 0, 0, 1, 5, 0, 3, 255, 3, 255, 3, 255, 3, 255, 7)];
}

/** Makers of valid logs. */
export const validTargets: readonly Target[] = [
  { name: 'a valid journal', share: 4, images: recipes, run: runJournal },
  { name: 'a valid bare log', share: 1, images: recipes, run: runLog },
];
