/**
 * The fixtures of tools other than Claude Code, Codex and pi: told by content, read as expected.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ContentBlock } from '../../src/session/message.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import { openFolderStore } from '../../src/transcript/stores.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';
import { saidIn, spliced } from '../helpers/transcript-lab.ts';

const root = fileURLToPath(new URL('../../fixtures/transcripts/', import.meta.url));
const folders = ['gemini-cli', 'cline', 'goose', 'opencode', 'copilot-cli', 'kimi'];

interface Expected {
  readonly file: string;
  readonly format: string;
  readonly profile: string;
  readonly messages: readonly string[];
  readonly finds: readonly (readonly [string, number | string])[];
  readonly sides: readonly (readonly [string, number])[];
  /** Of a folder, the session that is opened. */
  readonly session?: string;
}

function open(bytes: Uint8Array): Transcript {
  const walk = openTranscript(bytesSource(bytes));
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}

function opened(path: string, session: string | undefined): Transcript {
  if (session === undefined) return open(readFileSync(path));
  const store = openFolderStore(path);
  if (store === null) throw new Error('this folder is a store');
  return store.open(session);
}

/** A block in a few words. */
function short(block: ContentBlock): string {
  const member = (name: string): unknown => (block as Readonly<Record<string, unknown>>)[name];
  const signed = member('thought_signature') === undefined ? '' : ' signed';
  if (block.type === 'text') return `text ${JSON.stringify(block.text)}`;
  if (block.type === 'thinking') return `thinking ${JSON.stringify(block.thinking)}${signed}`;
  if (block.type === 'tool_use') {
    const status = member('status');
    const told = typeof status === 'string' ? ` ${status}` : '';
    return `call ${block.id} ${block.name}${told}${signed}`;
  }
  if (block.type !== 'tool_result') return block.type;
  const { content } = block;
  const words =
    typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join();
  const kind = block.is_error === true ? 'error' : 'result';
  return `${kind} ${block.tool_use_id} ${JSON.stringify(words)}`;
}

const cases = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.expected.json'))
    .map((name) => `${folder}/${name}`),
);

describe('a fixture', () => {
  it('is there for every file of a tool', () => {
    const files = folders.flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => !name.endsWith('.expected.json'))
        .map((name) => `${folder}/${name}`),
    );
    const told = cases.map((path) => {
      const { file } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Expected;
      return `${path.slice(0, path.indexOf('/'))}/${file}`;
    });
    expect(new Set(told)).toEqual(new Set(files));
  });

  it.each(cases)('reads as %s says', (path) => {
    const expected = JSON.parse(readFileSync(join(root, path), 'utf8')) as Expected;
    const file = join(root, path, '..', expected.file);
    expect(existsSync(file)).toBe(true);
    const transcript = opened(file, expected.session);
    const messages = saidIn(transcript).map(
      ({ role, content }) => `${role}: ${content.map(short).join(' | ')}`,
    );
    const finds = transcript.findings.map(({ code, place }) => [code, place?.line ?? place?.id]);
    const sides = transcript.sides.map((side) => [side.kind, side.messages]);
    const { format, profile } = transcript;
    const { file: _, session: __, ...wanted } = expected;
    expect({ format, profile, messages, finds, sides }).toEqual(wanted);
  });

  it.each(cases)(
    'of %s stays as it is when nothing is edited, and mends to one that is sound',
    (path) => {
      const { file, session, messages } = JSON.parse(
        readFileSync(join(root, path), 'utf8'),
      ) as Expected;
      if (session !== undefined || statSync(join(root, path, '..', file)).isDirectory()) return;
      const bytes = readFileSync(join(root, path, '..', file));
      const transcript = open(bytes);
      expect(spliced(bytes, transcript.write?.([]) ?? []).equals(bytes)).toBe(true);
      const mended = open(spliced(bytes, transcript.mends));
      expect(mended.mends).toEqual([]);
      expect(saidIn(mended)).toHaveLength(messages.length);
    },
  );
});
