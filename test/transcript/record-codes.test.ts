/** Faults of records among each other: each code where it belongs, and not where it nearly does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';

const folder = fileURLToPath(new URL('../../fixtures/transcripts/records', import.meta.url));
const names = readdirSync(folder).flatMap((code) => [`${code}/fires`, `${code}/nearly`]);

describe('openTranscript', () => {
  test.each(names)('finds in records what is expected of %s', (name) => {
    const walk = openTranscript(bytesSource(readFileSync(join(folder, `${name}.jsonl`))));
    let step = walk.next();
    while (step.done !== true) step = walk.next();
    const transcript = step.value;
    const text = readFileSync(join(folder, `${name}.expected.json`), 'utf8');
    const expected = JSON.parse(text) as { texts: unknown[]; finds: unknown[] };
    const said = [...transcript.conversation()].map(({ content }) =>
      content.map((block) => (block as { readonly text?: unknown }).text).join(''),
    );
    const found = transcript.findings.map(({ code, severity, place }) => [
      code,
      severity,
      place?.line,
    ]);
    expect({ texts: said, finds: found }).toEqual(expected);
  });
});
