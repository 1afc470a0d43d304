/** Paths that `recover` is given, and that it gives back in the lines that say what to run next. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import { exitOfScan } from '../../src/cli/transcripts/scan.ts';
import { runWith } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-paths-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const recover = (...words: readonly string[]): Promise<Told> =>
  runWith(engine, 'recover', ...words);

const hello = '{"role":"user","content":"Hello"}';
const answer = '{"role":"assistant","content":"Hi"}';
const fused = `${hello}\n${answer}${hello}\n${answer}\n`;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('recover', () => {
  test('scan of a folder names the one file that is amiss in the line that says what is next', async () => {
    mkdirSync(join(folder, 'project'));
    file('project/sound.jsonl', `${hello}\n${answer}\n`);
    const path = file('project/fused.jsonl', fused);
    const { code, stdout } = await recover('scan', folder);
    expect(code).toBe(10);
    expect(stdout).toContain(`Next: recover verify ${path}   (each finding), then recover plan`);
    file('project/other.jsonl', fused);
    expect((await recover('scan', folder)).stdout).toContain('Next: recover verify FILE ');
  });

  test.each(['scan', 'verify', 'plan'])(
    '%s quotes the path in its next line for a shell',
    async (verb) => {
      const path = file("a 'b'.jsonl", fused);
      const { stdout } = await recover(verb, path);
      const quoted = `'${path.replaceAll("'", String.raw`'\''`)}'`;
      const next = stdout.slice(stdout.indexOf('Next:'));
      expect(next).toMatch(/^Next: recover (verify|plan|apply) /);
      expect(next).toContain(quoted);
      expect(execFileSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(path);
    },
  );

  test.each(['scan', 'verify', 'plan', 'report'])(
    '%s says that there is no such file, and that pipes are not read',
    async (verb) => {
      const nothing = await recover(verb, join(folder, 'no.jsonl'));
      expect(nothing.code).toBe(66);
      expect(nothing.stderr).toContain('no file and no folder; check the path');
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      for (const path of ['-', join(folder, 'pipe'), '/dev/null']) {
        const piped = await recover(verb, path);
        expect([path, piped.code]).toEqual([path, 64]);
        expect(piped.stderr).toContain('pipes are not read; save the input to a file first');
      }
    },
  );

  test('scan exits with the code of the worst file: damaged, unreadable, repairable, clean', () => {
    const exitOf = (damaged: number, unreadable: number, repairable: number): number =>
      exitOfScan({
        counts: { clean: 1, repairable, damaged },
        failures: { damaged: 0, unreadable, missing: 0, refused: 0 },
      });
    expect(exitOf(1, 1, 1)).toBe(20);
    expect(exitOf(0, 1, 1)).toBe(50);
    expect(exitOf(0, 0, 1)).toBe(10);
    expect(exitOf(0, 0, 0)).toBe(0);
  });

  test('scan of a folder counts a file that is no text worse than one that a plan mends', async () => {
    file('fused.jsonl', fused);
    file('wide.jsonl', '');
    writeFileSync(join(folder, 'wide.jsonl'), Buffer.from(`${hello}\n`, 'utf16le'));
    const { code, stdout } = await recover('scan', folder);
    expect([code, stdout]).toEqual([50, expect.stringContaining('1 could not be read')]);
  });

  test('tells what a list of records of Claude Code is, whole or cut', async () => {
    const record = (at: number) => ({
      type: 'user',
      uuid: `u${at}`,
      parentUuid: null,
      sessionId: 's',
      message: { role: 'user', content: 'Hello' },
    });
    const whole = JSON.stringify([record(1), record(2)]);
    for (const content of [whole, whole.slice(0, -20)]) {
      const { code, stderr } = await recover('verify', file('list.json', content));
      expect(code).toBe(64);
      expect(stderr).toContain('it holds one list, first an object');
      expect(stderr).toContain('these are records as claude-code has them on lines of their own');
    }
  });

  test('hints at Latin-1 where many records have bytes that are no UTF-8, not where one has', async () => {
    const said = (text: string): Buffer =>
      Buffer.from(`${JSON.stringify({ role: 'user', content: text })}\n`, 'latin1');
    const hint = 'iconv -f LATIN1 -t UTF-8';
    const many = join(folder, 'many.jsonl');
    writeFileSync(many, Buffer.concat(['für', 'über', 'groß'].map(said)));
    expect((await recover('verify', many)).stdout.replaceAll(/\s+/g, ' ')).toContain(hint);
    expect((await recover('scan', many)).stdout).toContain('is it Latin-1 text?');
    const one = join(folder, 'one.jsonl');
    writeFileSync(one, Buffer.concat(['für', 'uber', 'gross'].map(said)));
    expect((await recover('verify', one)).stdout.replaceAll(/\s+/g, ' ')).not.toContain(hint);
  });
});
