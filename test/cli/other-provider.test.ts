/** A repair for a provider whose messages the format of the file has no words for. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { engine } from '../../src/cli/library.ts';
import { runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-other-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(line: string): Promise<Told> {
  const [program, ...words] = line.split(' ');
  return runIn(
    worldOf({ engine, program: program === 'recover' ? 'recover' : 'holdfast' }),
    ...words,
  );
}

describe('recover apply', () => {
  test('says for bedrock what to do with a list of OpenAI, and that does it', async () => {
    const source = join(folder, 'list.json');
    const call = { id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } };
    const list = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'user', content: 'next' },
    ];
    writeFileSync(source, JSON.stringify(list));
    const refused = await run(`recover apply ${source} --profile bedrock --to ${folder}/out`);
    expect(refused.code).toBe(64);
    const lines = refused.stderr
      .split('\n')
      .filter((line) => /^ {2}(holdfast|recover) .* ID/.test(line));
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const typed = line
        .trim()
        .replaceAll(/\bID\b/g, 's1')
        .replaceAll(/\bDIR\b/g, join(folder, 'store'))
        .replaceAll(/\bOUT\b/g, join(folder, 'out'));
      const told = await run(typed);
      expect([typed, told.code, told.stderr.includes('fault')]).toEqual([typed, 0, false]);
    }
    const { messages } = JSON.parse(readFileSync(join(folder, 'out'), 'utf8')) as {
      readonly messages: readonly { readonly role: string }[];
    };
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    const checked = await run(`recover verify ${folder}/out --profile bedrock`);
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('clean')]);
  });
});
