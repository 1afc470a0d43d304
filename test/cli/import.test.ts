/** `import`: transcripts of other tools become sessions, all of them or nothing. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptMessages } from '../../src/cli/import/kept.ts';
import {
  place,
  eachInItsPlace,
  fixtures,
  files,
  lines,
  written,
  opened,
  exported,
  broken,
} from './import-lab.ts';

eachInItsPlace();

const whole = files.filter(
  (name) => !broken.some((one) => name.endsWith(`/${one}.jsonl`) && name.startsWith('claude-code')),
);

describe('import', () => {
  test.each(whole)('makes a session of %s, message by message, and only once', async (name) => {
    const path = join(fixtures, name);
    const wanted = [...keptMessages(opened(path).conversation())].map(({ message }) => message);
    const first = await place.lab.run('import', path, '--session', 's1');
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/^s1 is made: \d+ messages? with \d+ calls? \(/m);
    // What JSON cannot tell apart, such as members that are undefined, is the same.
    expect(await exported('s1')).toEqual(JSON.parse(JSON.stringify(wanted)));
    const second = await place.lab.run('import', path, '--session', 's1');
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('s1 has all of it already');
    expect(await exported('s1')).toHaveLength(wanted.length);
  });

  test('keeps what the source tells of itself in the metadata', async () => {
    const name = files.find((file) => file === join('claude-code', 'clean.jsonl'));
    if (name === undefined) throw new Error('There is no clean session of Claude Code');
    const path = join(fixtures, name);
    await place.lab.run('import', path, '--session', 's1');
    const { facts } = opened(path);
    const [entry] = await place.lab.json<{ event: { metadata: Record<string, unknown> } }>(
      'show',
      's1',
    );
    expect(entry?.event.metadata).toMatchObject({
      cwd: facts.cwd,
      import: {
        format: 'claude-code',
        file: path,
        sessionId: facts.sessionId,
        version: facts.version,
        complete: false,
      },
    });
    const [first] = await exported('s1');
    expect(first).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    const last = (await place.lab.json<{ event: { metadata?: object } }>('show', 's1')).at(-1);
    expect(last?.event.metadata).toMatchObject({ import: { complete: true } });
  });

  test('with --json tells everything in one object', async () => {
    const path = written('list.jsonl', ...lines);
    const [told] = await place.lab.json('import', path, '--session', 's1');
    expect(told).toMatchObject({
      schema: 'holdfast.import/1',
      session: 's1',
      file: path,
      format: 'openai-messages',
      messages: 4,
      calls: 1,
      appended: 4,
      standing: 'new',
      complete: true,
      dryRun: false,
      findings: [],
    });
  });

  test('with --dry-run makes nothing, not even a store', async () => {
    const path = written('list.jsonl', ...lines);
    const dry = await place.lab.run('import', path, '--session', 's1', '--dry-run');
    expect([dry.code, dry.stderr]).toEqual([
      0,
      'Would make s1: 4 messages with 1 call (openai-messages)\n',
    ]);
    expect((await place.lab.run('list')).code).toBe(66);
  });

  test('goes on when the file has grown, and appends only what is new', async () => {
    const path = written('list.jsonl', ...lines);
    await place.lab.run('import', path, '--session', 's1');
    appendFileSync(path, `${JSON.stringify({ role: 'user', content: 'More' })}\n`);
    const dry = await place.lab.run('import', path, '--session', 's1', '--dry-run');
    expect(dry.stderr).toContain('4 are there already, 1 to come');
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toContain('4 are there already, 1 appended');
    expect((await exported('s1')).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ]);
  });

  test('has nothing to do when the session went on behind a complete import', async () => {
    const path = written('list.jsonl', ...lines);
    await place.lab.run('import', path, '--session', 's1');
    await place.lab.conversation('s1', 'and on');
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toContain('nothing to do');
    expect(await exported('s1')).toHaveLength(5);
  });

  test.each([
    ['a session that was not imported', 'holds another conversation', false],
    ['another import', 'holds another conversation', true],
  ])('refuses %s and leaves it as it is', async (_, told, isImport) => {
    if (isImport) {
      const other = written('other.jsonl', { role: 'user', content: 'Other' }, ...lines);
      await place.lab.run('import', other, '--session', 's1');
    } else await place.lab.conversation('s1', 'Hello');
    const before = (await place.lab.run('show', 's1', '--json')).stdout;
    const path = written('list.jsonl', ...lines);
    for (const more of [[], ['--remove-part'], ['--dry-run']]) {
      const { code, stderr } = await place.lab.run('import', path, '--session', 's1', ...more);
      expect(code).toBe(64);
      expect(stderr).toContain(told);
    }
    expect((await place.lab.run('show', 's1', '--json')).stdout).toBe(before);
  });

  test('refuses what is no transcript, and names the formats', async () => {
    const path = join(place.directory, 'notes.txt');
    writeFileSync(path, 'Buy milk.\n');
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1');
    expect(code).toBe(64);
    expect(stderr).toContain('claude-code');
    expect((await place.lab.run('list')).code).toBe(66);
  });

  test('imports nothing when one message cannot be kept, and says which', async () => {
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown;
    const call = { type: 'tool_use', id: 'c1', name: 'ls', input: { deep } };
    const path = written(
      'list.jsonl',
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: [call] },
    );
    const { code, stderr } = await place.lab.run('import', path, '--session', 's1');
    expect(code).toBe(64);
    expect(stderr).toContain('Nothing was imported: message 2 (line 2) cannot be kept');
    expect((await place.lab.run('list')).code).toBe(66);
  });

  test.each([
    [['--session', 'a b'], '--session is "a b"'],
    [['--session', 's1', '--from-session', 'x'], '--from-session is for stores of several'],
    [['--session', 's1', '--dry-run', '--remove-part'], 'give one of them'],
    [['--session', 's1', '--remove-part'], 'Session "s1" is not there; only a part is removed'],
  ])('is refused with %j', async (words, told) => {
    const path = written('list.jsonl', ...lines);
    const { code, stderr } = await place.lab.run('import', path, ...words);
    expect(code).toBe(64);
    expect(stderr).toContain(told);
  });
});
