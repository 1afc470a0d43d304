/**
 * The fixtures of other tools under random damage: nothing crashes, no
 * message is made up, mends make the file sound, and a plan can still be written.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { planRepair } from '../../src/integrity/plan/plan-repair.ts';
import { cline } from '../../src/transcript/cline/reader.ts';
import { copilot } from '../../src/transcript/copilot-cli/reader.ts';
import { gemini } from '../../src/transcript/gemini-cli/reader.ts';
import { goose } from '../../src/transcript/goose/reader.ts';
import { kimi } from '../../src/transcript/kimi/reader.ts';
import { opencode } from '../../src/transcript/opencode/reader.ts';
import type { Edit } from '../../src/integrity/plan/edit.ts';
import type { Splice } from '../../src/transcript/splice.ts';
import type { FormatReader, Transcript } from '../../src/transcript/transcript.ts';
import type { Said } from '../helpers/transcript-lab.ts';
import { openBytes, runs, saidIn, spliced } from '../helpers/transcript-lab.ts';

const root = fileURLToPath(new URL('../../fixtures/transcripts/', import.meta.url));

const harm = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('nuls' as const),
    at: fc.nat(),
    count: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant('fuse' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('drop' as const),
    at: fc.nat(),
    count: fc.integer({ min: 1, max: 90 }),
  }),
);

/** The bytes after one piece of damage. */
function harmed(
  bytes: Buffer,
  damage: typeof harm extends fc.Arbitrary<infer D> ? D : never,
): Buffer {
  const at = damage.at % (bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (damage.kind) {
    case 'cut':
      return head;
    case 'nuls':
      return Buffer.concat([head, Buffer.alloc(damage.count), tail]);
    case 'drop':
      return Buffer.concat([head, tail.subarray(damage.count)]);
    case 'fuse': {
      const lf = tail.indexOf('\n');
      return lf < 0 ? bytes : Buffer.concat([head, tail.subarray(0, lf), tail.subarray(lf + 1)]);
    }
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << damage.bit);
      return copy;
    }
  }
}

/** The bytes once nothing is left to mend; what a mend brings back may need one itself. */
function mendedBytes(reader: FormatReader, bytes: Buffer): Buffer {
  let sound = bytes;
  for (let round = 0; round < 4; round += 1) {
    const { mends } = openBytes(reader, sound);
    if (mends.length === 0) return sound;
    sound = spliced(sound, mends);
  }
  throw new Error('mends do not come to rest');
}

/** All words of a conversation. */
function texts(messages: readonly Said[]): string[] {
  return messages.flatMap(({ content }) =>
    content.flatMap((block) => (block.type === 'text' ? [block.text] : [])),
  );
}

const tools = { 'gemini-cli': gemini, cline, goose, opencode, 'copilot-cli': copilot, kimi };

describe.each(Object.entries(tools))('%s', (name, reader) => {
  const files = readdirSync(join(root, name))
    .filter((file) => /\.jsonl?$/.test(file) && !file.endsWith('.expected.json'))
    .map((file) => readFileSync(join(root, name, file)));

  it('survives random damage without a crash and without a word that was never written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(harm, { minLength: 1, maxLength: 3 }),
        (file, all) => {
          const bytes = all.reduce<Buffer>((before, damage) => harmed(before, damage), file);
          const said = saidIn(openBytes(reader, bytes));
          const isOnlyLoss = all.every(({ kind }) => kind === 'cut' || kind === 'fuse');
          if (isOnlyLoss) {
            const written = new Set(texts(saidIn(openBytes(reader, file))));
            // What a rewind, a revert or a compaction hid may come back with the bytes that said so
            // gone.
            const whole = file.toString();
            const isThere = (text: string): boolean =>
              written.has(text) || whole.includes(JSON.stringify(text).slice(1, -1));
            expect(texts(said).filter((text) => !isThere(text))).toEqual([]);
          }
          const sound = mendedBytes(reader, bytes);
          const mended = openBytes(reader, sound);
          if (mended.write === null) return;
          const plan = (transcript: Transcript): readonly Edit[] =>
            planRepair([...transcript.conversation()], transcript.profile, 'annotate').edits;
          let splices: readonly Splice[] = [];
          try {
            splices = mended.write(plan(mended));
          } catch (error) {
            // A tool may have no words for a repair; then it says so, and nothing is written.
            if (!HoldfastError.is(error, 'INVALID')) throw error;
            return;
          }
          const repaired = spliced(sound, splices);
          expect(plan(openBytes(reader, repaired))).toEqual([]);
        },
      ),
      runs(200),
    );
  });
});
