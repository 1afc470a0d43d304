/** Plain messages are written as any plan says, and what it does not touch stays. */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/base/errors.ts';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { anthropicMessages, openaiMessages } from '../../../src/transcript/messages/reader.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';
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

const word = fc.constantFrom('notes', 'two\nlines', 'Größe', '"quoted" \\ {"role":', '[note]');
const id = fc.constantFrom('c1', 'c2', 'c3');
const text = word.map((words): ContentBlock => ({ type: 'text', text: words }));
const result = fc
  .tuple(id, word)
  .map(([tool_use_id, content]): ContentBlock => ({ type: 'tool_result', tool_use_id, content }));
const input = fc.constantFrom({}, { path: 'a "b"' }, { n: 1, deep: { list: [1, 2] } });
const call = fc
  .tuple(id, input)
  .map(
    ([callId, args]): ContentBlock => ({ type: 'tool_use', id: callId, name: 'run', input: args }),
  );
const seeds = editSeeds(fc.oneof(text, result), fc.oneof(text, call));

const anthropic = fc.oneof(
  fc.record({ role: fc.constant('user'), content: word }),
  fc.record({
    role: fc.constant('user'),
    content: fc.array(fc.oneof(text, result), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.array(fc.oneof(text, call), { minLength: 1, maxLength: 3 }),
    id: fc.nat(),
  }),
);
const chatCall = fc.tuple(id, input).map(([callId, args]) => ({
  id: callId,
  type: 'function',
  function: { name: 'run', arguments: JSON.stringify(args, null, 1) },
}));
const openai = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: word }),
  fc.record({ role: fc.constant('user'), content: fc.array(text, { minLength: 1, maxLength: 3 }) }),
  fc.record({ role: fc.constant('tool'), tool_call_id: id, content: word }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.constantFrom(null, '', 'Looking.'),
    tool_calls: fc.array(chatCall, { minLength: 1, maxLength: 3 }),
    model: word,
  }),
);

const system = fc.oneof(word, fc.array(text, { minLength: 1, maxLength: 2 }));

/** The places in which messages are kept, in several layouts. */
function inFile(messages: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const list = fc.array(messages, { minLength: 1, maxLength: 6 });
  const indent = fc.constantFrom(0, 1, 4, '\t');
  return fc.oneof(
    list.map((all) => all.map((each) => `${JSON.stringify(each)}\n`).join('')),
    fc.tuple(list, indent).map(([all, by]) => JSON.stringify(all, null, by)),
    fc
      .tuple(list, indent)
      .map(
        ([all, by]) => `${JSON.stringify({ model: 'm', messages: all, tools: [] }, null, by)}\n`,
      ),
    fc
      .tuple(list, indent, system)
      .map(([messages, by, told]) => JSON.stringify({ system: told, messages }, null, by)),
  );
}

/** Blocks with their roles, without the borders of messages, which some words cannot keep. */
function flat(messages: readonly Said[]): unknown[] {
  const rank = ({ type }: ContentBlock): number => (type === 'tool_use' ? 1 : 0);
  return messages.flatMap(({ role, content }) => {
    const sorted = role === 'assistant' ? content.toSorted((a, b) => rank(a) - rank(b)) : content;
    return sorted.map((block) => [role, block]);
  });
}

/** A result that nobody but the user gives, or a call that nobody but the model makes. */
function isUnspeakable(error: unknown, wanted: readonly Said[]): boolean {
  const misplaced = wanted.some(({ role, content }) =>
    content.some(
      ({ type }) =>
        (type === 'tool_result' && role !== 'user') ||
        (type === 'tool_use' && role !== 'assistant'),
    ),
  );
  return misplaced && HoldfastError.is(error, 'INVALID');
}

/** The bytes of the messages that no edit names. */
function untouched(transcript: Transcript, bytes: string, edits: readonly Edit[]): string[] {
  const named = new Set(
    edits.map((edit) =>
      'at' in edit ? edit.at.message : edit.kind === 'remove-message' ? edit.message : -1,
    ),
  );
  const all = Buffer.from(bytes);
  return [...transcript.conversation()]
    .filter((_, message) => !named.has(message))
    .map(({ place }) =>
      all.toString('utf8', place.offset ?? 0, (place.offset ?? 0) + place.length),
    );
}

describe.each([
  [openaiMessages, inFile(openai)],
  [anthropicMessages, inFile(anthropic)],
])('$name', (reader, files) => {
  it('writes what the edits say, and keeps the bytes of all other messages', () => {
    let written = 0;
    fc.assert(
      fc.property(files, seeds, (bytes, some) => {
        const transcript = openBytes(reader, bytes);
        const before = saidIn(transcript);
        const all = editsFrom(before, some);
        // In front of a system prompt beside the list there is no place for a message.
        const isTold = before[0]?.role === 'system';
        const edits = all.filter(
          (edit) => !isTold || edit.kind !== 'insert-message' || edit.before > 0,
        );
        const wanted = edited(before, edits);
        let splices;
        try {
          splices = transcript.write?.(edits) ?? [];
        } catch (error) {
          expect(isUnspeakable(error, wanted), String(error)).toBe(true);
          return;
        }
        written += 1;
        const after = spliced(bytes, splices).toString();
        if (edits.length === 0) expect(after).toBe(bytes);
        const again = openBytes(reader, after);
        expect(flat(saidIn(again)), after).toEqual(flat(wanted));
        expect(again.findings).toEqual([]);
        let at = 0;
        for (const kept of untouched(transcript, bytes, edits)) {
          at = after.indexOf(kept, at);
          expect(at, kept).toBeGreaterThanOrEqual(0);
          at += kept.length;
        }
      }),
      runs(1000),
    );
    expect(written).toBeGreaterThan(100);
  });
});
