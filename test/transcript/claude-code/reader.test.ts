/** Claude Code's files: every fixture is read as its expectation says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { claudeCode } from '../../../src/transcript/claude-code/reader.ts';
import { applied, opened, shown } from './opened.ts';

const folder = fileURLToPath(
  new URL('../../../fixtures/transcripts/claude-code/', import.meta.url),
);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.replace('.jsonl', ''));

function bytesOf(name: string): Buffer {
  return readFileSync(join(folder, `${name}.jsonl`));
}

interface Expected {
  readonly messages: unknown;
  readonly findings: unknown;
  readonly sides: unknown;
}

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8')) as Expected;
}

describe('claudeCode', () => {
  test.each(names)('open reads %s as its expectation says', (name) => {
    const transcript = opened(bytesOf(name));
    const found = {
      messages: shown(transcript),
      findings: transcript.findings.map(({ code, place }) => ({ code, line: place?.line })),
      sides: transcript.sides,
    };
    expect(found).toEqual(expectedOf(name));
  });

  test.each(names)('mends of %s keep the conversation and leave nothing to mend', (name) => {
    const bytes = bytesOf(name);
    const transcript = opened(bytes);
    const mended = opened(applied(bytes, transcript.mends));
    // Links that are made anew bring messages back; whatever else is mended changes none.
    const isJoined = transcript.mends.some(({ why }) => why !== undefined);
    if (isJoined) expect(shown(mended).length).toBeGreaterThanOrEqual(shown(transcript).length);
    else expect(shown(mended)).toEqual(shown(transcript));
    expect(mended.mends).toEqual([]);
  });

  test.each(names)('recognise is sure of %s', (name) => {
    const values = bytesOf(name)
      .toString()
      .split('\n')
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as unknown];
        } catch {
          return []; // A damaged line says nothing about the format.
        }
      });
    expect(claudeCode.recognise(values)).toBeGreaterThanOrEqual(name === 'summary-only' ? 0.7 : 1);
  });

  test('recognise does not take records of other tools', () => {
    const codex = { timestamp: '2026-01-01T00:00:00Z', type: 'response_item', payload: {} };
    const pi = { type: 'message', id: 'a', parentId: null, message: { role: 'user' } };
    const plain = { role: 'user', content: 'Hello' };
    expect(claudeCode.recognise([codex, pi, plain, 1, null, 'user', []])).toBe(0);
  });

  test('conversation gives every block the place of its record', () => {
    const bytes = bytesOf('parallel-calls');
    const [, answer] = [...opened(bytes).conversation()];
    const texts = answer?.places.map(({ offset, length }) =>
      bytes.subarray(offset ?? 0, (offset ?? 0) + length).toString(),
    );
    const calls = texts?.map((text) => (JSON.parse(text) as { uuid: string }).uuid.slice(0, 4));
    expect(calls).toEqual(['6131', '6132', '6134']);
    expect(answer?.places.map(({ line, record }) => [line, record])).toEqual([
      [2, 1],
      [3, 2],
      [4, 3],
    ]);
    expect(answer?.model).toBe('claude-sonnet-4-5');
  });

  test('facts are the newest words, and the title of the user before that of the model', () => {
    const named = (type: string, member: string): string =>
      `${JSON.stringify({ type, [member]: type, sessionId: 'other' })}\n`;
    const clean = opened(bytesOf('clean'));
    expect(clean.facts).toEqual({
      sessionId: '5e551075-0000-4000-8000-000000000001',
      title: 'A red build',
      cwd: '/home/me/shop',
      version: '2.1.42',
      model: 'claude-sonnet-4-5',
    });
    const custom = named('custom-title', 'customTitle');
    const ai = named('ai-title', 'aiTitle');
    const title = (...lines: string[]): unknown =>
      opened(Buffer.concat([bytesOf('clean'), Buffer.from(lines.join(''))])).facts.title;
    expect(title(ai)).toBe('ai-title');
    expect(title(custom, ai)).toBe('custom-title');
  });

  test('findings of one code are bounded, and the rest is counted', () => {
    const transcript = opened(Buffer.from('7\n'.repeat(1500)));
    expect(transcript.records).toBe(1500);
    expect(transcript.findings).toHaveLength(1001);
    expect(transcript.findings.at(-1)?.meaning).toBe(
      'There are 500 more of UNEXPECTED_RECORD than are told.',
    );
  });
});
