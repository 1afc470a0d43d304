/** Every code that can be found in a transcript has a fixture that shows it, and a near one. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { transcriptExplanations } from '../../src/cli/explanations/transcript-findings.ts';

const folder = fileURLToPath(new URL('../../fixtures/transcripts', import.meta.url));

/** Where the codes have a folder each; every code is in one of them. */
const kinds = ['bytes', 'records', 'findings'];

/** The text of the file that says what is expected of a fixture of the code. */
function expectation(code: string, name: 'fires' | 'nearly'): string {
  const paths = kinds.flatMap((kind) => [
    join(folder, kind, code, `${name}.expected.json`),
    join(folder, kind, code, `${name}.json`),
  ]);
  const path = paths.find((one) => existsSync(one));
  return path === undefined ? 'There is no such file' : readFileSync(path, 'utf8');
}

describe('fixtures of transcripts', () => {
  test.each(Object.keys(transcriptExplanations))(
    'fixtures of transcripts have a file that shows %s, and one that nearly does',
    (code) => {
      expect(expectation(code, 'fires')).toContain(`"${code}"`);
      const nearly = expectation(code, 'nearly');
      expect(() => JSON.parse(nearly) as unknown).not.toThrow();
      expect(nearly).not.toContain(`"${code}"`);
    },
  );

  test('fixtures of transcripts have no folder of a code that is none', () => {
    const codes = kinds.flatMap((kind) => readdirSync(join(folder, kind)));
    expect(codes.toSorted()).toEqual(Object.keys(transcriptExplanations).toSorted());
  });
});
