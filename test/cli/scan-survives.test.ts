/** `recover scan` over several files, some of which cannot be looked at. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import * as formats from '../../src/transcript/formats.ts';
import { runWith } from '../helpers/cli.ts';
import { clean, dangling, eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

interface Line {
  readonly kind: string;
  readonly path?: string;
  readonly verdict: string;
  readonly message?: string;
}

const linesOf = (text: string): readonly Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('a file without content', () => {
  test.each([
    ['of no bytes', 'b.jsonl', 0],
    ['of zeros', 'b.jsonl', 4096],
    ['of no bytes, of a tool that keeps one value', 'b.json', 0],
    ['of zeros, of a tool that keeps one value', 'b.json', 4096],
  ])('is damaged, whoever looks, and hides no other: %s', async (_what, name, size) => {
    const wiped = file(name, '');
    truncateSync(wiped, size);
    for (const words of [
      ['scan', wiped],
      ['verify', wiped],
      ['plan', wiped],
      ['report', wiped],
      ['apply', wiped, '--to', join(place.folder, 'out')],
    ]) {
      const told = await recover(...words);
      expect([words[0], told.code]).toEqual([words[0], 20]);
      expect(told.stderr).toContain('is damaged: it holds nothing but zero bytes, or no bytes');
    }
    const paths = [file('a.jsonl', clean), wiped, file('c.jsonl', dangling)];
    for (const words of [[place.folder], paths]) {
      const told = await recover('scan', ...words);
      expect(told.code).toBe(20);
      expect(told.stdout).toContain('3 transcripts: 1 clean, 1 repairable, 1 damaged');
      expect(told.stdout).toMatch(/damaged .*b\.jsonl?/);
    }
    const store = join(place.folder, 'store');
    const imported = await runWith(engine, 'import', wiped, '--session', 's', '--store', store);
    expect([imported.code, imported.stderr]).toEqual([20, expect.stringContaining('is damaged')]);
  });

  test('that is named in another way is no transcript', async () => {
    expect(await recover('verify', file('notes.txt', ''))).toMatchObject({ code: 64 });
    expect(await recover('scan', place.folder)).toMatchObject({ code: 0 });
  });
});

describe('recover scan of several paths', () => {
  test('tells of each what it is, also of what is not there and of what is no transcript', async () => {
    const paths = [file('a.jsonl', clean), file('n.json', '{"a":1}'), file('c.jsonl', dangling)];
    const nothing = join(place.folder, 'nothing.jsonl');
    const all = await recover('scan', ...paths, nothing, '--json');
    expect(all.code).toBe(66);
    expect(linesOf(all.stdout)).toMatchObject([
      { kind: 'transcript', verdict: 'clean' },
      { kind: 'failure', verdict: 'refused', path: paths[1] },
      { kind: 'transcript', verdict: 'repairable' },
      { kind: 'failure', verdict: 'missing', path: nothing },
      { kind: 'result', verdict: 'repairable', clean: 1, missing: 1, refused: 1 },
    ]);
    const told = await recover('scan', ...paths);
    expect(told.code).toBe(64);
    expect(told.stdout).toContain('2 transcripts: 1 clean, 1 repairable, 1 file no transcript');
    expect(told.stderr).toContain('is no transcript that is known here');
  });

  test('looks at a store alone, as it always did', async () => {
    for (const name of ['store', 'store/journals', 'store/sessions']) {
      mkdirSync(join(place.folder, name));
    }
    const told = await recover('scan', file('a.jsonl', clean), join(place.folder, 'store'));
    expect(told.code).toBe(64);
    expect(told.stderr).toContain('a store is looked at alone');
  });

  test('a link that leads in a circle is nothing, and no store', async () => {
    const loop = join(place.folder, 'loop');
    symlinkSync(loop, loop);
    for (const verb of ['verify', 'scan', 'plan']) {
      const told = await runWith(engine, 'recover', verb, loop);
      expect([verb, told.code]).toEqual([verb, 66]);
      expect(told.stderr).toContain('no file and no folder');
    }
  });
});

test('a fault that nobody foresaw in one file of a folder is one row of it', async () => {
  mkdirSync(join(place.folder, 'deeper'));
  writeFileSync(join(place.folder, 'deeper', 'odd.jsonl'), clean);
  file('z.jsonl', clean);
  const open = formats.openTranscript;
  vi.spyOn(formats, 'openTranscript').mockImplementation((source, path, early) => {
    if (path?.endsWith('odd.jsonl') === true) throw new TypeError('odd');
    return open(source, path, early);
  });
  const told = await recover('scan', place.folder);
  vi.restoreAllMocks();
  expect(told.code).toBe(20);
  expect(told.stderr).toContain('odd.jsonl: it cannot be read: odd');
  expect(told.stdout).toContain('2 transcripts: 1 clean, 1 damaged');
});
