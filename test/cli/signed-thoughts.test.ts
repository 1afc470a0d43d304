/** A signature vouches for what was signed: what damage changed goes back to no provider as signed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runWith } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-signed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const recover = (...words: readonly string[]): Promise<Told> => runWith({}, 'recover', ...words);
const signature = 'c2lnbmF0dXJl';

function record(role: 'user' | 'assistant', uuid: string, parent: string | null, content: unknown) {
  const model = role === 'assistant' ? { id: `m-${uuid}`, model: 'claude-opus-4-5' } : {};
  return {
    parentUuid: parent,
    type: role,
    uuid,
    sessionId: 's',
    message: { role, content, ...model },
  };
}

const call = { type: 'tool_use', id: 't1', name: 'Bash', input: {} };
const result = { type: 'tool_result', tool_use_id: 't1', content: 'ok' };

/** Two turns that think; `@` is a zero byte and `#` a byte that is no UTF-8. */
function session(thinking: string, signed: string, turns: 'latest' | 'older'): Buffer {
  const block = { type: 'thinking', thinking, signature: signed };
  const records = [
    record('user', 'u1', null, 'Look.'),
    record('assistant', 'a1', 'u1', [block, call]),
    record('user', 'u2', 'a1', [result]),
    ...(turns === 'latest'
      ? []
      : [record('assistant', 'a2', 'u2', 'Done.'), record('user', 'u3', 'a2', 'Thanks.')]),
  ];
  const text = `${records.map((each) => JSON.stringify(each)).join('\n')}\n`;
  return Buffer.from(
    Buffer.from(text).map((value) => (value === 0x40 ? 0 : value === 0x23 ? 0xff : value)),
  );
}

async function mended(name: string, bytes: Buffer): Promise<string> {
  const path = join(folder, name);
  const to = join(folder, `mended-${name}`);
  writeFileSync(path, bytes);
  await recover('apply', path, '--to', to);
  return readFileSync(to, 'latin1');
}

describe('recover apply', () => {
  test.each([
    ['zeros in a signed thought', 'a long TH@@@HT', signature],
    ['zeros in a signature', 'a long THOUGHT', 'c2lnb@@@dXJl'],
    ['bytes in a signed thought that are no text', 'a long # THOUGHT', signature],
    ['bytes in a signature that are no text', 'a long THOUGHT', 'c2lnb#dXJl'],
  ])('%s never leave a signed thought in the turn that goes on', async (_name, words, signed) => {
    const text = await mended('latest.jsonl', session(words, signed, 'latest'));
    expect(text).not.toContain('"signature"');
    expect(text).toContain('{"type":"text","text":"a long ');
    expect((await recover('verify', join(folder, 'mended-latest.jsonl'))).code).toBe(0);
    expect((await recover('plan', join(folder, 'mended-latest.jsonl'))).code).toBe(0);
  });

  test('zeros in a signed thought of an older turn take the thought along', async () => {
    const text = await mended('older.jsonl', session('a long TH@@@HT', signature, 'older'));
    expect(text).not.toContain('thinking');
    expect(text).toContain('"tool_use"');
    expect((await recover('verify', join(folder, 'mended-older.jsonl'))).code).toBe(0);
  });

  test('U+FFFD that a model wrote itself stays signed', async () => {
    const path = join(folder, 'sound.jsonl');
    writeFileSync(path, session('a \uFFFD in the file', signature, 'latest'));
    expect((await recover('plan', path)).stdout).toContain('nothing to do');
    expect((await recover('verify', path)).code).toBe(0);
  });

  test('a member of that name in the arguments of a call is no signature', async () => {
    const input = { type: 'object', text: 'on@@e', signature: 'f(x)' };
    const text = `${JSON.stringify(record('user', 'u1', null, 'Look.'))}\n${JSON.stringify(
      record('assistant', 'a1', 'u1', [{ ...call, input }]),
    )}\n${JSON.stringify(record('user', 'u2', 'a1', [result]))}\n`;
    const bytes = Buffer.from(text).map((value) => (value === 0x40 ? 0 : value));
    expect(await mended('input.jsonl', Buffer.from(bytes))).toContain('"signature":"f(x)"');
  });

  test('of a list, the same holds', async () => {
    const list = [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'TH@@T', signature }, call] },
      { role: 'user', content: [result] },
    ];
    const bytes = Buffer.from(JSON.stringify(list)).map((value) => (value === 0x40 ? 0 : value));
    const text = await mended('list.json', Buffer.from(bytes));
    expect(text).not.toContain('"signature"');
    expect((await recover('verify', join(folder, 'mended-list.json'))).code).toBe(0);
  });

  test('a reasoning item whose encrypted content lost bytes does not go back', async () => {
    const item = (payload: object): string =>
      JSON.stringify({ timestamp: '2026-01-01T00:00:00.000Z', type: 'response_item', payload });
    const said = (role: string, type: string, text: string): string =>
      item({ type: 'message', role, content: [{ type, text }] });
    const meta = {
      id: 's',
      timestamp: '2026-01-01T00:00:00.000Z',
      cwd: '/w',
      cli_version: '0.50.0',
    };
    const lines = [
      JSON.stringify({ timestamp: meta.timestamp, type: 'session_meta', payload: meta }),
      said('user', 'input_text', 'Look.'),
      item({ type: 'reasoning', summary: [], encrypted_content: 'gAA@@AA' }),
      said('assistant', 'output_text', 'Done.'),
    ];
    const bytes = Buffer.from(`${lines.join('\n')}\n`).map((value) => (value === 0x40 ? 0 : value));
    const text = await mended('rollout.jsonl', Buffer.from(bytes));
    expect(text).not.toContain('encrypted_content');
    expect(text).toContain('Done.');
    expect((await recover('verify', join(folder, 'mended-rollout.jsonl'))).code).toBe(0);
  });
});
