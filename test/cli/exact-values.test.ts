/** What a session cannot hold as a file has it is told by `import` and `export`, never in silence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CliStore } from '../helpers/cli-store.ts';
import { createDatabase, gooseTables } from '../helpers/sqlite-files.ts';

let lab: CliStore;
let directory: string;
beforeEach(async () => {
  lab = await CliStore.start();
  directory = mkdtempSync(join(tmpdir(), 'holdfast-exact-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const odd = '{"id": 12345678901234567890, "a":1,"a":2,"far":1e400}';

/** A list of OpenAI-style messages, whose arguments are a text. */
const chat = [
  '{"role":"user","content":"Go"}',
  `{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"run","arguments":${JSON.stringify(odd)}}}]}`,
  '{"role":"tool","tool_call_id":"c1","content":"done"}',
  '',
].join('\n');

/** The same of Anthropic-style messages, whose arguments are a value. */
const claude = [
  '{"role":"user","content":"Go"}',
  `{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"run","input":${odd}}]}`,
  '{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"done"}]}',
  '',
].join('\n');

describe('import', () => {
  test('tells what it rounds and which member it loses, with the place, and goes on', async () => {
    const path = file('claude.jsonl', claude);
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toContain('s1 is made: 3 messages with 1 call');
    expect(stderr).toMatch(/warning NUMBER_ROUNDED line 2 \(byte \d+\)/);
    expect(stderr).toContain('The number 12345678901234567890 at content[].input.id is read as');
    expect(stderr.replaceAll(/\s+/gu, ' ')).toContain(', and so for another one in this record');
    expect(stderr).toMatch(/warning DUPLICATE_KEY line 2 \(byte \d+\)/);
    expect(stderr).toContain('named "a" at content[].input.a; only the last of them is');
    const told = await lab.run('import', path, '--session', 's2', '--json');
    const { codes, complete } = JSON.parse(told.stdout) as Record<string, object>;
    expect([codes, complete]).toEqual([
      {
        NUMBER_ROUNDED: { severity: 'warning', count: 1 },
        DUPLICATE_KEY: { severity: 'warning', count: 1 },
      },
      true,
    ]);
    const { stdout: kept } = await lab.run('export', 's1');
    expect(JSON.parse(kept.split('\n')[1] ?? '')).toMatchObject({
      content: [{ input: { id: Number('12345678901234567890'), a: 2, far: null } }],
    });
    const shape = await lab.run('export', 's1', '--format', 'openai-chat');
    expect(shape.stdout).toContain(`"arguments":${JSON.stringify(odd)}`);
    const same = await lab.run('export', 's1', '--format', 'anthropic');
    expect(same.stderr).toContain('NUMBER_ROUNDED in c1: ');
  });

  test('keeps every digit of the arguments in a file of goose', async () => {
    const value = `{"name":"run","arguments":${odd}}`;
    const call = `{"type":"toolRequest","id":"c1","toolCall":{"status":"success","value":${value}}}`;
    const result = { type: 'toolResponse', id: 'c1', toolResult: { status: 'success', value: [] } };
    const records = [
      '{"working_dir":"/p","message_count":3}',
      '{"role":"user","created":1,"content":[{"type":"text","text":"Go"}]}',
      `{"role":"assistant","created":2,"content":[${call}]}`,
      JSON.stringify({ role: 'user', created: 3, content: [result] }),
    ];
    const path = file('goose.jsonl', `${records.join('\n')}\n`);
    expect((await lab.run('import', path, '--session', 's1')).code).toBe(0);
    const shape = await lab.run('export', 's1', '--format', 'openai-chat');
    expect(shape.stdout).toContain(`"arguments":${JSON.stringify(odd)}`);
  });

  test('tells it of a database too', async () => {
    const path = join(directory, 'sessions.db');
    const database = createDatabase(path);
    database.exec(gooseTables);
    database.prepare("INSERT INTO sessions (id, name, working_dir) VALUES ('g', 'x', '/')").run();
    const call = `{"type":"toolRequest","id":"c1","toolCall":{"status":"success","value":{"name":"run","arguments":${odd}}}}`;
    const insert = database.prepare(
      'INSERT INTO messages (session_id, role, content_json, created_timestamp) VALUES (?, ?, ?, 1)',
    );
    insert.run('g', 'user', '[{"type":"text","text":"Go"}]');
    insert.run('g', 'assistant', `[${call}]`);
    database.close();
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toContain('NUMBER_ROUNDED record 2');
    expect(stderr).toContain('DUPLICATE_KEY record 2');
    const shape = await lab.run('export', 's1', '--format', 'openai-chat');
    expect(shape.stdout).toContain(`"arguments":${JSON.stringify(odd)}`);
  });

  test('keeps every digit of arguments that are a text, for exports that take a text', async () => {
    const path = file('chat.jsonl', chat);
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).not.toContain('NUMBER_ROUNDED');
    for (const format of ['openai-chat', 'openai-responses']) {
      const told = await lab.run('export', 's1', '--format', format);
      expect([told.code, told.stderr]).toEqual([0, '']);
      expect(told.stdout).toContain(`"arguments":${JSON.stringify(odd)}`);
      expect(told.stdout).not.toContain('input_json');
    }
  });
});

describe('export', () => {
  test.each(['anthropic', 'gemini', 'ai-sdk', 'ai-sdk-ui'])(
    '%s tells which arguments it cannot say with every digit',
    async (format) => {
      await lab.run('import', file('chat.jsonl', chat), '--session', 's1');
      const { code, stdout, stderr } = await lab.run('export', 's1', '--format', format);
      expect(code).toBe(0);
      expect(stdout).not.toContain('input_json');
      expect(stderr).toContain(
        'NUMBER_ROUNDED in c1: the number 12345678901234567890 at id is read as',
      );
      expect(stderr).toContain('DUPLICATE_KEY in c1: two members of one object are named "a";');
      const told = await lab.run('export', 's1', '--format', format, '--json');
      const result = JSON.parse(told.stdout.trim().split('\n').at(-1) ?? '') as object;
      expect(result).toMatchObject({
        rounded: [
          { code: 'NUMBER_ROUNDED', messageIndex: 1, blockIndex: 0, callId: 'c1' },
          { code: 'DUPLICATE_KEY', messageIndex: 1, blockIndex: 0, callId: 'c1' },
        ],
      });
    },
  );
});
