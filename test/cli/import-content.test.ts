/** What `import` keeps of conversations that are not shaped like ours. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDatabase, gooseTables } from '../helpers/sqlite-files.ts';
import { place, eachInItsPlace, written, exported } from './import-lab.ts';

eachInItsPlace();

describe('import', () => {
  test('keeps the system prompt of a request, and export gives it back', async () => {
    const system = [{ type: 'text', text: 'Be brief.' }];
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
    ];
    const path = join(place.directory, 'body.json');
    const isOne = { model: 'claude-sonnet-4-5', max_tokens: 9 };
    writeFileSync(path, JSON.stringify({ ...isOne, system, messages }));
    await place.lab.run('import', path, '--session', 's1');
    const { stdout } = await place.lab.run('export', 's1', '--format', 'anthropic');
    expect(JSON.parse(stdout)).toEqual({ system, messages });
  });

  test('keeps values in results that are no blocks', async () => {
    const path = written(
      'list.jsonl',
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'ls', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ found: 2 }] }],
      },
    );
    expect((await place.lab.run('import', path, '--session', 's1')).code).toBe(0);
    expect((await exported('s1'))[2]?.content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'c1',
        content: [{ type: 'json', value: { found: 2 } }],
      },
    ]);
    const { stdout } = await place.lab.run('export', 's1', '--format', 'anthropic');
    expect(stdout).toContain('{\\"found\\":2}');
  });

  test.each([
    [
      'Gemini',
      'read-call',
      [
        { role: 'user', parts: [{ text: 'Read both' }] },
        { role: 'model', parts: [1, 2].map(() => ({ functionCall: { name: 'read', args: {} } })) },
        {
          role: 'user',
          parts: ['one', 'two'].map((output) => ({
            functionResponse: { name: 'read', response: { output } },
          })),
        },
      ],
    ],
    [
      'Anthropic',
      'imported-call',
      [
        { role: 'user', content: 'Read both' },
        {
          role: 'assistant',
          content: [1, 2].map(() => ({ type: 'tool_use', id: '', name: 'read', input: {} })),
        },
        {
          role: 'user',
          content: ['one', 'two'].map((content) => ({
            type: 'tool_result',
            tool_use_id: '',
            content,
          })),
        },
      ],
    ],
  ])(
    'gives ids to calls of %s that have none, and to their results in order',
    async (_, id, list) => {
      const path = join(place.directory, 'checkpoint.json');
      writeFileSync(path, JSON.stringify(list));
      expect((await place.lab.run('import', path, '--session', 's1')).code).toBe(0);
      const blocks = (await exported('s1')).flatMap(({ content }) => content as object[]);
      expect(blocks.slice(1)).toMatchObject([
        { type: 'tool_use', id: `${id}-1` },
        { type: 'tool_use', id: `${id}-2` },
        { type: 'tool_result', tool_use_id: `${id}-1` },
        { type: 'tool_result', tool_use_id: `${id}-2` },
      ]);
      const { code, stderr } = await place.lab.run('export', 's1', '--format', 'anthropic');
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  test('asks which session of a database is meant, and takes it', async () => {
    const path = join(place.directory, 'sessions.db');
    const database = createDatabase(path);
    database.exec(gooseTables);
    for (const id of ['one', 'two']) {
      database
        .prepare("INSERT INTO sessions (id, name, working_dir) VALUES (?, ?, '/home/me')")
        .run(id, `Session ${id}`);
      database
        .prepare(
          'INSERT INTO messages (session_id, role, content_json, created_timestamp) VALUES (?, ?, ?, 1)',
        )
        .run(id, 'user', JSON.stringify([{ type: 'text', text: `Say ${id}` }]));
    }
    database.close();
    const asked = await place.lab.run('import', path, '--session', 's1');
    expect(asked.code).toBe(64);
    expect(asked.stderr).toMatch(/FILE holds 2 sessions; choose one with --from-session:\n {2}\w+/);
    expect(asked.stderr).toContain('one  Session one');
    const taken = await place.lab.run('import', path, '--session', 's1', '--from-session', 'two');
    expect([taken.code, taken.stderr]).toEqual([0, 's1 is made: 1 message with 0 calls (goose)\n']);
    expect((await exported('s1'))[0]?.content).toEqual([{ type: 'text', text: 'Say two' }]);
    const none = await place.lab.run('import', path, '--session', 's2', '--from-session', 'three');
    expect(none.code).toBe(66);
  });
});
