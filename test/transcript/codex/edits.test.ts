/** Single edits of rollouts: what exactly stands in the file afterwards. */
import { describe, expect, test } from 'vitest';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { codex } from '../../../src/transcript/codex/reader.ts';
import { opened, spliced } from '../../helpers/edit-lab.ts';
import { fixtureBytes } from '../../helpers/expected-transcript.ts';

const told = { reason: 'DANGLING_TOOL_CALL', told: 'A result is missing.' } as const;

function result(callId: string): ContentBlock {
  return { type: 'tool_result', tool_use_id: callId, content: 'Unknown.', is_error: true };
}

/** Lines that are new or changed, parsed. */
function changedLines(before: Buffer, after: Buffer): unknown[] {
  const old = new Set(before.toString().split('\n'));
  return after
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !old.has(line))
    .map((line) => JSON.parse(line) as unknown);
}

function written(name: string, ...edits: Edit[]): { before: Buffer; after: Buffer } {
  const before = fixtureBytes('codex', name);
  return { before, after: spliced(before, opened(codex, before).write?.(edits) ?? []) };
}

/** An answer to a call that is open, as a message of its own behind the one that holds it. */
function answerTo(name: string, callId: string): Edit {
  const messages = [...opened(codex, fixtureBytes('codex', name)).conversation()];
  const at = messages.findIndex(({ content }) =>
    content.some((block) => block.type === 'tool_use' && block.id === callId),
  );
  const content = [result(callId)];
  return { kind: 'insert-message', before: at + 1, role: 'user', content, ...told };
}

describe('codex', () => {
  test('writes a result right behind its call, with its time, and touches no other record', () => {
    const { before, after } = written('aborted', answerTo('aborted', 'call_2'));
    const lines = after.toString().split('\n');
    const call = lines.findIndex((line) => line.includes('"call_2"'));
    const { timestamp } = JSON.parse(lines[call] ?? '') as { timestamp: string };
    const output = { type: 'function_call_output', call_id: 'call_2', status: 'incomplete' };
    const record = { timestamp, type: 'response_item', payload: { ...output, output: 'Unknown.' } };
    expect(JSON.parse(lines[call + 1] ?? '')).toEqual(record);
    expect(changedLines(before, after)).toEqual([record]);
  });

  test.each([
    ['call_p', 'custom_tool_call_output'],
    ['call_l', 'function_call_output'],
    ['call_s', 'tool_search_output'],
    ['call_f', 'function_call_output'],
  ])('answers %s with an item of type %s', (callId, type) => {
    const { before, after } = written('kinds', answerTo('kinds', callId));
    expect(changedLines(before, after)).toMatchObject([{ payload: { type, call_id: callId } }]);
  });

  test('numbers the records behind an insertion anew, and changes only their digits', () => {
    const content = [{ type: 'text', text: 'More.' }] as const;
    const edit: Edit = { kind: 'insert-message', before: 1, role: 'user', content, ...told };
    const { before, after } = written('ordinals-sound', edit);
    const ordinals = [...after.toString().matchAll(/"ordinal":(\d+)/g)].map(([, digits]) => digits);
    expect(ordinals).toEqual(['7', '8', '9', '10', '11']);
    const bare = (bytes: Buffer): string[] =>
      bytes
        .toString()
        .replace(/"ordinal":\d+,/g, '')
        .split('\n');
    expect(bare(after).filter((line) => bare(before).includes(line))).toEqual(bare(before));
    expect(opened(codex, after).findings).toEqual([]);
  });

  test('mends numbers that Codex would refuse', () => {
    for (const name of ['ordinals-repeated', 'ordinals-out-of-order', 'ordinals-missing']) {
      const bytes = fixtureBytes('codex', name);
      const again = opened(codex, spliced(bytes, opened(codex, bytes).mends));
      expect({ name, findings: again.findings }).toEqual({ name, findings: [] });
    }
  });

  test('changes an item of a replacement history inside its record', () => {
    const at = { message: 0, block: 0 };
    const content = { type: 'text', text: 'What was here?' } as const;
    const edit: Edit = { kind: 'replace-block', at, content, ...told };
    const { before, after } = written('compaction-with-replacement', edit);
    expect(changedLines(before, after)).toMatchObject([
      {
        type: 'compacted',
        payload: { replacement_history: [{ content: [{ text: 'What was here?' }] }, {}] },
      },
    ]);
  });

  test('gives a compaction without a replacement history one when it is edited', () => {
    const edit: Edit = { kind: 'remove-message', message: 0, ...told };
    const { before, after } = written('compaction-without-replacement', edit);
    const summary = { role: 'user', content: [{ text: 'The shop has one file.' }] };
    expect(changedLines(before, after)).toMatchObject([
      { type: 'compacted', payload: { replacement_history: [summary] } },
    ]);
  });

  test('says the whole history at the end when a rollback would count an edit', () => {
    const content = [{ type: 'text', text: 'First.' }] as const;
    const edit: Edit = { kind: 'insert-message', before: 0, role: 'user', content, ...told };
    const before = Buffer.from(
      fixtureBytes('codex', 'rollback').toString().replace('"num_turns":1', '"num_turns":9'),
    );
    const after = spliced(before, opened(codex, before).write?.([edit]) ?? []);
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
    expect(changedLines(before, after)).toMatchObject([
      { payload: { type: 'task_started' } },
      { type: 'compacted' },
      { payload: { type: 'task_complete' } },
    ]);
  });

  test('refuses words that Codex does not have, and numbers that are not there', () => {
    const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'x' } as const;
    const at = { message: 0, block: 0 };
    const edits: Edit[] = [
      { kind: 'insert-block', at, content: thinking, ...told },
      { kind: 'remove-message', message: 99, ...told },
      { kind: 'remove-block', at: { message: 0, block: 9 }, ...told },
    ];
    for (const edit of edits) expect(() => written('clean', edit)).toThrow(/words|names/);
  });
});
