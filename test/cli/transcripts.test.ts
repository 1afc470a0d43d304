/** `recover scan` and `recover verify` on transcripts of other tools. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { place, eachInItsFolder, recover, file, clean, dangling, torn } from './rollouts.ts';

eachInItsFolder();

describe('recover scan', () => {
  test('looks at every file of a folder, and the worst decides the exit', async () => {
    file('clean.jsonl', clean);
    file('notes.txt', 'no transcript at all');
    const told = await recover('scan', place.folder);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('1 transcript: 1 clean, 1 other file passed over');

    mkdirSync(join(place.folder, 'deeper'));
    file('deeper/dangling.jsonl', dangling);
    expect(await recover('scan', place.folder)).toMatchObject({ code: 10 });

    file('torn.jsonl', torn);
    const worst = await recover('scan', place.folder, '--json');
    expect(worst.code).toBe(20);
    const lines = worst.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { kind: 'transcript', format: 'codex', verdict: 'clean', messages: 4, calls: 1 },
      { verdict: 'repairable', codes: { DANGLING_TOOL_CALL: { severity: 'error', count: 1 } } },
      { verdict: 'damaged', codes: { TORN_RECORD: { count: 1 } } },
      { kind: 'result', verdict: 'damaged', clean: 1, repairable: 1, damaged: 1, others: 1 },
    ]);
  });

  test('refuses a file that was named and is no transcript, and says what it saw', async () => {
    const told = await recover('scan', file('odd.json', '{"a":1}'));
    expect(told.code).toBe(64);
    expect(told.stderr).toContain('an object with "a"');
  });
});

describe('text of two bytes a character', () => {
  const wide = (name: string, big: 'BE' | 'LE', mark: '\uFEFF' | ''): string => {
    const bytes = Buffer.from(`${mark}${clean}`, 'utf16le');
    if (big === 'BE') bytes.swap16();
    const path = join(place.folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test.each([
    ['LE', '\uFEFF'],
    ['LE', ''],
    ['BE', '\uFEFF'],
    ['BE', ''],
  ] as const)('UTF-16%s is told at once, with what to do, mark %j', async (big, mark) => {
    const path = wide('wide.jsonl', big, mark);
    for (const words of [
      ['scan'],
      ['verify'],
      ['plan'],
      ['apply', '--to', join(place.folder, 'out')],
    ]) {
      const told = await recover(...words.slice(0, 1), path, ...words.slice(1));
      expect([told.code, told.stdout]).toEqual([64, '']);
      expect(told.stderr).toContain(`is UTF-16${big} text`);
      expect(told.stderr).toContain(`iconv -f UTF-16${big} -t UTF-8 FILE > COPY`);
      expect(told.stderr).not.toContain('NUL_RUN');
    }
    file('clean.jsonl', clean);
    const scanned = await recover('scan', place.folder);
    expect(scanned.code).toBe(50);
    expect(scanned.stderr).toContain(`wide.jsonl" is UTF-16${big} text`);
    expect(scanned.stdout).toContain('1 transcript: 1 clean, 1 could not be read');
  });

  test('zeros in text of one byte a character are damage, and mended', async () => {
    const path = file('zeros.jsonl', clean.replaceAll('\n', `\n${'\0'.repeat(700)}`));
    expect(await recover('verify', path)).toMatchObject({ code: 20 });
  });
});

describe('recover scan of a folder after a crash', () => {
  test('tells sessions that have nothing left, and torn databases end nothing', async () => {
    file('a.jsonl', '');
    file('b.jsonl', '\0'.repeat(100));
    file('c.db', 'SQLite format 3\0 and nothing that it should have');
    file('clean.jsonl', clean);
    const told = await recover('scan', place.folder);
    expect(told.code).toBe(20);
    expect(told.stdout).toContain('4 transcripts: 1 clean, 3 damaged');
    expect(told.stderr).toContain('b.jsonl" is damaged');
    expect(told.stderr).toContain('c.db" is damaged');
  });
});

describe('recover verify', () => {
  test('tells each finding with its line and its byte', async () => {
    const told = await recover('verify', file('dangling.jsonl', dangling));
    expect(told.code).toBe(10);
    expect(told.stdout).toMatch(/error DANGLING_TOOL_CALL line 3 \(byte \d+\), message 2, block 1/);
    const path = file('torn.jsonl', torn);
    const offset = Buffer.byteLength(clean);
    const found = await recover('verify', path, '--json');
    expect(found.code).toBe(20);
    expect(JSON.parse(found.stdout)).toMatchObject({
      verdict: 'damaged',
      findings: [{ code: 'TORN_RECORD', place: { offset, line: 6 } }],
    });
  });

  test('holds a file against the profile that is asked for', async () => {
    // Only Mistral wants ids of nine letters and digits.
    const path = file('clean.jsonl', clean);
    expect(await recover('verify', path)).toMatchObject({ code: 0 });
    const told = await recover('verify', path, '--profile', 'mistral');
    expect(told.stdout).toContain('BAD_CALL_ID');
  });

  test('refuses a folder of files and names the command for it', async () => {
    file('clean.jsonl', clean);
    const told = await recover('verify', place.folder);
    expect([told.code, told.stderr]).toEqual([64, expect.stringContaining('recover scan')]);
  });
});
