/** Every code that can be found in a transcript has a fixture that shows it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { transcriptExplanations } from '../../src/cli/explanations/transcript-findings.ts';

const folder = fileURLToPath(new URL('../../fixtures/transcripts', import.meta.url));

/** What is expected of all fixtures, by the path of the file that says it. */
function expectations(): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.expected.json') || path.endsWith('fires.json'),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

describe('fixtures of transcripts', () => {
  const all = [...expectations()];

  test.each(Object.keys(transcriptExplanations))('fixtures of transcripts show %s', (code) => {
    const showing = all.filter(([, text]) => text.includes(`"${code}"`)).map(([path]) => path);
    expect(showing).not.toEqual([]);
  });
});
