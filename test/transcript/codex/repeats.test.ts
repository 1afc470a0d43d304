/** When a record of a rollout is a copy of one that was there a moment ago, and when it is none. */
import { describe, expect, test } from 'vitest';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import { codex } from '../../../src/transcript/codex/reader.ts';
import { jsonl, opened, spliced } from '../../helpers/edit-lab.ts';

const meta = {
  timestamp: '2026-05-11T08:00:00.000Z',
  type: 'session_meta',
  payload: { id: 'thread-1', cwd: '/repo', cli_version: '0.147.0', history_mode: 'legacy' },
};

/** Items of one millisecond, as a fork writes them. */
function item(payload: Record<string, unknown>): unknown {
  return { timestamp: '2026-05-11T08:00:01.000Z', type: 'response_item', payload };
}

function said(role: string, text: string): unknown {
  const type = role === 'user' ? 'input_text' : 'output_text';
  return item({ type: 'message', role, content: [{ type, text }] });
}

const yes = said('user', 'yes');
/** Leads to nothing behind it, so that a plan takes it out. */
const reasoning = item({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA' });

function codesOf(bytes: Buffer): string[] {
  return opened(codex, bytes).findings.map(({ code }) => code);
}

describe('codex', () => {
  test('a record again on the next line is a copy, and so is a third one', () => {
    const bytes = jsonl([meta, yes, yes, yes, said('assistant', 'done')]);
    expect(codesOf(bytes)).toEqual(['DUPLICATE_RECORD', 'DUPLICATE_RECORD']);
    const mended = spliced(bytes, opened(codex, bytes).mends);
    expect(mended).toEqual(jsonl([meta, yes, said('assistant', 'done')]));
  });

  test('the first of two records on one line may stand again on the next', () => {
    const lines = [meta, yes, said('assistant', 'done')].map((record) => JSON.stringify(record));
    const bytes = Buffer.from(`${lines[0]}\n${lines[1]}${lines[2]}\n${lines[1]}\n`);
    expect(codesOf(bytes)).toContain('DUPLICATE_RECORD');
    const mended = spliced(bytes, opened(codex, bytes).mends);
    expect(mended.toString()).toBe(`${lines[0]}\n${lines[1]}\n${lines[2]}\n`);
  });

  test('equal prompts that a fork copied in one millisecond are two', () => {
    const bytes = jsonl([meta, yes, said('assistant', 'done'), yes, said('assistant', 'more')]);
    expect(codesOf(bytes)).toEqual([]);
    expect([...opened(codex, bytes).conversation()]).toHaveLength(4);
  });

  test.each(['\n', '\r\n'] as const)(
    'what goes from between two equal records leaves its line, with line ends %j',
    (end) => {
      const bytes = jsonl([meta, said('assistant', 'ask'), yes, reasoning, yes], end);
      const before = opened(codex, bytes);
      const { edits } = planRepair([...before.conversation()], before.profile, 'annotate');
      const mended = spliced(bytes, before.write?.(edits) ?? []);
      expect(mended.toString()).toContain(
        `${JSON.stringify(yes)}${end}${end}${JSON.stringify(yes)}`,
      );
      expect(codesOf(mended)).toEqual([]);
      expect([...opened(codex, mended).conversation()]).toHaveLength(3);
    },
  );
});
