/**
 * Damage at every offset of a log. For each one the log is judged again, and for a part of them opened
 * for real: it gives back exactly what was appended, up to at least what a mark that can still be read
 * proves, or it refuses and names what is lost.
 */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { SeqRange } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { decodeCommit, decodeControl, frameType, isEntryType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { SegmentFacts } from '../../src/journal/journal-reader.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import { readHead } from '../../src/log/head-file.ts';
import type { LogHead } from '../../src/log/head-file.ts';
import { damagedError, judgeLog } from '../../src/log/log-facts.ts';
import type { LogFacts } from '../../src/log/log-facts.ts';
import { beyondMark, Folding } from '../../src/log/read-log.ts';
import type { LogJournal } from '../../src/log/read-log.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { logDirectory, openLog, payloadOf, readAll, upTo } from '../helpers/wal-lab.ts';

/** Every so many offsets the log is opened for real. */
const openEvery = 331;
/** Every so many offsets the log is judged once more from runs instead of frames. */
const foldEvery = 7;
/** Behind the content all bytes are zero and alike: a part of the offsets stands for all. */
const freeEvery = 61;

/** Bytes from `from` to `to` hold one frame; what it proves and what it carries. */
interface Landmark {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  /** Last entry that its durable mark proves. */
  readonly proves: number;
  /** Seq of the entry in it, or null. */
  readonly entry: number | null;
}

interface Image {
  readonly disk: SimDisk;
  readonly head: LogHead | null;
  readonly segments: readonly SegmentFacts[];
  readonly files: ReadonlyMap<number, Uint8Array>;
  readonly landmarks: readonly Landmark[];
  /** All were acknowledged as durable. */
  readonly lastSeq: number;
}

/** A log of several segments with batches of one and of more entries. */
async function build(end: 'marked' | 'unmarked'): Promise<Image> {
  const disk = SimDisk.create(4);
  const wal = await openLog(disk);
  while (wal.lastSeq < 40) {
    const first = wal.lastSeq + 1;
    const list = upTo(first + (first % 3), first).map((seq) => payloadOf(seq, 40 + (seq % 9) * 60));
    await wal.appendAll(list);
    if (first % 5 === 0) await disk.clock.advanceThrough(25);
  }
  if (end === 'marked') await disk.clock.advanceThrough(500);
  else await wal.append(payloadOf(wal.lastSeq + 1, 40 + ((wal.lastSeq + 1) % 9) * 60));
  const { lastSeq } = wal;
  const names = disk.paths().filter((path) => path.endsWith('.segment'));
  const files = new Map(names.map((path) => [Number(path.slice(-18, -8)), disk.readFile(path)]));
  const segments = [...files].map(([number, bytes]) => {
    return segmentFacts(`${logDirectory}/${segmentName(number)}`, number, bytes);
  });
  const head = await readHead(disk.fileSystem(), logDirectory);
  return { disk, head, segments, files, landmarks: landmarksOf(files), lastSeq };
}

function landmarksOf(files: ReadonlyMap<number, Uint8Array>): Landmark[] {
  const found: (Landmark & { readonly mark: number; readonly journalSeq: number })[] = [];
  for (const [segment, bytes] of files) {
    const header = decodeSegmentHeader(bytes);
    if ('kind' in header) throw new Error('the header is sound');
    for (let from = fileHeaderBytes; ; ) {
      const frame = decodeFrame(bytes, from, { salt: header.salt, base: 0 });
      if (isFault(frame)) break;
      const told =
        frame.type === frameType.commit
          ? decodeCommit(frame.payload)
          : decodeControl(frame.payload);
      const to = from + frameBytes(frame.payload.length);
      const entry = isEntryType(frame.type) ? frame.streamSeq : null;
      const mark = frame.type < 16 ? (told?.durableMark ?? 0) : 0;
      found.push({ segment, from, to, entry, mark, journalSeq: frame.journalSeq, proves: 0 });
      from = to;
    }
  }
  return found.map((one) => {
    const proven = found.filter((other) => other.entry !== null && other.journalSeq <= one.mark);
    return { ...one, proves: Math.max(0, ...proven.map((other) => other.entry ?? 0)) };
  });
}

interface Damage {
  readonly segment: number;
  readonly kind: 'zeroed' | 'cut' | 'flipped';
  readonly offset: number;
}

function damagedBytes(image: Image, { segment, kind, offset }: Damage): Uint8Array {
  const bytes = image.files.get(segment) ?? new Uint8Array(0);
  if (kind === 'cut') return bytes.slice(0, offset);
  const copy = bytes.slice();
  if (kind === 'zeroed') copy.fill(0, offset);
  else copy[offset] = (copy[offset] ?? 0) ^ (1 << (offset % 8));
  return copy;
}

/** How the log was found: the last entry, or what the refusal says is lost. */
interface Outcome {
  readonly lastSeq: number | null;
  readonly inDoubt: SeqRange | null;
  readonly lost: readonly SeqRange[];
}

function outcomeOf(error: unknown): Outcome {
  if (!HoldfastError.is(error, 'DAMAGED')) throw error;
  expect(error.details.file).not.toBe(null);
  expect(error.details.offset).not.toBe(null);
  return { lastSeq: null, inDoubt: null, lost: error.details.sessions[0]?.lost ?? [] };
}

/** The journal as `readLog` gives it. */
function foldedLog(all: readonly SegmentFacts[]): LogJournal {
  const folding = new Folding();
  for (const facts of all) folding.learn(facts);
  const segments = all.map((facts) => folding.fold(facts));
  const again = new Set(beyondMark(segments));
  const mixed = segments.map((facts, index) => (again.has(index) ? (all[index] ?? facts) : facts));
  return { facts: linkSegments(logDirectory, mixed), runs: folding.runs };
}

/** Runs tell the same as the frames that they stand for. */
function requireSame(whole: LogFacts, folded: LogFacts): void {
  const told = ({ journal: _journal, spans, unmarked, ...rest }: LogFacts): unknown => {
    return { ...rest, spans: spans.all, unmarked: unmarked.map(({ streamSeq }) => streamSeq) };
  };
  must(isDeepStrictEqual(told(whole), told(folded)), 'runs tell what their frames tell');
}

/** Judges the log with these bytes in place of a segment. */
function judge(image: Image, damage: Damage, bytes: Uint8Array): Outcome {
  const segments = image.segments.map((one) =>
    one.number === damage.segment ? segmentFacts(one.path, one.number, bytes) : one,
  );
  try {
    const whole = { facts: linkSegments(logDirectory, segments), runs: new Map() };
    const facts = judgeLog(whole, image.head, 0);
    if (damage.offset % foldEvery === 0) {
      requireSame(facts, judgeLog(foldedLog(segments), image.head, 0));
    }
    if (facts.damage !== null) throw damagedError(facts.damage, 'open the log');
    const entries = [...facts.journal.frames].filter((frame) => isEntryType(frame.type));
    entries.forEach((frame, index) => {
      const right = hashes[index + 1] ?? 0n;
      if (frame.streamSeq !== index + 1 || frame.payloadHash !== right) {
        throw new Error(`entry ${frame.streamSeq} is not the one that was appended`);
      }
    });
    must(entries.length === facts.lastSeq, 'all entries are there');
    return { lastSeq: facts.lastSeq, inDoubt: facts.inDoubt, lost: [] };
  } catch (error) {
    return outcomeOf(error);
  }
}

/** Reading shows what was appended, up to a loss, and never takes the loss for the end. */
async function readBeside(disk: SimDisk): Promise<void> {
  const wal = await openLog(disk, { mode: 'read' }, 'reader');
  const seqs: number[] = [];
  const reading = async (to: number): Promise<void> => {
    for await (const { seq, bytes } of wal.read({ to })) {
      expect(bytes).toEqual(payloadOf(seq, 40 + (seq % 9) * 60));
      seqs.push(seq);
    }
  };
  await reading(wal.lastSeq);
  expect(seqs).toEqual(upTo(wal.lastSeq));
  expect(wal.recovery.damage === null).toBe(wal.recovery.verdict !== 'damaged');
  if (wal.recovery.damage === null) return;
  const { lost } = wal.recovery.damage;
  expect(lost.every(({ from }) => from > wal.lastSeq)).toBe(true);
  await expect(reading(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
    code: 'DAMAGED',
    details: { sessions: [{ lost }] },
  });
}

/** Opens the log with these bytes in place of a segment, and reads all of it. */
async function open(image: Image, damage: Damage, bytes: Uint8Array): Promise<Outcome> {
  const disk = image.disk.clone();
  disk.writeFile(`${logDirectory}/${segmentName(damage.segment)}`, bytes);
  await readBeside(disk);
  try {
    const wal = await openLog(disk);
    const seqs = await readAll(wal, (seq) => payloadOf(seq, 40 + (seq % 9) * 60));
    expect(seqs).toEqual(upTo(wal.lastSeq));
    // Going on after it is as good as before.
    const next = payloadOf(wal.lastSeq + 1, 40 + ((wal.lastSeq + 1) % 9) * 60);
    expect((await wal.append(next)).seq).toBe(seqs.length + 1);
    return { lastSeq: seqs.length, inDoubt: wal.recovery.inDoubt, lost: [] };
  } catch (error) {
    return outcomeOf(error);
  }
}

function check(image: Image, damage: Damage, bytes: Uint8Array, outcome: Outcome): void {
  const { segment, kind, offset } = damage;
  const original = image.files.get(segment) ?? bytes;
  const isHit = (one: Landmark): boolean => {
    if (one.segment !== segment || one.to <= offset) return false;
    // Where only padding was cut off, nothing has changed.
    return !isEqual(bytes.subarray(one.from, one.to), original.subarray(one.from, one.to));
  };
  const proven = Math.max(0, ...image.landmarks.filter((one) => !isHit(one)).map((m) => m.proves));
  const hit = image.landmarks.filter((one) => isHit(one) && one.entry !== null);
  must(kind !== 'cut' || outcome.lastSeq === null, 'a short segment is refused');
  if (outcome.lastSeq === null) {
    // A refusal names every entry that was proven and is hit.
    for (const { entry } of hit) {
      if (entry === null || entry > proven) continue;
      const isNamed = outcome.lost.some(({ from, to }) => from <= entry && (to ?? entry) >= entry);
      must(isNamed, `entry ${entry} is named among ${JSON.stringify(outcome.lost)}`);
    }
    return;
  }
  must(outcome.lastSeq >= proven, `${proven} entries are proven, ${outcome.lastSeq} are there`);
  must(outcome.lastSeq <= image.lastSeq, 'nothing is there that was not appended');
  if (outcome.lastSeq === image.lastSeq) return;
  // Zeros exactly from the end of a batch on are no bytes at all: nothing is left that could tell.
  const hasTrace = kind === 'flipped' || (outcome.inDoubt !== null && outcome.inDoubt.from > 0);
  if (!hasTrace) return;
  must(outcome.inDoubt?.from === outcome.lastSeq + 1, 'what is cut is told to be in doubt');
}

/** An expectation that costs nothing a hundred thousand times. */
function must(holds: boolean, fact: string): void {
  if (!holds) throw new Error(`It does not hold that ${fact}`);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

const hashes: bigint[] = [];

/** Runs all cases of a kind over some segments, and counts how they ended. */
async function sweep(
  image: Image,
  kind: Damage['kind'],
  segments: readonly number[],
  tailBytes: number = Number.MAX_SAFE_INTEGER,
): Promise<Record<'cases' | 'opened' | 'refused' | 'inDoubt' | 'forReal', number>> {
  const counts = { cases: 0, opened: 0, refused: 0, inDoubt: 0, forReal: 0 };
  for (const segment of segments) {
    const size = image.files.get(segment)?.length ?? 0;
    const content = Math.max(
      ...image.landmarks.map((one) => (one.segment === segment ? one.to : 0)),
    );
    const first = Math.max(0, content - tailBytes);
    for (let offset = first; offset < size; offset += offset < content + 64 ? 1 : freeEvery) {
      const damage = { segment, kind, offset };
      const bytes = damagedBytes(image, damage);
      try {
        const outcome = judge(image, damage, bytes);
        check(image, damage, bytes, outcome);
        counts.cases += 1;
        if (outcome.lastSeq === null) counts.refused += 1;
        else if (outcome.lastSeq < image.lastSeq) counts.inDoubt += 1;
        else counts.opened += 1;
        if (offset % openEvery !== 0) continue;
        const real = await open(image, damage, bytes);
        expect(real).toEqual(outcome);
        counts.forReal += 1;
      } catch (error) {
        throw new Error(`${kind} at ${offset} of segment ${segment}`, { cause: error });
      }
    }
  }
  process.stdout.write(`  ${kind}: ${JSON.stringify(counts)}\n`);
  return counts;
}

describe('judgeLog', () => {
  beforeAll(async () => {
    await initChecksum();
    for (const seq of upTo(60)) hashes[seq] = xxh64(payloadOf(seq, 40 + (seq % 9) * 60));
  });

  it('judgeLog proves or refuses, wherever the rest of a segment is zeros', async () => {
    const image = await build('marked');
    const counts = await sweep(image, 'zeroed', [1, 2]);
    expect(counts.refused).toBeGreaterThan(10_000);
  });

  it('judgeLog refuses, wherever a segment is cut', async () => {
    const image = await build('marked');
    const counts = await sweep(image, 'cut', [1, 2]);
    expect(counts.refused).toBe(counts.cases);
  });

  it('judgeLog never gives back a wrong entry, whichever bit is flipped', async () => {
    const image = await build('marked');
    const counts = await sweep(image, 'flipped', [1, 2]);
    expect(counts.refused).toBeGreaterThan(10_000);
  });

  it('judgeLog calls only the last batch in doubt when no mark tells of it', async () => {
    const image = await build('unmarked');
    const zeroed = await sweep(image, 'zeroed', [2], 3000);
    const flipped = await sweep(image, 'flipped', [2], 3000);
    expect(zeroed.inDoubt).toBeGreaterThan(0);
    expect(flipped.inDoubt).toBeGreaterThan(0);
  });
});
