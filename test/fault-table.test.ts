/** The table of faults: every fault has a test, and ARCHITECTURE.md says which. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

function check(where: string): { readonly status: number | null; readonly problems: string[] } {
  const script = join(root, 'scripts/fault-table.mjs');
  const options = ['--check', '--root', where];
  const { status, stdout } = spawnSync(process.execPath, [script, ...options], {
    encoding: 'utf8',
  });
  return { status, problems: stdout.split('\n').filter((line) => line !== '') };
}

describe('the fault table', () => {
  test('names a test for every fault, and is the one that the script writes', () => {
    expect(check(root)).toEqual({ status: 0, problems: [] });
  });

  test('is refused when a fault has no test, or none has the name, or it was changed', () => {
    const copy = mkdtempSync(join(tmpdir(), 'holdfast-faults-'));
    try {
      const document = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
      writeFileSync(join(copy, 'ARCHITECTURE.md'), document.replace('| F07 |', '| F07 | |'));
      mkdirSync(join(copy, 'test'));
      const titles = Array.from({ length: 54 }, (_, index) => {
        const name = `F${String(index + 1).padStart(2, '0')}`;
        // One is in a comment only, which tests nothing.
        return name === 'F31' ? '// F31 is left out' : `it('${name} does not matter', () => {});`;
      });
      writeFileSync(
        join(copy, 'test/one.test.ts'),
        `${titles.join('\n')}\nit('F77 is no fault');\n`,
      );
      const { status, problems } = check(copy);
      expect(status).toBe(1);
      expect(problems).toEqual([
        'test/one.test.ts names F77, which is no fault',
        'F31 has no test',
        'the table in ARCHITECTURE.md is another one; run `npm run fault-table`',
      ]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
