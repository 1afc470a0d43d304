/** Single edits of sessions of pi: what exactly stands in the file afterwards. */
import { describe, expect, test } from 'vitest';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import { pi } from '../../../src/transcript/pi/reader.ts';
import { opened, spliced } from '../../helpers/edit-lab.ts';
import { fixtureBytes } from '../../helpers/expected-transcript.ts';

const told = { reason: 'DANGLING_TOOL_CALL', told: 'A result is missing.' } as const;

type Entry = Record<string, unknown>;

function entriesOf(bytes: Buffer): Entry[] {
  const lines = bytes.toString().trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Entry);
}

function written(name: string, ...edits: Edit[]): { before: Buffer; after: Buffer } {
  const before = fixtureBytes('pi', name);
  return { before, after: spliced(before, opened(pi, before).write?.(edits) ?? []) };
}

function answer(before: number, callId: string): Edit {
  const content = [
    { type: 'tool_result', tool_use_id: callId, content: 'Unknown.', is_error: true } as const,
  ];
  return { kind: 'insert-message', before, role: 'user', content, ...told };
}

describe('pi', () => {
  test('writes a result as an entry behind its call, and hangs what followed below it', () => {
    const { before, after } = written('dangling', answer(6, 'toolu_2'));
    const [old, now] = [entriesOf(before), entriesOf(after)];
    const fresh = now[7];
    expect(fresh).toMatchObject({
      type: 'message',
      parentId: old[6]?.['id'],
      timestamp: old[6]?.['timestamp'],
      message: { role: 'toolResult', toolCallId: 'toolu_2', toolName: 'bash', isError: true },
    });
    expect(fresh?.['id']).toMatch(/^[0-9a-f]{8}$/);
    expect(now[8]).toEqual({ ...old[7], parentId: fresh?.['id'] });
    expect(now.slice(0, 7)).toEqual(old.slice(0, 7));
    expect(written('dangling', answer(6, 'toolu_2')).after.equals(after)).toBe(true);
  });

  test('leaves an entry that says nothing where one was taken away', () => {
    const { before, after } = written('dangling', { kind: 'remove-message', message: 5, ...told });
    const { id, parentId, timestamp } = entriesOf(before)[6] ?? {};
    const gone = { type: 'custom', id, parentId, timestamp, customType: 'holdfast.removed' };
    expect(entriesOf(after)).toEqual(
      entriesOf(before).map((entry) => (entry['id'] === id ? gone : entry)),
    );
  });

  test('names the result of a call by the id that the file has for it', () => {
    const bytes = fixtureBytes('pi', 'responses').toString().trimEnd().split('\n');
    const before = Buffer.from(`${bytes.slice(0, -1).join('\n')}\n`);
    const after = spliced(before, opened(pi, before).write?.([answer(2, 'call_1')]) ?? []);
    expect(entriesOf(after).at(-1)).toMatchObject({ message: { toolCallId: 'call_1|fc_1' } });
  });

  test('lets a compaction of a file without ids keep what it kept', () => {
    const content = [{ type: 'text', text: 'More.' }] as const;
    const edit: Edit = { kind: 'insert-message', before: 1, role: 'user', content, ...told };
    const { after } = written('version-1', edit);
    const said = [...opened(pi, after).conversation()].map(({ role }) => role);
    expect(said).toEqual(['user', 'user', 'assistant', 'user']);
  });

  test('makes a compaction the messages that it stands for when its summary goes', () => {
    const { after } = written('compaction', { kind: 'remove-message', message: 0, ...told });
    const again = opened(pi, after);
    const said = [...again.conversation()].map(({ role }) => role);
    expect(said).toEqual(['user', 'assistant']);
    expect(again.findings.map(({ code }) => code)).toEqual(['MULTIPLE_LEAVES']);
  });

  test('moves a picture that it does not know as it stands there', () => {
    const source = { type: 'url', url: 'https://example.test/a.png' };
    const picture = { type: 'image', source, detail: 'high' };
    const edit = { kind: 'insert-block', at: { message: 0, block: 0 }, ...told } as const;
    const { after } = written('clean', { ...edit, content: picture } as Edit);
    const [first] = entriesOf(after).flatMap(({ message }) =>
      message === undefined ? [] : [message],
    );
    expect((first as { content: readonly unknown[] }).content[0]).toEqual(picture);
  });

  test('refuses words that pi does not have', () => {
    const at = { message: 0, block: 0 };
    const content = { type: 'text', text: 'x', citations: [] } as const;
    expect(() => written('clean', { kind: 'replace-block', at, content, ...told })).toThrow(
      /words/,
    );
  });
});
