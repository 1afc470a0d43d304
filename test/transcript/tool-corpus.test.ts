/**
 * Real sessions of Gemini CLI, Cline, opencode, Copilot CLI and Kimi, in the folder that
 * HOLDFAST_CORPUS names. Without it nothing is read, and the test says so.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { openBytes, saidIn, spliced } from '../helpers/transcript-lab.ts';
import { detectFormat } from '../../src/transcript/formats.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openFolderStore } from '../../src/transcript/stores.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';

const corpus = process.env['HOLDFAST_CORPUS'];
const folders = ['gemini-cli', 'cline', 'opencode', 'copilot-cli', 'kimi'];

/** One line about what was read. */
function row(name: string, transcript: Transcript): string {
  const messages = saidIn(transcript);
  const blocks = messages.flatMap(({ content }) => content);
  const calls = blocks.filter(({ type }) => type === 'tool_use').length;
  const results = blocks.filter(({ type }) => type === 'tool_result').length;
  const codes = [...new Set(transcript.findings.map(({ code }) => code))].join(' ');
  const numbers = `${transcript.records} records, ${messages.length} messages, ${calls} calls`;
  return `${name}: ${transcript.format}, ${numbers}, ${results} results ${codes}`.trim();
}

/** Every file below a folder, and every folder that is a store. */
function* entries(path: string): Generator<{ path: string; isStore: boolean }> {
  if (openFolderStore(path) !== null) {
    yield { path, isStore: true };
    return;
  }
  for (const name of readdirSync(path).toSorted()) {
    const below = join(path, name);
    if (statSync(below).isDirectory()) yield* entries(below);
    else yield { path: below, isStore: false };
  }
}

it('the corpus of other tools reads without a crash, and untouched files stay as they are', () => {
  if (corpus === undefined) {
    process.stderr.write('HOLDFAST_CORPUS is not set: no real session was read\n');
    return;
  }
  const rows: string[] = [];
  for (const folder of folders.map((name) => join(corpus, name)).filter(existsSync)) {
    for (const { path, isStore } of entries(folder)) {
      const name = relative(corpus, path);
      if (isStore) {
        const store = openFolderStore(path);
        const sessions = store?.sessions() ?? [];
        expect(sessions.length, name).toBeGreaterThan(0);
        for (const { id } of sessions) {
          if (store !== null) rows.push(row(`${name} ${id}`, store.open(id)));
        }
        continue;
      }
      const bytes = readFileSync(path);
      const reader = detectFormat(bytesSource(bytes));
      if (reader === null) {
        rows.push(`${name}: no known format`);
        continue;
      }
      const transcript = openBytes(reader, bytes);
      rows.push(row(name, transcript));
      if (transcript.write === null) continue;
      expect(spliced(bytes, transcript.write([])).equals(bytes), name).toBe(true);
    }
  }
  process.stderr.write(`${rows.join('\n')}\n`);
  expect(rows.length).toBeGreaterThan(0);
});
