/** What Claude Code keeps beside a result for its screen goes where the result goes, or is told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const text = (words: string): object => ({ type: 'text', text: words });
const call = (id: string): object => ({ type: 'tool_use', id, name: 'Bash', input: {} });
const result = (id: string, content = 'R'): object => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
});
const side = {
  toolUseResult: { stdout: 'UNIQUE-SIDE', exact: 1.5 },
  sourceToolAssistantUUID: 'u1',
};

/** A session of these records, each behind the one in front of it. */
function session(
  ...records: readonly (readonly [role: string, content: unknown, more?: object])[]
) {
  const lines = records.map(([type, content, more], at) => {
    const parentUuid = at === 0 ? null : `u${at - 1}`;
    const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2.0.0' };
    const said = { role: type, content };
    const message = type === 'user' ? said : { id: `msg_${at}`, type: 'message', ...said };
    const timestamp = `2026-01-01T00:00:0${at}.000Z`;
    return `${JSON.stringify({ parentUuid, ...own, type, message, uuid: `u${at}`, timestamp, ...more })}\n`;
  });
  return file('session.jsonl', lines.join(''));
}

interface Written {
  readonly uuid: string;
  readonly toolUseResult?: unknown;
  readonly sourceToolAssistantUUID?: string;
  readonly message: { readonly content: unknown };
}

/** The records of the mended copy, and what the plan says is lost. */
async function mended(path: string, ...words: readonly string[]) {
  const to = join(place.folder, 'mended.jsonl');
  const plan = await recover('plan', path, '--json', ...words);
  expect(await recover('apply', path, '--to', to, ...words)).toMatchObject({ code: 0 });
  const records = readFileSync(to, 'utf8').trimEnd().split('\n');
  const { lost } = JSON.parse(plan.stdout) as { readonly lost: readonly { text: string }[] };
  return { lost, records: records.map((line) => JSON.parse(line) as Written) };
}

describe('recover apply', () => {
  test('a result that moves to its call takes along what stands beside it', async () => {
    const path = session(
      ['user', 'go'],
      ['assistant', [call('t1')]],
      ['user', 'interject'],
      ['assistant', [text('mid')]],
      ['user', [result('t1')], side],
      ['assistant', [text('end')]],
    );
    const { records, lost } = await mended(path);
    expect(records[2]).toMatchObject({ message: { content: [result('t1')] }, ...side });
    expect(lost).toEqual([]);
  });

  test('a side stays with the results that stay in its record', async () => {
    const path = session(
      ['user', 'go'],
      ['assistant', [call('t1')]],
      ['user', 'interject'],
      ['assistant', [text('mid'), call('t2')]],
      ['user', [result('t1'), result('t2')], side],
      ['assistant', [text('end')]],
    );
    const { records, lost } = await mended(path);
    const having = records.filter(({ toolUseResult }) => toolUseResult !== undefined);
    expect(having).toMatchObject([{ uuid: 'u4', message: { content: [result('t2')] } }]);
    expect(lost).toEqual([]);
  });

  test('a side of several results that all move goes with the first of them', async () => {
    const path = session(
      ['user', 'go'],
      ['assistant', [call('t1'), call('t2')]],
      ['user', 'interject'],
      ['assistant', [text('mid')]],
      ['user', [result('t1'), result('t2')], side],
      ['assistant', [text('end')]],
    );
    const { records, lost } = await mended(path);
    expect(records[2]).toMatchObject({ message: { content: [result('t1')] }, ...side });
    expect(records[3]).not.toHaveProperty('toolUseResult');
    expect(lost).toEqual([]);
  });

  test('a side that goes with a second result is listed', async () => {
    const path = session(
      ['user', 'go'],
      ['assistant', [call('t1')]],
      ['user', [result('t1')], { toolUseResult: 'first' }],
      ['assistant', [text('mid')]],
      ['user', [result('t1')], side],
      ['assistant', [text('end')]],
    );
    const { records, lost } = await mended(path);
    expect(records.map(({ toolUseResult }) => toolUseResult).filter(Boolean)).toEqual(['first']);
    expect(lost).toMatchObject([{ text: JSON.stringify(side.toolUseResult) }]);
  });

  test('a side that goes with the second result of a call is told at the line of that one', async () => {
    const path = session(
      ['user', 'go'],
      ['assistant', [call('t1')]],
      ['user', [result('t1')], { toolUseResult: { stdout: 'FIRST-SIDE' } }],
      ['user', [result('t1', 'other words')], side],
      ['assistant', [text('end')]],
    );
    const { lost } = await mended(path);
    expect(lost).toHaveLength(2);
    const at = { message: 2, block: 1 };
    expect(lost).toMatchObject([
      { at, reason: 'DUPLICATE_TOOL_RESULT' },
      { at, reason: 'DUPLICATE_TOOL_RESULT', text: JSON.stringify(side.toolUseResult) },
    ]);
    const { stdout } = await recover('plan', path);
    expect(stdout).toContain('line 4: What Claude Code keeps beside this result');
  });
});
