/** `recover report` of a file of which no repair mends all: what its steps come to, and where. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TranscriptReport } from '../../src/page/report.ts';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const call = { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} };
const asked = '{"role":"user","content":"What is in this folder?"}\n';
const answered = `${JSON.stringify({ role: 'assistant', content: [call] })}\n`;

test('the step that looks at the copy says that it exits with 20, and why', async () => {
  const path = file('a.jsonl', `${asked}these are no words of JSON\n${answered}`);
  const html = join(place.folder, 'a.html');
  const told = await recover('report', path, '--html', html, '--json');
  const { next, plan } = JSON.parse(told.stdout) as TranscriptReport;
  const where = `line 2 (byte ${asked.length})`;
  expect(plan?.unmended).toMatchObject([{ place: { line: 2, offset: asked.length } }]);
  expect(next[1]?.why).toContain('This exits with 20');
  expect(next[1]?.why).toContain(`(${where}: 26 bytes are no record)`);
  expect(next[1]?.why).toContain('anthropic takes the conversation');
  const codes: unknown[] = [];
  for (const { line } of next) {
    // The copy is named without a folder: whoever copies the line is where it shall be.
    const words = (line ?? '').replace('a.repaired', join(place.folder, 'a.repaired')).split(' ');
    const { code } = await recover(...words.slice(1));
    codes.push(code);
  }
  expect(codes).toEqual([20, 20]);
  const page = readFileSync(html, 'utf8');
  expect(page).toMatch(/What it cannot mend.{0,80}line 2 \(byte \d+\)<\/span> 26 bytes are no/);
  expect(page).toContain('This exits with 20');
  const text = await recover('report', path);
  expect(text.stdout).toContain(`not mended: ${where}, 26 bytes are no record.`);
});

test('where all is mended, the step says that the copy is accepted', async () => {
  const told = await recover('report', file('a.jsonl', asked + answered), '--json');
  const { next } = JSON.parse(told.stdout) as TranscriptReport;
  expect(next[1]?.why).toBe('See that the copy is accepted.');
});
