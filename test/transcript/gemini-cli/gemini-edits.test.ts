/**
 * Whatever a plan says, the file that is written reads as the plan says, and else stays as it is.
 */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/base/errors.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { gemini } from '../../../src/transcript/gemini-cli/reader.ts';
import { checkpoint, id, linesFile, tool, wholeFile } from '../../helpers/gemini-files.ts';
import type { Said } from '../../helpers/transcript-lab.ts';
import {
  editSeeds,
  edited,
  editsFrom,
  openBytes,
  runs,
  saidIn,
  spliced,
} from '../../helpers/transcript-lab.ts';

const safeWord = fc.constantFrom('added', 'more text', '[note]');
const freshText = safeWord.map((text): ContentBlock => ({ type: 'text', text }));
const freshResult = fc.tuple(id, safeWord, fc.constantFrom({}, { is_error: true })).map(
  ([tool_use_id, text, rest]): ContentBlock => ({
    type: 'tool_result',
    tool_use_id,
    content: text,
    ...rest,
  }),
);
const freshCall = fc.tuple(id, tool, fc.constantFrom({}, { thought_signature: 'x' })).map(
  ([callId, name, rest]): ContentBlock => ({
    type: 'tool_use',
    id: callId,
    name,
    input: { a: 1 },
    ...rest,
  }),
);
const seeds = editSeeds(fc.oneof(freshText, freshResult), fc.oneof(freshText, freshCall));

/**
 * Without what reading adds by itself, and without messages of nothing, which Gemini CLI drops.
 * Calls of a checkpoint need no ids: which result is whose then depends on what is said around it.
 */
function plain(messages: readonly Said[], isCheckpoint: boolean): unknown {
  return messages
    .filter(({ content: blocks }) => blocks.length > 0)
    .map(({ role, content: blocks }) => ({
      role,
      content: blocks.map((block) => {
        const { status: _, response: __, ...rest } = block as Record<string, unknown>;
        if (block.type === 'tool_result') delete rest['name'];
        if (isCheckpoint) for (const name of ['id', 'tool_use_id']) delete rest[name];
        return rest;
      }),
    }));
}

/** True when the tool would take what is left of a message for a command, or for nothing. */
function isUnspeakable(error: unknown, wanted: readonly Said[]): boolean {
  if (!HoldfastError.is(error, 'INVALID')) return false;
  return wanted.some(({ role, content: blocks }) => {
    if (role !== 'user') return false;
    const text = blocks
      .map((b) => (b.type === 'text' ? b.text : '[x]'))
      .join('')
      .trim();
    return text === '' || /^(?:\/|\?|<session_context>|<hook_context>)/.test(text);
  });
}

describe.each([
  ['lines', linesFile],
  ['whole file', wholeFile],
  ['checkpoint', checkpoint],
])('gemini writes %s', (name, files) => {
  const isCheckpoint = name === 'checkpoint';

  it('as the edits say, whatever they are', () => {
    let written = 0;
    fc.assert(
      fc.property(files, seeds, (bytes, some) => {
        const transcript = openBytes(gemini, bytes);
        const before = saidIn(transcript);
        const edits = editsFrom(before, some);
        const wanted = edited(before, edits);
        let splices;
        try {
          splices = transcript.write?.(edits) ?? [];
        } catch (error) {
          expect(isUnspeakable(error, wanted), String(error)).toBe(true);
          return;
        }
        written += 1;
        const after = spliced(bytes, splices);
        const again = openBytes(gemini, after);
        expect(plain(saidIn(again), isCheckpoint)).toEqual(plain(wanted, isCheckpoint));
        expect(again.findings.filter(({ code }) => code !== 'UNEXPECTED_RECORD')).toEqual(
          transcript.findings
            .filter(({ code }) => code !== 'UNEXPECTED_RECORD')
            .map(() => expect.anything()),
        );
        if (edits.length === 0) expect(after.toString()).toBe(bytes);
      }),
      runs(400),
    );
    expect(written).toBeGreaterThan(100);
  });
});
