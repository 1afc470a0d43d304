/** Files whose line of parents is broken: what is still there comes back, and comes to rest. */
import fc from '../../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../src/integrity/plan/apply-edits.ts';
import { planRepair } from '../../../src/integrity/plan/plan-repair.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';
import { sessions } from './lives.ts';
import { applied, opened } from './opened.ts';
import { testSeed } from '../../helpers/seed.ts';

type Json = Record<string, unknown>;

/** Breaks: which record, and what becomes of it. A circle has lost its order, so it comes alone. */
const breaks = fc.oneof(
  fc.array(
    fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('lost' as const, 'astray' as const),
      by: fc.nat(3),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  fc
    .record({ at: fc.nat(), by: fc.nat(3) })
    .map((where) => [{ ...where, kind: 'circle' as const }]),
);

interface Break {
  readonly at: number;
  readonly kind: 'lost' | 'astray' | 'circle';
  readonly by: number;
}

/** The file with its breaks; a record is gone, or names another parent. */
function broken(text: string, some: readonly Break[]): string {
  const records = text
    .split(/\r?\n/u)
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Json);
  for (const { at, kind, by } of some) {
    const linked = records.filter(({ parentUuid }) => typeof parentUuid === 'string');
    const record = linked[at % (linked.length || 1)];
    if (record === undefined) break;
    const place = records.indexOf(record);
    if (kind === 'lost') records.splice(place, 1);
    else if (kind === 'astray') record['parentUuid'] = `nobody-${at}`;
    else record['parentUuid'] = below(records, record, by);
  }
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The uuid of a record that hangs on this one, or its own: a circle. */
function below(records: readonly Json[], from: Json, steps: number): unknown {
  let uuid = from['uuid'];
  for (let step = 0; step < steps; step += 1) {
    uuid = records.find(({ parentUuid }) => parentUuid === uuid)?.['uuid'] ?? uuid;
  }
  return uuid;
}

/** Records that the conversation is told from. */
function toldBy(transcript: Transcript): Set<string> {
  const messages = [...transcript.conversation()];
  const places = messages.flatMap(({ place, places: blocks }) => [place, ...blocks]);
  return new Set(places.flatMap(({ id }) => (id === null ? [] : [id])));
}

/** Links made anew until none is wanted. */
function rejoined(bytes: Buffer): Buffer {
  let now = bytes;
  for (let round = 0; round < 4; round += 1) {
    const { mends } = opened(now);
    if (mends.length === 0) return now;
    now = applied(now, mends);
  }
  throw new Error('the mends do not come to rest');
}

/**
 * Beside other calls of one answer a result hangs on its own call, and on nothing where that is
 * lost. A prompt that was queued counts only where a reply comes next.
 */
function isExcused(text: string, uuid: string): boolean {
  const line = text.split('\n').find((one) => one.includes(`"uuid":"${uuid}"`)) ?? '';
  if (line.includes('queued_command')) return true;
  const [, call] = /"tool_use_id":"([^"]+)"/u.exec(line) ?? [];
  return call !== undefined && !text.includes(`"type":"tool_use","id":"${call}"`);
}

function brokenLinks(transcript: Transcript): string[] {
  return transcript.findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, meaning }) => `${code} ${meaning}`);
}

/** A fresh seed each time; SEED repeats one, and RUNS looks further. */
const seed = testSeed();
const numRuns = Number(process.env['RUNS'] ?? 300);
const file = 'test/transcript/claude-code/rejoin.test.ts';
const repeat = `HOLDFAST_SEED=${seed} RUNS=${numRuns} npx vitest run ${file}`;

/**
 * Of two beginnings the tool shows one, and which, the newest record decides. A compaction is one
 * where nothing was in front of it: a record that stands alone behind it is then the other.
 */
function beginnings(text: string): number {
  const roots = text.split('\n').filter((line) => line.includes('"parentUuid":null'));
  const isCompaction = (line: string): boolean => line.includes('compact_boundary');
  return roots.filter((line) => !isCompaction(line) || line.includes('"logicalParentUuid":null'))
    .length;
}

describe('jointsOf', () => {
  test(`brings back what stands in front of a break; to repeat: ${repeat}`, () => {
    fc.assert(
      fc.property(sessions, breaks, (text, some) => {
        // What a compaction keeps is linked by its boundary; a break there is another matter.
        fc.pre(!text.includes('"preserved'));
        fc.pre(beginnings(text) <= 1);
        const whole = toldBy(opened(Buffer.from(text)));
        const bytes = Buffer.from(broken(text, some));
        const mended = opened(rejoined(bytes));
        expect(brokenLinks(mended)).toEqual([]);
        const told = toldBy(mended);
        const there = bytes.toString();
        const lost = [...whole].filter((id) => there.includes(`"uuid":"${id}"`) && !told.has(id));
        expect(lost.filter((id) => !isExcused(there, id))).toEqual([]);
      }),
      { seed, numRuns },
    );
  });

  test(`leaves nothing to plan behind a plan; to repeat: ${repeat}`, () => {
    fc.assert(
      fc.property(sessions, breaks, (text, some) => {
        const base = rejoined(Buffer.from(broken(text, some)));
        const transcript = opened(base);
        const messages = [...transcript.conversation()];
        const { edits } = planRepair(messages, 'anthropic', 'annotate');
        fc.pre(applyEdits(messages, edits).length > 0);
        const written = applied(base, transcript.write?.(edits) ?? []);
        const again = opened(written);
        expect(again.mends).toEqual([]);
        expect(brokenLinks(again)).toEqual(brokenLinks(transcript));
        expect(planRepair([...again.conversation()], 'anthropic', 'annotate').edits).toEqual([]);
      }),
      { seed, numRuns },
    );
  });
});

/** A file of prompts and answers: uuid, parent, words, and other members. */
function sessionOf(
  ...records: readonly (readonly [string, string | null, string, Json?])[]
): Buffer {
  const lines = records.map(([uuid, parentUuid, text, more], at) => {
    const role = text.startsWith('answer') ? 'assistant' : 'user';
    const message = {
      role,
      content: [{ type: 'text', text }],
      ...(role === 'user' ? {} : { id: uuid }),
    };
    const timestamp = `2026-01-01T00:00:0${at}Z`;
    return JSON.stringify({
      parentUuid,
      type: role,
      message,
      uuid,
      timestamp,
      sessionId: 's',
      ...more,
    });
  });
  return Buffer.from(`${lines.join('\n')}\n`);
}

function textsOf(bytes: Buffer): string[] {
  const messages = [...opened(bytes).conversation()];
  return messages.flatMap(({ content }) => content.map((block) => String(block['text'])));
}

describe('a line of parents that is broken in the middle', () => {
  test('is joined to the record in front of it, told as a guess, with no other byte changed', () => {
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'a', 'answer 1'],
      ['d', 'c', 'prompt 2'],
    );
    const { mends, findings } = opened(bytes);
    const at = bytes.indexOf('"c"');
    expect(mends).toMatchObject([{ offset: at, length: 3, bytes: Buffer.from('"b"') }]);
    expect(mends[0]?.why).toMatchObject({ code: 'MISSING_PARENT' });
    expect(mends[0]?.why?.told).toContain('line 2, which stood in front of it. This is a guess');
    expect(findings).toMatchObject([{ code: 'MISSING_PARENT', severity: 'error' }]);
    expect(findings[0]?.fix).toContain('line 2');
    expect(textsOf(applied(bytes, mends))).toEqual(['prompt 1', 'answer 1', 'prompt 2']);
  });

  test.each(['5', 'true', '{"uuid":"b"}', '[]', '0'])(
    'is joined where the parent is %s, which names no record',
    (parent) => {
      const records: [string, string | null, string][] = [
        ['a', null, 'prompt 1'],
        ['b', 'a', 'answer 1'],
        ['d', 'c', 'prompt 2'],
      ];
      const text = sessionOf(...records).toString();
      const bytes = Buffer.from(text.replace('"c"', parent));
      const { mends, findings } = opened(bytes);
      expect(findings).toMatchObject([{ code: 'MISSING_PARENT', severity: 'error' }]);
      expect(textsOf(applied(bytes, mends))).toEqual(['prompt 1', 'answer 1', 'prompt 2']);
      expect(opened(applied(bytes, mends)).findings).toEqual([]);
    },
  );

  test('every break of one line is joined at once', () => {
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'x', 'answer 1'],
      ['c', 'y', 'prompt 2'],
      ['d', 'c', 'answer 2'],
    );
    const { mends } = opened(bytes);
    expect(mends).toHaveLength(2);
    expect(textsOf(applied(bytes, mends))).toHaveLength(4);
  });

  test('a question that was asked anew stays aside when what both follow is lost', () => {
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'a', 'answer 1'],
      ['d', 'c', 'prompt left'],
      ['e', 'd', 'answer left'],
      ['f', 'c', 'prompt anew'],
    );
    expect(textsOf(rejoined(bytes))).toEqual(['prompt 1', 'answer 1', 'prompt anew']);
  });

  test('what a summary was told for is not brought back', () => {
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'a', 'answer 1'],
      ['s', 'boundary', 'what was so far', { isCompactSummary: true }],
      ['c', 's', 'answer 2'],
    );
    expect(opened(bytes).mends).toEqual([]);
    expect(opened(bytes).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('a file that begins in the middle of a session has nothing to be joined to', () => {
    const bytes = sessionOf(['b', 'a', 'prompt 2'], ['c', 'b', 'answer 2']);
    expect(opened(bytes).mends).toEqual([]);
    expect(opened(bytes).findings).toMatchObject([{ severity: 'warning' }]);
  });

  test('a prompt that waits at the end is not forgotten', () => {
    const attachment = { type: 'queued_command', prompt: 'prompt 2' };
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'a', 'answer 1'],
      ['d', 'lost', '', { type: 'attachment', message: undefined, attachment }],
    );
    expect(textsOf(bytes)).toEqual(['prompt 1', 'answer 1']);
    expect(textsOf(rejoined(bytes))).toEqual(['prompt 1', 'answer 1', 'prompt 2']);
  });
});

describe('a circle of parents', () => {
  test('is cut at its first record, which follows the one in front of it', () => {
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'a', 'answer 1'],
      ['c', 'e', 'prompt 2'],
      ['d', 'c', 'answer 2'],
      ['e', 'd', 'prompt 3'],
    );
    const { mends, findings } = opened(bytes);
    expect(mends).toMatchObject([{ bytes: Buffer.from('"b"'), why: { code: 'PARENT_CYCLE' } }]);
    expect(findings.map(({ code, place }) => [code, place?.line])).toContainEqual([
      'PARENT_CYCLE',
      3,
    ]);
    expect(textsOf(applied(bytes, mends))).toHaveLength(5);
    expect(brokenLinks(opened(applied(bytes, mends)))).toEqual([]);
  });

  test('that a compaction hides is cut as well, and the conversation stays', () => {
    const metadata = { preservedSegment: { headUuid: 'a', tailUuid: 'b', anchorUuid: 's' } };
    const boundary = { type: 'system', subtype: 'compact_boundary', compactMetadata: metadata };
    const bytes = sessionOf(
      ['a', null, 'prompt 1'],
      ['b', 'a', 'answer 1'],
      ['k', null, '', { ...boundary, message: undefined }],
      ['s', 'k', 'what was so far', { isCompactSummary: true }],
      ['c', 's', 'prompt 2'],
    );
    const circle = bytes.toString().replace('"parentUuid":null', '"parentUuid":"b"');
    const before = opened(Buffer.from(circle));
    expect(textsOf(Buffer.from(circle))).toEqual(textsOf(bytes));
    expect(before.findings.map(({ code }) => code)).toContain('PARENT_CYCLE');
    const mended = applied(Buffer.from(circle), before.mends);
    expect(textsOf(mended)).toEqual(textsOf(bytes));
    expect(opened(mended).mends).toEqual([]);
    expect(mended.toString()).not.toContain('"parentUuid":"b"');
  });
});
