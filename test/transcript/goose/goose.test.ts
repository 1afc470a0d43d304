/** Sessions of goose, out of its lines and out of its database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goose } from '../../../src/transcript/goose/reader.ts';
import { openDatabaseStore } from '../../../src/transcript/stores.ts';
import { createDatabase, gooseTables } from '../../helpers/sqlite-files.ts';
import { openBytes, saidIn, spliced } from '../../helpers/transcript-lab.ts';

const header = { working_dir: '/repo', description: 'Fix it', message_count: 3 };
const request = {
  type: 'toolRequest',
  id: 'c1',
  toolCall: {
    status: 'success',
    value: { name: 'developer__shell', arguments: { command: 'ls' } },
  },
};
const response = {
  type: 'toolResponse',
  id: 'c1',
  toolResult: { status: 'success', value: [{ type: 'text', text: 'a.txt' }] },
};

function message(role: string, content: readonly object[], more: object = {}): object {
  return { role, created: 1_740_171_566, content, ...more };
}

const text = (words: string): object => ({ type: 'text', text: words });
const lines = (values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('goose reads its lines', () => {
  it('with calls and results as blocks, and the first line as what the session says of itself', () => {
    const bytes = lines([
      header,
      message('user', [text('go')]),
      message('assistant', [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redactedThinking', data: 'd' },
        request,
      ]),
      message('user', [response]),
    ]);
    const transcript = openBytes(goose, bytes);
    expect(transcript).toMatchObject({ records: 4, findings: [], profile: 'generic' });
    expect(transcript.facts).toMatchObject({ title: 'Fix it', cwd: '/repo' });
    expect(saidIn(transcript)).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'go' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'tool_use', id: 'c1', name: 'developer__shell', input: { command: 'ls' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'a.txt' }] },
        ],
      },
    ]);
    expect([...transcript.conversation()][1]?.place.line).toBe(3);
  });

  it.each([
    [{ status: 'error', error: 'boom' }, 'boom', true],
    [{ status: 'success', value: { content: [text('x')], isError: true } }, [text('x')], true],
    [
      { status: 'success', value: { content: [text('x')], isError: false } },
      [text('x')],
      undefined,
    ],
    [
      {
        status: 'success',
        value: [
          { ...text('for people'), annotations: { audience: ['user'] } },
          text('for the model'),
        ],
      },
      [text('for the model')],
      undefined,
    ],
  ])('results as they were: %j', (toolResult, content, isError) => {
    const bytes = lines([header, message('user', [{ type: 'toolResponse', id: 'c', toolResult }])]);
    const [block] = saidIn(openBytes(goose, bytes))[0]?.content ?? [];
    expect(block).toMatchObject({ type: 'tool_result', tool_use_id: 'c', content });
    expect(block?.is_error).toBe(isError);
  });

  it('without what only its user sees', () => {
    const bytes = lines([
      header,
      message('user', [text('old')], { metadata: { userVisible: true, agentVisible: false } }),
      message('assistant', [
        text('shall I?'),
        { type: 'toolConfirmationRequest', id: 'c1', toolName: 'x', arguments: {} },
        { type: 'systemNotification', notificationType: 'inlineMessage', msg: 'm' },
        { ...request, toolCall: { status: 'error', error: 'no such tool' } },
      ]),
    ]);
    const transcript = openBytes(goose, bytes);
    expect(saidIn(transcript)).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'shall I?' }] },
    ]);
    expect(transcript.sides).toEqual([{ kind: 'compacted', id: null, messages: 1 }]);
  });

  it('around a torn last line, which mending cuts off', () => {
    const whole = lines([header, message('user', [text('go')])]);
    const torn = `${whole}{"role":"assistant","created":1,"con`;
    const transcript = openBytes(goose, torn);
    expect(saidIn(transcript)).toHaveLength(1);
    expect(transcript.findings.map(({ code, place }) => [code, place?.line])).toEqual([
      ['TORN_RECORD', 3],
    ]);
    expect(spliced(torn, transcript.mends).toString()).toBe(whole);
  });

  it('also where a session begins with a message', () => {
    expect(goose.recognise([header])).toBe(1);
    expect(goose.recognise([message('user', [text('go')])])).toBeGreaterThan(0.5);
    expect(goose.recognise([{ role: 'user', content: 'go' }])).toBe(0);
    expect(saidIn(openBytes(goose, lines([message('user', [text('go')])])))).toHaveLength(1);
  });
});

describe('the database of goose', () => {
  it('lists its sessions and opens them with the rules of their provider', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-goose-'));
    try {
      const path = join(folder, 'sessions.db');
      const db = createDatabase(path);
      db.exec('PRAGMA journal_mode = WAL');
      db.exec(gooseTables);
      db.exec(`INSERT INTO sessions (id, name, working_dir, updated_at, provider_name, model_config_json)
        VALUES ('20260101_1', 'First', '/repo', '2026-01-01 00:00:00', 'anthropic',
          '{"model_name":"claude"}'), ('20260102_1', '', '/x', '2026-01-02 00:00:00', NULL, NULL)`);
      const add = (session: string, role: string, content: unknown, metadata: object): void => {
        const insert = `INSERT INTO messages (session_id, role, content_json, created_timestamp,
          metadata_json) VALUES (?, ?, ?, 1, ?)`;
        const json = typeof content === 'string' ? content : JSON.stringify(content);
        db.prepare(insert).run(session, role, json, JSON.stringify(metadata));
      };
      add('20260101_1', 'user', [text('go')], { agentVisible: true });
      add('20260101_1', 'assistant', [request], {});
      add('20260101_1', 'user', '[{"type":"te', {});
      add('20260101_1', 'user', [text('hidden')], { agentVisible: false });
      db.close();
      const store = openDatabaseStore(path);
      expect(store?.sessions()).toMatchObject([
        { id: '20260102_1', title: null, messages: 0 },
        {
          id: '20260101_1',
          title: 'First',
          cwd: '/repo',
          messages: 4,
          updatedMs: 1_767_225_600_000,
        },
      ]);
      const transcript = store?.open('20260101_1');
      if (transcript === undefined) throw new Error('the session is there');
      expect(transcript).toMatchObject({ profile: 'anthropic', facts: { model: 'claude' } });
      expect(saidIn(transcript).map(({ role }) => role)).toEqual(['user', 'assistant']);
      expect(transcript.sides).toEqual([{ kind: 'compacted', id: null, messages: 1 }]);
      expect(
        transcript.findings.map(({ code, place }) => [code, place?.id, place?.offset]),
      ).toEqual([['MALFORMED_RECORD', '3', null]]);
      store?.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells a session whose row is gone, and rows that are there twice', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-goose-'));
    try {
      const path = join(folder, 'sessions.db');
      const db = createDatabase(path);
      db.exec(gooseTables);
      const insert = `INSERT INTO messages (session_id, role, content_json, created_timestamp)
        VALUES ('s', 'user', ?, 1)`;
      db.exec('PRAGMA foreign_keys = OFF');
      for (const words of ['one', 'two']) db.prepare(insert).run(JSON.stringify([text(words)]));
      db.exec('CREATE TABLE copy AS SELECT * FROM messages; DROP TABLE messages');
      db.exec('ALTER TABLE copy RENAME TO messages');
      db.exec('INSERT INTO messages SELECT * FROM messages WHERE id = 1');
      db.close();
      const store = openDatabaseStore(path);
      expect(store?.sessions()).toMatchObject([{ id: 's', title: null }]);
      const transcript = store?.open('s');
      expect(transcript === undefined ? [] : saidIn(transcript)).toHaveLength(2);
      expect(transcript?.findings.map(({ code, place }) => [code, place?.id])).toEqual([
        ['MISSING_PARENT', 's'],
        ['DUPLICATE_RECORD', '1'],
      ]);
      expect(() => store?.open('t')).toThrow(/No session "t"/);
      store?.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
