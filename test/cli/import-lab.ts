/** Transcripts of other tools for `import`; for each test a store and a directory of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { present } from '../../src/base/assert.ts';
import type { Message } from '../../src/session/message.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';
import { CliStore } from '../helpers/cli-store.ts';

/** Where the transcripts of all tools are. */
export const fixtures = fileURLToPath(new URL('../../fixtures/transcripts', import.meta.url));
const folders = readdirSync(fixtures).filter((name) => !['bytes', 'findings'].includes(name));

/** All of them that are files of lines, by their paths below `fixtures`. */
export const files = folders.flatMap((folder) =>
  readdirSync(join(fixtures, folder))
    .filter((name) => /\.jsonl?$/.test(name) && !name.endsWith('.expected.json'))
    .map((name) => join(folder, name)),
);

/** A transcript of four messages with one call. */
export const lines = [
  { role: 'user', content: 'Hello' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'a b' },
  { role: 'assistant', content: 'Done' },
];

let current: { readonly lab: CliStore; readonly directory: string } | null = null;

/** What the test that runs has: a store on a simulated machine, and a directory for transcripts. */
export const place = {
  get lab(): CliStore {
    return present(current, 'a test runs').lab;
  },
  get directory(): string {
    return present(current, 'a test runs').directory;
  },
};

/** Gives each test of a file a place. Called once, at the top. */
export function eachInItsPlace(): void {
  beforeEach(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-import-'));
    current = { lab: await CliStore.start(), directory };
  });
  afterEach(() => {
    rmSync(place.directory, { recursive: true });
  });
}

/** Writes a transcript of these records; gives its path. */
export function written(name: string, ...values: readonly unknown[]): string {
  const path = join(place.directory, name);
  writeFileSync(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  return path;
}

/** A transcript as it is read without a store. */
export function opened(path: string): Transcript {
  const walk = openTranscript(bytesSource(readFileSync(path)));
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

/** The messages of a session, as `export` gives them back. */
export async function exported(id: string): Promise<Message[]> {
  const { stdout } = await place.lab.run('export', id);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Message);
}

/** Of these more is taken than is read; a test of their own says what. */
export const broken = ['missing-parent', 'parent-cycle'];
