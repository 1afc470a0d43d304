/**
 * Real transcripts, where HOLDFAST_CORPUS names a folder of them: each is read, told in a table and
 * written back untouched; then it is damaged at random, HOLDFAST_DAMAGE times a file. A run goes on
 * from what HOLDFAST_RESUME names.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { lookAtFirst } from '../../src/transcript/detect.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import { containerOf } from '../../src/transcript/messages/container.ts';
import { jsonLines } from '../../src/transcript/records.ts';
import { applySplices, mergeSplices } from '../../src/transcript/splice.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';
import { DamageProgress } from '../helpers/damage-progress.ts';
import { blows, Chances, misread } from '../helpers/damage.ts';
import type { Damaged, Extent } from '../helpers/damage.ts';
import { testSeed } from '../helpers/seed.ts';

const corpus = process.env['HOLDFAST_CORPUS'];
const damages = Number(process.env['HOLDFAST_DAMAGE'] ?? 12);
const firstSeed = testSeed();
const progress = DamageProgress.open(process.env['HOLDFAST_RESUME'], firstSeed);
const { seed } = progress;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function open(bytes: Uint8Array): Transcript {
  const walk = openTranscript(bytesSource(bytes));
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}

/** Null when no format is known for the file; any other trouble is thrown. */
function openKnown(bytes: Uint8Array): Transcript | null {
  try {
    return open(bytes);
  } catch (error) {
    if (HoldfastError.is(error, 'INVALID')) return null;
    throw error;
  }
}

/** A file of lines, or of one value with the path to its list. */
type Layout = readonly string[] | null;

function layoutOf(bytes: Uint8Array): Layout {
  const { kind, first } = lookAtFirst(bytesSource(bytes));
  const path = containerOf(first)?.path ?? null;
  return kind === 'document' || Array.isArray(first[0]) ? path : null;
}

function extents(bytes: Uint8Array, path: Layout): Extent[] {
  const source = bytesSource(bytes);
  const quiet = (): void => undefined;
  const records = path === null ? jsonLines(source, quiet) : jsonFile(source, path, quiet);
  return [...records].map(({ offset, length }) => ({ from: offset, to: offset + length }));
}

const files =
  corpus === undefined
    ? []
    : readdirSync(corpus, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(corpus.length + 1))
        .toSorted();

function sizeOf(file: string): number {
  return statSync(join(corpus ?? '', file)).size;
}

describe('the corpus', () => {
  it('is there, or is said not to be', () => {
    if (corpus === undefined) say('corpus: did not run, HOLDFAST_CORPUS names no folder');
    else say(`corpus: ${files.length} files of ${corpus}, seed ${seed}`);
  });

  it('is read without a crash, and written back as it was', () => {
    const rows = [['file', 'format', 'records', 'messages', 'calls', 'findings']];
    for (const file of files) {
      const bytes = readFileSync(join(corpus ?? '', file));
      const transcript = openKnown(bytes);
      if (transcript === null) {
        rows.push([file, 'unknown', '', '', '', '']);
        continue;
      }
      let [messages, calls] = [0, 0];
      for (const { content } of transcript.conversation()) {
        messages += 1;
        calls += content.filter(({ type }) => type === 'tool_use').length;
      }
      const { format, records, findings, write } = transcript;
      rows.push([file, format, ...[records, messages, calls, findings.length].map(String)]);
      const back = [...applySplices(bytesSource(bytes), write?.([]) ?? [])];
      expect(Buffer.concat(back.map((part) => Buffer.from(part))).equals(bytes), file).toBe(true);
    }
    const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
    if (files.length > 0) {
      for (const row of rows) say(row.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join('  '));
    }
  });

  it('gives back everything outside of damage, and makes nothing up', () => {
    // Small ones first: a run that is cut off has then done most of the files.
    for (const file of files.toSorted((a, b) => sizeOf(a) - sizeOf(b))) {
      const bytes = readFileSync(join(corpus ?? '', file));
      if (openKnown(bytes) === null) continue;
      const layout = layoutOf(bytes);
      const sound = extents(bytes, layout);
      const kinds = Object.keys(blows).filter(
        (kind) => layout === null || !/^(fused|cut)/.test(kind),
      );
      for (let count = progress.done(file); count < damages; count += 1) {
        // Each blow has a seed of its own, so that a run that goes on gives the blows that are left.
        const chances = new Chances(seed + count);
        const damaged = blows[kinds[count % kinds.length] ?? '']?.(bytes, chances);
        if (damaged === undefined) break;
        progress.add(file, judge(damaged, sound, layout));
        if (count % 50 === 49) progress.save();
      }
      progress.save();
      const wrong = progress.misread(file).length;
      say(`${file}: damaged ${progress.done(file)} times, misread ${wrong} times`);
    }
    const wrong = files.flatMap((file) => progress.misread(file).map((told) => `${file}: ${told}`));
    if (files.length > 0) say(`corpus: ${progress.all} damaged files, ${wrong.length} misread`);
    expect(wrong).toEqual([]);
  }, 86_400_000);
});

function judge(damaged: Damaged, sound: readonly Extent[], layout: Layout): string[] {
  const found = extents(damaged.bytes, layout);
  const wrong = misread(layout === null ? sound : [], damaged, layout === null ? found : []);
  if (layout !== null) wrong.push(...misreadList(sound, damaged, found));
  const transcript = openKnown(damaged.bytes);
  if (transcript === null) {
    // The damage took the records by which the format is known.
    const first = sound[0] ?? { from: 0, to: 0 };
    const bare = first.to > damaged.touched.from && damaged.touched.to > first.from - 40;
    return bare || damaged.touched.from < 4096
      ? wrong
      : [...wrong, `${damaged.kind}: no format is known`];
  }
  const offsets = new Set(found.map(({ from }) => from));
  for (const { place } of transcript.conversation()) {
    const { offset } = place;
    if (offset !== null && layout === null && !offsets.has(offset)) {
      wrong.push(`${damaged.kind}: a message at ${offset}, where no record is`);
    }
  }
  if (!isMendedInStages(damaged.bytes, transcript)) {
    wrong.push(`${damaged.kind}: mends ${stagesMax} times, and is not sound`);
  }
  return wrong;
}

/** As many as the command takes: which links are needed is known once the bytes are sound. */
const stagesMax = 4;

function isMendedInStages(damaged: Uint8Array, first: Transcript): boolean {
  let [bytes, transcript]: [Uint8Array, Transcript] = [damaged, first];
  for (let stage = 0; stage < stagesMax; stage += 1) {
    if (transcript.mends.length === 0) return true;
    const parts = [...applySplices(bytesSource(bytes), mergeSplices(transcript.mends))];
    bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
    const again = openKnown(bytes);
    if (again === null) return true;
    transcript = again;
  }
  return transcript.mends.length === 0;
}

/** Where the name of the list is damaged, nothing in it can be known for an element. */
function misreadList(
  sound: readonly Extent[],
  damaged: Damaged,
  found: readonly Extent[],
): string[] {
  const begins = misread(sound, damaged, found);
  const first = sound[0]?.from ?? 0;
  const nameless = damaged.touched.to > first - 40 && damaged.touched.from < first;
  return nameless ? begins.filter((told) => told.includes('made up')) : begins;
}
