/** Scripts of the long runs, as somebody calls them who mistypes: told in words, and never a pass. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../scripts/', import.meta.url));
const tested = ['kills', 'alice', 'power-cuts', 'corpus'];
const long = ['sim', 'exhaustive', 'fuzz', 'mutants', 'repair-plans', 'seeded-bugs', 'attack'];
const scripts = [...tested, ...long, 'large-transcript'];
/** Those that take `--only`. */
const choosing = ['exhaustive', 'fuzz', 'mutants', 'seeded-bugs', 'attack'];

function run(script: string, ...args: readonly string[]) {
  const words = [join(folder, `${script}.mjs`), ...args];
  return spawnSync(process.execPath, words, { encoding: 'utf8' });
}

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-scripts-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('scripts', () => {
  it.each(scripts)(
    '%s refuses an option that it does not know, with 64 and its usage',
    (script) => {
      const { status, stdout, stderr } = run(script, '--nonsense');
      expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
      expect(stderr).toContain('--nonsense');
      expect(stderr).toContain(`Usage: npm run ${script}`);
      expect(stderr).not.toContain('    at ');
    },
  );

  it.each([...tested, ...long])(
    '%s tells in its help what is printed, and how it ends',
    (script) => {
      const { status, stdout } = run(script, '--help');
      expect(status).toBe(0);
      expect(stdout).toMatch(/^Prints|^Each input|^Every plan|^Ends with/m);
      for (const code of [' 0', ' 64'])
        expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`with${code}`);
    },
  );

  it.each(choosing)('%s runs nothing that --only does not choose', (script) => {
    expect(readFileSync(join(folder, `${script}.mjs`), 'utf8')).toContain('chosen(');
  });

  it('attack, and whoever else chooses, refuses an --only that nothing has, and names all', () => {
    const { status, stdout, stderr } = run('attack', '--only', 'zzz');
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('--only "zzz" is in none of the names:');
    expect(stderr.split('\n').length).toBeGreaterThan(5);
  });

  it.each(['sim', 'exhaustive', 'repair-plans'])(
    '%s refuses a file that is not of its runs',
    (one) => {
      const file = join(directory, 'run.json');
      for (const text of ['garbage', '', 'null', '{"schema":"another"}']) {
        writeFileSync(file, text);
        const { status, stderr } = run(one, '--resume', file);
        expect(status).toBe(64);
        expect(stderr).toContain(`--resume ${file}`);
        expect(stderr).not.toContain('    at ');
        expect(readFileSync(file, 'utf8')).toBe(text);
      }
    },
  );

  it('sim and repair-plans say that a run is done already', () => {
    const file = join(directory, 'run.json');
    const kept = { firstSeed: 1, next: 3, done: [], seconds: 1, total: {} };
    const runs = [
      ['sim', { schema: 'holdfast.sim/1', steps: 100 }, '--seeds'],
      ['repair-plans', { schema: 'holdfast.repair-plans/1', breadth: 'profiles' }, '--histories'],
    ] as const;
    for (const [script, own, option] of runs) {
      writeFileSync(file, JSON.stringify({ ...kept, ...own }));
      const { status, stdout } = run(script, '--resume', file, option, '2');
      expect(status).toBe(0);
      expect(stdout).toContain('has all of it already: nothing is run');
    }
  });
});
