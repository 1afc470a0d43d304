/** The line that shows how far preparations are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsOf } from '../../bench/arguments.ts';
import { benchAppend } from '../../bench/cases/append.ts';
import { benchSessions } from '../../bench/cases/sessions.ts';
import { benchSettle } from '../../bench/cases/settle.ts';
import { Context } from '../../bench/context.ts';
import { judgeOf } from '../../bench/verdict.ts';
import { Progress } from '../../bench/progress.ts';

/** What is written to a stream that is, or is not, a terminal. */
function stream(isTTY: boolean): { readonly written: string[]; readonly progress: Progress } {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  return { written, progress: new Progress({ isTTY, write }) };
}

test('Progress shows a share on a terminal, not too often, and takes itself away', () => {
  const { written, progress } = stream(true);
  progress.clear();
  progress.show('writing', 1, 4);
  progress.show('writing', 2, 4);
  progress.clear();
  expect(written).toEqual(['\r\u001b[Kwriting: 25 %', '\r\u001b[K']);
});

test('Progress writes nothing into a pipe', () => {
  const { written, progress } = stream(false);
  progress.show('writing', 1, 4);
  progress.clear();
  expect(written).toEqual([]);
});

test('Progress names the case, and how many there are', () => {
  const { written, progress } = stream(true);
  progress.say('2 cases');
  progress.begin('append', 1, 2);
  progress.clear();
  progress.begin('load', 1, 1);
  expect(written).toEqual([
    '2 cases\n',
    '\r\u001b[Kappend (1 of 2), beginning: 0 %',
    '\r\u001b[K',
    '\r\u001b[Kload, beginning: 0 %',
  ]);
});

test.each([
  ['append', benchAppend],
  ['sessions', benchSessions],
  ['settle', benchSettle],
])('%s shows how far measuring is', async (name, run) => {
  const { written, progress } = stream(true);
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-progress-'));
  try {
    const settings = settingsOf([name, '--seconds', '0.5', '--bytes', '20KiB', '--sessions', '3']);
    if (settings === null) throw new Error('No settings');
    const judge = judgeOf({ isFsyncReal: false });
    await run(new Context(settings, directory, { progress, judge }));
    expect(written.join('')).toMatch(/measuring: \d+ %/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
