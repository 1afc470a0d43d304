/** The transcripts of the fixtures: they are what the script makes, and read as expected. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import { jsonLines } from '../../src/transcript/records.ts';
import { applySplices } from '../../src/transcript/splice.ts';
import type { Splice } from '../../src/transcript/splice.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'fixtures', 'transcripts', 'bytes');

interface Expected {
  readonly bytesMax: number | null;
  readonly texts: readonly string[];
  readonly finds: readonly (readonly [string, number, string | null])[];
}

/** The words of a record, whichever of the shapes of the fixtures it has. */
function wordsOf(value: unknown): string | null {
  const { message, content } = value as { message?: { content: unknown }; content?: unknown };
  const said = message?.content ?? content;
  if (typeof said === 'string' || said === undefined) return said ?? null;
  return (said as { text?: string }[]).map((block) => block.text).join('');
}

describe('fixtures/transcripts', () => {
  it('are what the script makes of its modules', () => {
    const script = join(root, 'scripts', 'make-transcript-fixtures.mjs');
    const { status, stdout } = spawnSync('node', [script, '--check'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/, 0 differ/) });
  });
});

const names = readdirSync(folder).flatMap((code) =>
  readdirSync(join(folder, code))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => `${code}/${name.replace('.jsonl', '')}`),
);

describe('jsonLines', () => {
  it.each(names)('reads and tells what is expected of %s', (name) => {
    const bytes = readFileSync(join(folder, `${name}.jsonl`));
    const expected = JSON.parse(
      readFileSync(join(folder, `${name}.expected.json`), 'utf8'),
    ) as Expected;
    const found: [string, number, string | null][] = [];
    const mends: Splice[] = [];
    const options = expected.bytesMax === null ? {} : { recordBytesMax: expected.bytesMax };
    const words: string[] = [];
    let line = 0;
    const records = jsonLines(
      bytesSource(bytes),
      (fault) => {
        const { code, mend } = fault;
        found.push([code, fault.line, mend === null ? null : Buffer.from(mend.bytes).toString()]);
        if (mend !== null) mends.push(mend);
      },
      options,
    );
    for (const record of records) {
      const said = wordsOf(record.value);
      if (said === null) found.push(['UNEXPECTED_RECORD', record.line, null]);
      else words.push(said);
      expect(record.line).toBeGreaterThanOrEqual(line);
      line = record.line;
    }
    expect(words).toEqual(expected.texts);
    expect(found).toEqual(expected.finds);
    // What is mended needs no mending, and has lost no record.
    const mended = Buffer.concat(
      [...applySplices(bytesSource(bytes), mends)].map((b) => Buffer.from(b)),
    );
    const again: Splice[] = [];
    const reread = [
      ...jsonLines(bytesSource(mended), ({ mend }) => mend !== null && again.push(mend), options),
    ];
    expect(again).toEqual([]);
    expect(reread.flatMap(({ value }) => wordsOf(value) ?? [])).toEqual(expected.texts);
  });

  it('is what a transcript tells of its bytes, with records that its format does not have', () => {
    const name = 'UNEXPECTED_RECORD/fires';
    const walk = openTranscript(bytesSource(readFileSync(join(folder, `${name}.jsonl`))));
    let step = walk.next();
    while (step.done !== true) step = walk.next();
    expect(step.value.findings.map(({ code, place }) => [code, place?.line])).toEqual([
      ['UNEXPECTED_RECORD', 5],
    ]);
  });
});
