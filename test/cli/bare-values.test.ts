/** Values that stand in a file where blocks should: told, mended, and never made to something else. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runWith } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-bare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const recover = (...words: readonly string[]): Promise<Told> => runWith({}, 'recover', ...words);

const bare = [5, 'str', {}, { type: null }, [], null, { type: 'foo', x: 1 }];
const session = (content: unknown): string =>
  [
    {
      parentUuid: null,
      type: 'user',
      uuid: 'u',
      sessionId: 's',
      message: { role: 'user', content },
    },
    {
      parentUuid: 'u',
      type: 'assistant',
      uuid: 'a',
      sessionId: 's',
      message: { role: 'assistant', id: 'm', content: [{ type: 'text', text: 'Yes.' }] },
    },
  ]
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
const list = (content: unknown): string =>
  JSON.stringify([
    { role: 'user', content },
    { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
  ]);
const chat = (content: unknown): string =>
  JSON.stringify([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content },
    { role: 'assistant', content: 'Yes.' },
  ]);

describe.each([
  ['a session of Claude Code', 'session.jsonl', session],
  ['a list for Anthropic', 'list.json', list],
  ['a list for chat completions', 'chat.json', chat],
] as const)('values that are no blocks in %s', (_name, name, write) => {
  test('are told as what the provider refuses, and the mended copy is taken', async () => {
    const path = join(folder, name);
    writeFileSync(path, write(bare));
    const told = await recover('verify', path, '--json');
    expect(told.code).toBe(10);
    expect(told.stdout.match(/"MALFORMED_BLOCK"/g)?.length).toBeGreaterThanOrEqual(6);
    const to = join(folder, `mended-${name}`);
    expect((await recover('apply', path, '--to', to)).code).toBe(0);
    const mended = readFileSync(to, 'utf8');
    expect(mended).not.toContain('unknown');
    expect(mended).toContain('{"type":"text","text":"str"}');
    expect(mended).toContain('{"type":"foo","x":1}');
    expect((await recover('verify', to)).code).toBe(0);
    expect((await recover('plan', to)).stdout).toContain('nothing to do');
  });

  test('are no other values in the copy than the plan lists', async () => {
    const path = join(folder, name);
    writeFileSync(
      path,
      write([null, { type: 'text', text: 'hi' }, { type: 'text', text: '\ud800' }]),
    );
    const { stdout } = await recover('plan', path);
    expect(stdout).toContain('- null\n');
    const to = join(folder, `mended-${name}`);
    await recover('apply', path, '--to', to);
    expect(readFileSync(to, 'utf8')).not.toContain('"value"');
  });
});
