/** What the commands say in small things: one of them is one, and a hint leads somewhere. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import { runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-words-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(program: 'recover' | 'holdfast', ...words: readonly string[]): Promise<Told> {
  return runIn(worldOf({ engine, program }), ...words);
}

const fixture = (name: string): string =>
  join(import.meta.dirname, '../../fixtures/transcripts', name);

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('one zero byte stands, and two stand', async () => {
  const text = readFileSync(fixture('claude-code/clean.jsonl'), 'utf8');
  const one = await run('recover', 'verify', file('one.jsonl', text.replace('\n', '\0')));
  expect(one.stdout).toContain('1 zero byte stands');
  expect(one.stdout).toContain('nothing is known to be lost');
  const two = await run('recover', 'verify', file('two.jsonl', `${text}\0\0`));
  expect(two.stdout).toContain('2 zero bytes stand');
});

test('a plan that drops a call says how many pieces it takes away', async () => {
  const path = fixture('claude-code/interrupted-mid-call.jsonl');
  const told = await run('recover', 'plan', path, '--policy', 'drop');
  expect(told.stdout).toMatch(/This takes away (?:1 piece|\d+ pieces) for good:/);
});

describe('recover explain', () => {
  test.each([
    ['1', 'is never a verdict of Holdfast'],
    ['', 'CODE is empty'],
  ])('%j says what it is, and guesses nothing', async (code, words) => {
    const told = await run('recover', 'explain', code);
    expect(told.code).toBe(64);
    expect(told.stderr).toContain(words);
    expect(told.stderr).not.toContain('did you mean');
  });
});

test('the page puts a message behind the last one, and not in front of one that is not', async () => {
  const path = fixture('codex/interrupted.jsonl');
  const html = join(folder, 'page.html');
  await run('recover', 'report', path, '--html', html);
  const page = readFileSync(html, 'utf8').replaceAll(/<a [^>]*>|<\/a>/g, '');
  expect(page).toContain('Insert a message behind message 7');
  expect(page).not.toContain('message 8');
  expect(page).toContain('It takes away nothing.');
});

test('verify says when most of the messages are on branches that are left', async () => {
  const entry = (id: string, parentId: string | null, role: string, text: string): string => {
    const content = [{ type: 'text', text }];
    return JSON.stringify({ type: 'message', id, parentId, message: { role, content } });
  };
  const header = JSON.stringify({ type: 'session', version: 3, id: 's', cwd: '/p' });
  const lines = [header, entry('a0', null, 'user', 'a')];
  for (let at = 1; at < 8; at += 1) {
    lines.push(entry(`a${at}`, `a${at - 1}`, at % 2 === 1 ? 'assistant' : 'user', `t${at}`));
  }
  lines.push(entry('b1', null, 'user', 'another'));
  const told = await run('recover', 'verify', file('s.jsonl', `${lines.join('\n')}\n`));
  expect(told.stdout).toContain('Most of the messages, 8, stand on branches');
});

test('an export tells the same change once, and what became of the messages', async () => {
  const call = (id: string): object => ({
    id,
    type: 'function',
    function: { name: 'ls', arguments: '{}' },
  });
  const turns = ['c1', 'c2', 'c3'].flatMap((id) => [
    { role: 'assistant', content: null, tool_calls: [call(id)] },
    { role: 'tool', tool_call_id: id, content: 'a' },
  ]);
  const list = [{ role: 'user', content: 'go' }, ...turns, { role: 'user', content: 'on' }];
  const store = join(folder, 'store');
  const path = file('list.json', JSON.stringify(list));
  await run('holdfast', 'import', path, '--session', 's1', '--store', store);
  const out = join(folder, 'out.json');
  const where = ['s1', '--store', store, '--format', 'anthropic', '--to', out];
  const told = await run('holdfast', 'export', ...where);
  expect(told.code).toBe(0);
  expect(told.stderr).toMatch(/8 messages(?: of the session as \d+ messages)? in /);
  const gemini = ['s1', '--store', store, '--format', 'gemini', '--to', join(folder, 'g.json')];
  const lines = (await run('holdfast', 'export', ...gemini)).stderr.split('\n');
  expect(lines.filter((line) => line.includes('MISSING_THOUGHT_SIGNATURE')).length).toBeLessThan(2);
});
