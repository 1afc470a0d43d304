/** The sample of mutants that is kept here: each that no test notices has a sentence that says why. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Row {
  readonly file: string;
  readonly line: number;
  readonly change: string;
  /** What the first run said, and what the last one said, after the missing tests were written. */
  readonly first: string;
  readonly now: string;
  readonly verdict?: string;
  readonly why?: string;
}

const verdicts = ['equivalent', 'wording', 'guard', 'cost', 'missing test'];

describe('the sample of mutants', () => {
  const path = new URL('sample.json', import.meta.url);
  const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { readonly rows: readonly Row[] };

  it('has at least six hundred, and says of each unnoticed one why it is', () => {
    expect(rows.length).toBeGreaterThanOrEqual(600);
    const isNoticed = ({ now }: Row): boolean => now === 'killed' || now === 'timeout';
    for (const row of rows.filter((one) => !isNoticed(one))) {
      const place = `${row.file}:${row.line} ${row.change}`;
      expect(verdicts, place).toContain(row.verdict);
      expect(row.why?.length ?? 0, place).toBeGreaterThan(15);
    }
  });
});
