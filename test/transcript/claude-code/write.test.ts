/** Edits of Claude Code's files: what is written reads as the edits say, and the rest stays. */
import { readFileSync } from 'node:fs';
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import type { Edit } from '../../../src/integrity/plan/edit.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { edited, joined } from './edited.ts';
import { draws, planFor, sessions } from './lives.ts';
import { applied, opened } from './opened.ts';
import { testSeed } from '../../helpers/seed.ts';

function isRefused(write: () => unknown): boolean {
  try {
    write();
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === 'INVALID';
  }
}

const seed = testSeed(1e6);
const numRuns = Number(process.env['RUNS'] ?? 150);
const file = 'test/transcript/claude-code/write.test.ts';
const repeat = `HOLDFAST_SEED=${seed} RUNS=${numRuns} npx vitest run ${file}`;

describe('writeEdits', () => {
  test(`writes what reads as the edits say; to repeat: ${repeat}`, () => {
    fc.assert(
      fc.property(sessions, draws, (text, numbers) => {
        const bytes = Buffer.from(text);
        const transcript = opened(bytes);
        const messages = [...transcript.conversation()];
        fc.pre(messages.length > 0);
        const edits = planFor(messages, numbers);
        const wanted = joined(edited(messages, edits));
        // Without any message, whatever the tool left aside would be the conversation.
        fc.pre(wanted.length > 0);
        // In the file of a sub-agent the last message is the end, which no link can change.
        const isSession = text.includes('"isSidechain":false');
        fc.pre(isSession || !isRefused(() => transcript.write?.(edits)));
        const written = applied(bytes, transcript.write?.(edits) ?? []);
        const again = opened(written);
        expect(joined([...again.conversation()])).toEqual(wanted);
        expect(again.findings.filter(({ code }) => code !== 'MULTIPLE_LEAVES')).toEqual(
          transcript.findings.filter(({ code }) => code !== 'MULTIPLE_LEAVES'),
        );
      }),
      { seed, numRuns },
    );
  });
});

// Found by the property: the links that were written made a circle behind the boundary.
test('links that a compaction reaches around make no circle of parents', () => {
  const own = { isSidechain: false, sessionId: 's-1' };
  const said = (id: string, ...content: readonly object[]): object => ({
    type: 'assistant',
    message: { id, role: 'assistant', model: 'm', content },
  });
  const asked = (content: unknown): object => ({
    type: 'user',
    message: { role: 'user', content },
  });
  const so = { type: 'text', text: 'so' };
  const call = { type: 'tool_use', id: 'call-0', name: 'Bash', input: { n: 1.5 } };
  const kept = { anchorUuid: 'u-5', uuids: ['u-2', 'u-3'] };
  const boundary = {
    type: 'system',
    subtype: 'compact_boundary',
    compactMetadata: { trigger: 'auto', preservedMessages: kept },
    logicalParentUuid: 'u-3',
  };
  const result = { type: 'tool_result', tool_use_id: 'call-0', content: 'out call-0' };
  const records: readonly (readonly [string | null, object])[] = [
    [null, said('msg-0', so, call)],
    ['u-1', asked([result])],
    ['u-2', said('msg-0', so)],
    [null, boundary],
    ['u-4', { ...asked('summary 4'), isCompactSummary: true }],
  ];
  const text = records.map(([parentUuid, record], at) =>
    JSON.stringify({
      parentUuid,
      ...own,
      ...record,
      uuid: `u-${at + 1}`,
      timestamp: `2026-01-01T00:00:0${at + 1}Z`,
    }),
  );
  const bytes = Buffer.from(text.join('\n'));
  const transcript = opened(bytes);
  const edits = planFor([...transcript.conversation()], [5147]);
  const again = opened(applied(bytes, transcript.write?.(edits) ?? []));
  expect(again.findings.map(({ code }) => code)).not.toContain('PARENT_CYCLE');
});

const folder = new URL('../../../fixtures/transcripts/claude-code/', import.meta.url);

function fixture(name: string): Buffer {
  return readFileSync(new URL(`${name}.jsonl`, folder));
}

const told = { reason: 'DANGLING_TOOL_CALL', told: 'because' } as const;
const unknown: ContentBlock = {
  type: 'tool_result',
  tool_use_id: 'toolu_1',
  content: 'Nobody recorded the outcome of this call.',
  is_error: true,
};

/** The lines after the edits, and which of them were not there before. */
function lines(bytes: Buffer, edits: readonly Edit[]): { all: string[]; fresh: number[] } {
  const old = new Set(bytes.toString().split('\n'));
  const all = applied(bytes, opened(bytes).write?.(edits) ?? [])
    .toString()
    .split('\n');
  return { all, fresh: all.flatMap((line, at) => (old.has(line) ? [] : [at])) };
}

function answerTo(before: number): Edit {
  return { ...told, kind: 'insert-message', before, role: 'user', content: [unknown] };
}

interface Line {
  readonly uuid: string;
  readonly parentUuid: string | null;
  readonly message?: { readonly content: unknown };
}

function parsed(line: string | undefined): Line {
  return JSON.parse(line ?? 'null') as Line;
}

describe('a result that was not recorded', () => {
  test('stands right behind its call, and looks like its neighbours', () => {
    const bytes = fixture('interrupted-mid-call');
    const { all, fresh } = lines(bytes, [answerTo(2)]);
    expect(fresh).toEqual([3]);
    const [call, result] = [parsed(all[2]), parsed(all[3])];
    expect(result).toEqual({
      parentUuid: call.uuid,
      isSidechain: false,
      userType: 'external',
      cwd: '/home/me/shop',
      sessionId: '5e551075-0000-4000-8000-000000000001',
      version: '2.1.42',
      gitBranch: 'main',
      type: 'user',
      message: { role: 'user', content: [unknown] },
      uuid: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      timestamp: '2026-02-03T10:00:03.000Z',
      sourceToolAssistantUUID: call.uuid,
    });
  });

  // Beside the line of parents, versions of the tool that follow nothing but parents lose it.
  test('stands on the line of parents inside a conversation, and nothing but a link changes', () => {
    const bytes = fixture('interrupted-and-resumed');
    const { all, fresh } = lines(bytes, [answerTo(2)]);
    expect(fresh).toEqual([3, 4]);
    expect(parsed(all[3]).parentUuid).toBe(parsed(all[2]).uuid);
    expect(parsed(all[4]).parentUuid).toBe(parsed(all[3]).uuid);
    const before = bytes.toString().split('\n')[3] ?? '';
    const { parentUuid } = parsed(before);
    const linked = before.replace(`"${parentUuid}"`, `"${parsed(all[3]).uuid}"`);
    expect(all[4]).toBe(linked);
  });

  test('gets a record of its own beside other results of the same answer', () => {
    const whole = fixture('parallel-calls').toString().split('\n');
    const bytes = Buffer.from(whole.filter((_, at) => at !== 4).join('\n'));
    const at = { message: 2, block: 0 };
    const { fresh } = lines(bytes, [{ ...told, kind: 'insert-block', at, content: unknown }]);
    expect(fresh).toHaveLength(1);
  });

  test('is the same, byte for byte, whenever the same plan is written', () => {
    const bytes = fixture('interrupted-and-resumed');
    const transcript = opened(bytes);
    const write = (): string => applied(bytes, transcript.write?.([answerTo(2)]) ?? []).toString();
    const first = write();
    expect(write()).toBe(first);
    expect(applied(bytes, opened(bytes).write?.([answerTo(2)]) ?? []).toString()).toBe(first);
  });
});

describe('records that an edit touches', () => {
  const record = (content: string): Buffer =>
    Buffer.from(
      `{"type":"user", "uuid":"u-1","n":1.50,"message":{"role":"user","content":${content}}}\n`,
    );
  const at = { message: 0, block: 0 };
  const text: ContentBlock = { type: 'text', text: 'new' };

  test('keep the spelling of everything but the block', () => {
    const bytes = record('[ {"type":"text","text":"old"}, {"type":"x","n":12345678901234567890} ]');
    const edits: Edit[] = [{ ...told, kind: 'replace-block', at, content: text }];
    expect(lines(bytes, edits).all[0]).toBe(
      record('[ {"type":"text","text":"new"}, {"type":"x","n":12345678901234567890} ]')
        .toString()
        .trim(),
    );
  });

  test('keep a text that is no list, as long as one text is all they say', () => {
    const bytes = record('"old"');
    const replace: Edit = { ...told, kind: 'replace-block', at, content: text };
    expect(parsed(lines(bytes, [replace]).all[0]).message?.content).toBe('new');
    const insert: Edit = { ...told, kind: 'insert-block', at, content: text };
    expect(parsed(lines(bytes, [insert]).all[0]).message?.content).toEqual([
      text,
      { type: 'text', text: 'old' },
    ]);
  });

  test('go when their last block goes, and those behind them follow what they followed', () => {
    const edits: Edit[] = [{ ...told, kind: 'remove-block', at: { message: 1, block: 0 } }];
    const { all, fresh } = lines(fixture('clean'), edits);
    expect(fresh).toEqual([3]);
    expect(parsed(all[3]).parentUuid).toBe(parsed(all[2]).uuid);
    expect(all).toHaveLength(8);
  });

  test('that stand there twice with other content go together', () => {
    const bytes = fixture('conflicting-uuid');
    const { all } = lines(bytes, [{ ...told, kind: 'remove-message', message: 0 }]);
    expect(all).toHaveLength(5);
    expect(all.join('')).not.toContain('Why is');
  });

  test('stay the conversation where an older branch would be the newest', () => {
    const bytes = fixture('two-leaves');
    const removed: Edit = { ...told, kind: 'remove-message', message: 2 };
    const written = applied(bytes, opened(bytes).write?.([removed]) ?? []);
    const texts = [...opened(written).conversation()].map(({ content }) => content[0]?.['text']);
    expect(texts).toEqual(['Why is the build red?', 'One test fails.']);
  });
});

describe('what cannot be written', () => {
  const bytes = fixture('clean');
  const refused = (edits: readonly Edit[], of = bytes): unknown => {
    try {
      return opened(of).write?.(edits);
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };

  test('is refused before anything is written', () => {
    const content: ContentBlock = { type: 'text', text: 'new' };
    const beyond = { message: 1, block: 9 };
    expect(refused([{ ...told, kind: 'replace-block', at: beyond, content }])).toBe('INVALID');
    expect(refused([{ ...told, kind: 'remove-message', message: 9 }])).toBe('INVALID');
    expect(refused([answerTo(0)], fixture('summary-only'))).toBe('INVALID');
    const damaged = Buffer.from(bytes.toString().replace('"I look', '"\0I look'));
    const remove: Edit = { ...told, kind: 'remove-block', at: { message: 1, block: 1 } };
    const replace: Edit = { ...told, kind: 'replace-block', at: { message: 1, block: 0 }, content };
    expect(refused([replace], damaged)).toBe('INVALID');
    expect(refused([remove], damaged)).not.toBe('INVALID');
  });

  test('is not needed for an empty plan', () => {
    expect(opened(bytes).write?.([])).toEqual([]);
  });
});

/** The file of a sub-agent, one record a line. */
function subAgent(...records: readonly Record<string, unknown>[]): Buffer {
  const lines = records.map((record, at) =>
    JSON.stringify({ isSidechain: true, uuid: `u-${at}`, agentId: 'a', ...record }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

describe('edits in the file of a sub-agent', () => {
  const prompt = { type: 'user', message: { role: 'user', content: 'Look.' }, parentUuid: null };
  const thinking = [{ type: 'thinking', thinking: 'so' }];
  const answer = (content: unknown, parentUuid: string): Record<string, unknown> => ({
    type: 'assistant',
    message: { id: parentUuid, role: 'assistant', content },
    parentUuid,
  });

  test('a queued prompt that is the end then becomes a prompt itself', () => {
    const queued = { type: 'queued_command', prompt: 'Be quick.' };
    const bytes = subAgent(
      prompt,
      answer([{ type: 'text', text: 'I look.' }], 'u-0'),
      { type: 'attachment', attachment: queued, parentUuid: 'u-1' },
      answer(thinking, 'u-2'),
    );
    const transcript = opened(bytes);
    const edits: readonly Edit[] = [{ ...told, kind: 'remove-message', message: 3 }];
    const again = opened(applied(bytes, transcript.write?.(edits) ?? []));
    expect([...again.conversation()].map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect([...again.conversation()].at(-1)?.content).toEqual([
      { type: 'text', text: 'Be quick.' },
    ]);
  });

  test('an end that another branch stands behind is refused, with the line and a way on', () => {
    const bytes = subAgent(
      prompt,
      { ...prompt, message: { role: 'user', content: 'Aside.' } },
      answer([{ type: 'text', text: 'I look.' }], 'u-0'),
    );
    const edits: readonly Edit[] = [{ ...told, kind: 'remove-message', message: 1 }];
    expect(() => opened(bytes).write?.(edits)).toThrow(
      /last message in the file of a sub-agent.* line 2, of another branch,.*holdfast import/u,
    );
    const all: readonly Edit[] = [...edits, { ...told, kind: 'remove-message', message: 0 }];
    expect(() => opened(bytes).write?.(all)).toThrow(
      /Nothing of the conversation is left.* line 2/u,
    );
  });
});
