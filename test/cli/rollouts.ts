/** Sessions of Codex, small, whole and broken, in a folder that each test has for itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { runWith } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

/** Where the test that runs has its transcripts. */
export const place = { folder: '' };

/** Gives each test of a file a folder. Called once, at the top. */
export function eachInItsFolder(): void {
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), 'holdfast-transcripts-'));
  });
  afterEach(() => rmSync(place.folder, { recursive: true }));
}

/** Runs `recover` with these words. */
export const recover = (...words: readonly string[]): Promise<Told> =>
  runWith({}, 'recover', ...words);

/** Writes a file into the folder; gives its path. */
export function file(name: string, content: string): string {
  const path = join(place.folder, name);
  writeFileSync(path, content);
  return path;
}

const meta = { id: 'rollout-1', timestamp: '2026-01-01T00:00:00Z', cwd: '/p', originator: 'codex' };

/** The call that the tool asked for. */
export const call = {
  type: 'function_call',
  name: 'shell',
  arguments: '{"command":["ls"]}',
  call_id: 'c1',
};

/** What the call gave back. */
export const output = { type: 'function_call_output', call_id: 'c1', output: 'a b' };

/** A message of one text. */
export const words = (role: string, text: string): object => ({
  type: 'message',
  role,
  content: [{ type: role === 'user' ? 'input_text' : 'output_text', text }],
});

/** A session of these items: records one a line, behind one that tells whose it is. */
export function rollout(...items: readonly object[]): string {
  const timestamp = '2026-01-01T00:00:01Z';
  const lines = [
    { timestamp, type: 'session_meta', payload: meta },
    ...items.map((payload) => ({ timestamp, type: 'response_item', payload })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Nothing is wrong with it. */
export const clean = rollout(
  words('user', 'List it'),
  call,
  output,
  words('assistant', 'Two files.'),
);

/** Its call has no result. */
export const dangling = rollout(words('user', 'List it'), call, words('user', 'And now?'));

/** Its last record is cut off. */
export const torn = `${clean}{"timestamp":"2026-01-01T00:00:02Z","type":"respo`;
