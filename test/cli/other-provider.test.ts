/** A repair for a provider whose messages the format of the file has no words for. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    expect(refused.code).toBe(20);
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

  test.each([
    ['codex/interrupted', 'gemini'],
    ['pi/dangling', 'bedrock'],
  ])(
    'and every other command say what %s cannot hold for %s, and the way out',
    async (name, whose) => {
      const path = join(import.meta.dirname, `../../fixtures/transcripts/${name}.jsonl`);
      for (const verb of ['verify', 'plan', 'report', `apply --to ${folder}/out`]) {
        const [first, ...more] = verb.split(' ');
        const told = await run(`recover ${[first, path, '--profile', whose, ...more].join(' ')}`);
        expect([verb, told.code]).toEqual([verb, 20]);
        const said = `${told.stdout}${told.stderr}`;
        expect(said).toContain(`holdfast import ${path} --session ID --store DIR`);
        expect(said).toContain(`recover apply DIR --session ID --profile ${whose}`);
      }
      expect(existsSync(join(folder, 'out'))).toBe(false);
      const told = await run(`recover plan ${path} --profile ${whose} --json`);
      expect(JSON.parse(told.stdout)).toMatchObject({
        writable: false,
        refusal: expect.stringContaining('has no words for it') as string,
      });
      expect((await run(`recover verify ${path}`)).code).toBe(10);
    },
  );
});
