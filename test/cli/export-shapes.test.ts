/** `export` of a session in the shapes that providers take. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { providerFormatNames } from '../../src/provider/formats.ts';
import type { NewMessage } from '../../src/session/message.ts';
import { runWith } from '../helpers/cli.ts';
import { CliStore } from '../helpers/cli-store.ts';
import { call, image, result } from '../helpers/written-history.ts';

const unknown =
  'Nobody recorded the outcome of this call; it may have run. Check before running it again.';

const healthy: readonly NewMessage[] = [
  { role: 'user', content: 'List it' },
  { role: 'assistant', content: [call('c1', { path: '.' })], model: 'gemini-2.5-pro' },
  { role: 'user', content: [result('c1', 'a b')] },
  { role: 'assistant', content: 'Two files.', model: 'gemini-2.5-pro' },
];
const broken: readonly NewMessage[] = [
  ...healthy,
  { role: 'user', content: 'Now delete them' },
  { role: 'assistant', content: [call('c2', { path: 'a' })], model: 'gemini-2.5-pro' },
  { role: 'user', content: 'Stop!' },
];

let lab: CliStore;
let directory: string;
beforeEach(async () => {
  lab = await CliStore.start();
  directory = mkdtempSync(join(tmpdir(), 'holdfast-shapes-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function session(id: string, messages: readonly NewMessage[]): Promise<void> {
  const store = await lab.machine.open({}, `writer of ${id}`);
  const opened = await lab.machine.run(store.openSession(id, { create: true }));
  await lab.machine.run(opened.appendAll(messages));
  await lab.machine.run(store.close());
}

/** The messages of a session by role and blocks; `name` on a result is what Gemini adds. */
async function saidIn(id: string): Promise<unknown[]> {
  const { stdout } = await lab.run('export', id);
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => {
    const { role, content } = JSON.parse(line) as NewMessage;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return { role, content: blocks.map((block) => unnamed(block)) };
  });
}

function unnamed(block: { readonly type: string }): unknown {
  const { name, ...rest } = block as { readonly type: string; readonly name?: unknown };
  return block.type === 'tool_result' ? rest : { ...rest, name };
}

describe('export --format', () => {
  test.each(providerFormatNames)('%s gives a healthy session without a word', async (format) => {
    await session('s1', healthy);
    const { code, stdout, stderr } = await lab.run('export', 's1', '--format', format);
    expect([code, stderr]).toEqual([0, '']);
    const text = JSON.stringify(JSON.parse(stdout));
    for (const word of ['List it', 'c1', 'a b', 'Two files.']) expect(text).toContain(word);
  });

  test('anthropic mends what is written, says what, and leaves the session as it is', async () => {
    await session('s1', broken);
    const before = (await lab.run('export', 's1')).stdout;
    const { code, stdout, stderr } = await lab.run('export', 's1', '--format', 'anthropic');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^Changed in what is written, not in the session: \d+ edits? for anthropic, annotate\n {2}DANGLING_TOOL_CALL: /,
    );
    expect(JSON.parse(stdout)).toEqual({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'List it' }] },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'c1', name: 'run', input: { path: '.' } }],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'a b' }],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'Two files.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Now delete them' }] },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'c2', name: 'run', input: { path: 'a' } }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c2', content: unknown, is_error: true },
            { type: 'text', text: 'Stop!' },
          ],
        },
      ],
    });
    expect((await lab.run('export', 's1')).stdout).toBe(before);
  });

  test('with --policy drop takes the call away and names what is lost', async () => {
    await session('s1', broken);
    const words = ['--format', 'openai-chat', '--policy', 'drop'];
    const { code, stdout, stderr } = await lab.run('export', 's1', ...words);
    expect(code).toBe(0);
    expect(stdout).not.toContain('c2');
    expect(stderr).toContain('  lost: call ');
  });

  test('tells the model that a call which was announced and has no outcome may have run, and that one which never was did not', async () => {
    const store = await lab.machine.open({}, 'agent');
    const opened = await lab.machine.run(store.openSession('s1', { create: true }));
    await lab.machine.run(
      opened.appendAll([
        { role: 'user', content: 'Do both' },
        { role: 'assistant', content: [call('begun'), call('waiting')] },
      ]),
    );
    await lab.machine.run(opened.intend({ id: 'begun', name: 'run' }));
    await lab.machine.run(store.close());
    const { stdout } = await lab.run('export', 's1', '--format', 'openai-responses');
    const items = JSON.parse(stdout) as { readonly call_id?: string; readonly output?: string }[];
    const outputs = items.flatMap(({ call_id: id, output }) => (output ? [[id, output]] : []));
    expect(outputs).toEqual([
      ['begun', unknown],
      ['waiting', expect.stringContaining('This call was never started')],
    ]);
  });

  test('says what the shape has no place for', async () => {
    await session('s1', [
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 's' },
          { type: 'novelty' },
          { type: 'text', text: 'Done' },
        ],
      },
    ]);
    const { stderr } = await lab.run('export', 's1', '--format', 'openai-chat');
    expect(stderr).toBe(
      'Left out: 2 blocks that the shape has no place for\n' +
        '  thinking: Chat Completions has no place for it\n  novelty: Chat Completions has no place for it\n',
    );
  });

  test('with --json gives the shape and a result that tells everything', async () => {
    await session('s1', broken);
    const lines = await lab.json<Record<string, unknown>>('export', 's1', '--format', 'ai-sdk');
    expect(lines.map(({ kind }) => kind)).toEqual(['shape', 'result']);
    expect(lines[0]?.['value']).toHaveLength(8);
    expect(lines[1]).toMatchObject({
      schema: 'holdfast.export/1',
      session: 's1',
      format: 'ai-sdk',
      messages: 7,
      firstSeq: 1,
      policy: 'annotate',
      edits: [{ reason: 'DANGLING_TOOL_CALL' }],
      leftOut: [],
      to: null,
    });
  });

  test('counts the messages that the file has, with what a repair added', async () => {
    await session('s1', broken);
    for (const format of providerFormatNames) {
      const to = join(directory, `${format}.json`);
      const { stderr } = await lab.run('export', 's1', '--format', format, '--to', to);
      const value = JSON.parse(readFileSync(to, 'utf8')) as Record<string, unknown[]>;
      const list = Array.isArray(value) ? value : (value['messages'] ?? value['contents']);
      const count =
        list === undefined ? `${value['input']?.length} items` : `${list.length} messages`;
      expect(stderr, format).toMatch(
        /\n(?:7 messages of the session as )?\d+ (?:messages|items) in /,
      );
      expect(stderr, format).toContain(`${count} in ${to}\n`);
    }
  });

  test('with --to makes a new file that is JSON, with a message a line', async () => {
    await session('s1', healthy);
    const to = join(directory, 'out.json');
    const { code, stdout, stderr } = await lab.run(
      'export',
      's1',
      '--format',
      'gemini',
      '--to',
      to,
    );
    expect([code, stdout, stderr]).toEqual([0, '', `4 messages in ${to}\n`]);
    const text = readFileSync(to, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ contents: [{ role: 'user' }, {}, {}, {}] });
    expect(text.split('\n').filter((line) => line.includes('"role"'))).toHaveLength(4);
  });

  test.each(providerFormatNames.filter((name) => name !== 'ai-sdk-ui'))(
    '%s is verified, and imported as the messages that it was',
    async (format) => {
      await session('s1', healthy);
      const to = join(directory, 'out.json');
      expect((await lab.run('export', 's1', '--format', format, '--to', to)).code).toBe(0);
      const verified = await lab.run('recover', 'verify', to);
      expect([verified.code, verified.stderr]).toEqual([0, '']);
      expect((await lab.run('import', to, '--session', 's2')).code).toBe(0);
      expect(await saidIn('s2')).toEqual(await saidIn('s1'));
    },
  );

  test('gemini gives a request of Gemini back with its responses, and tells each stand-in', async () => {
    const part = { functionResponse: { name: 'f', response: { rows: [1], ok: true } } };
    const model = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] };
    const asked = { role: 'user', parts: [{ text: 'Go' }] };
    const request = [asked, model, { role: 'user', parts: [part] }];
    const answer = { role: 'model', parts: [{ text: 'Done' }] };
    for (const [id, end] of [
      ['open', []],
      ['ended', [answer]],
    ] as const) {
      const path = join(directory, `${id}.json`);
      writeFileSync(path, JSON.stringify({ contents: [...request, ...end] }));
      expect((await lab.run('import', path, '--session', id)).code).toBe(0);
      const { stdout, stderr } = await lab.run('export', id, '--format', 'gemini');
      expect(stdout).toContain('"response":{"rows":[1],"ok":true}');
      const isTold = stderr.includes('MISSING_THOUGHT_SIGNATURE');
      expect([stdout.includes('skip_thought_signature_validator'), isTold]).toEqual([
        id === 'open',
        id === 'open',
      ]);
    }
  });

  test('refuses what no plan mends, and writes nothing', async () => {
    await session('s1', [{ role: 'user', content: Array.from({ length: 101 }, () => image) }]);
    const { code, stdout, stderr } = await lab.run('export', 's1', '--format', 'anthropic');
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain('Cannot export: ');
  });

  test.each([
    [['--format', 'anthropic', '--all'], '--all is for jsonl and markdown'],
    [['--policy', 'drop'], '--policy is for the shapes of providers, not for jsonl'],
  ])('is refused with %j', async (words, told) => {
    await session('s1', healthy);
    const { code, stderr } = await lab.run('export', 's1', ...words);
    expect(code).toBe(64);
    expect(stderr).toContain(told);
  });
});

describe('what export writes', () => {
  const open: readonly NewMessage[] = [
    { role: 'user', content: 'Now delete them' },
    { role: 'assistant', content: [call('c2', { path: 'a' }), call('c3', { path: 'b' })] },
    { role: 'user', content: [result('c2', 'gone')] },
  ];

  test.each(providerFormatNames)(
    '%s of a session with open calls verifies clean',
    async (format) => {
      await session('s1', open);
      const { code, stdout } = await lab.run('export', 's1', '--format', format);
      expect(code).toBe(0);
      const path = join(directory, 'request.json');
      writeFileSync(path, stdout);
      const told = await runWith({}, 'recover', 'verify', path);
      expect(told.stdout).toContain('clean for ');
      expect(told.code).toBe(0);
    },
  );
});
