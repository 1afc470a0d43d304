/** `import`: transcripts of other tools become sessions, all of them or nothing. */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/cli/engine.ts';
import { Stopped } from '../../src/cli/io.ts';
import { keptMessages } from '../../src/cli/import/kept.ts';
import type { Message } from '../../src/session/message.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import type { Transcript } from '../../src/transcript/transcript.ts';
import type { Session } from '../../src/store/api.ts';
import { runIn, runWith } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { CliStore } from '../helpers/cli-store.ts';
import { createDatabase, gooseTables } from '../helpers/sqlite-files.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/transcripts', import.meta.url));
const folders = readdirSync(fixtures).filter((name) => !['bytes', 'findings'].includes(name));
const files = folders.flatMap((folder) =>
  readdirSync(join(fixtures, folder))
    .filter((name) => /\.jsonl?$/.test(name) && !name.endsWith('.expected.json'))
    .map((name) => join(folder, name)),
);

const lines = [
  { role: 'user', content: 'Hello' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'a b' },
  { role: 'assistant', content: 'Done' },
];

let lab: CliStore;
let directory: string;
beforeEach(async () => {
  lab = await CliStore.start();
  directory = mkdtempSync(join(tmpdir(), 'holdfast-import-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function written(name: string, ...values: readonly unknown[]): string {
  const path = join(directory, name);
  writeFileSync(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  return path;
}

function opened(path: string): Transcript {
  const walk = openTranscript(bytesSource(readFileSync(path)));
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

async function exported(id: string): Promise<Message[]> {
  const { stdout } = await lab.run('export', id);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Message);
}

/** Runs words, and stops them as Ctrl-C would once so many groups are appended. */
async function stoppedBehindGroup(groups: number, words: readonly string[]): Promise<Told> {
  const stop = new AbortController();
  const world = lab.world({ signal: stop.signal });
  let left = groups;
  const openStore: Engine['openStore'] = async (root, options) => {
    const store = await world.engine.openStore(root, options);
    return watched(store, 'openSession', (session: Session) =>
      watched(session, 'appendAll', (done: unknown) => {
        left -= 1;
        if (left === 0) stop.abort(new Stopped('SIGINT'));
        return done;
      }),
    );
  };
  const told = runIn({ ...world, engine: { ...world.engine, openStore } }, ...words);
  return lab.machine.run(told);
}

/** The same object; what this method resolves to goes through `look` first. */
function watched<T extends object, Name extends keyof T, R>(
  target: T,
  name: Name,
  look: (result: R) => R,
): T {
  return new Proxy(target, {
    get: (_, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      const call = member.bind(target) as (...values: readonly unknown[]) => unknown;
      if (key !== name) return call;
      return async (...values: readonly unknown[]) => look((await call(...values)) as R);
    },
  });
}

/** Of these more is taken than is read; a test of their own says what. */
const broken = ['missing-parent', 'parent-cycle'];
const whole = files.filter(
  (name) => !broken.some((one) => name.endsWith(`/${one}.jsonl`) && name.startsWith('claude-code')),
);

describe('import', () => {
  test.each(whole)('makes a session of %s, message by message, and only once', async (name) => {
    const path = join(fixtures, name);
    const wanted = [...keptMessages(opened(path).conversation())].map(({ message }) => message);
    const first = await lab.run('import', path, '--session', 's1');
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/^s1 is made: \d+ messages? with \d+ calls? \(/m);
    // What JSON cannot tell apart, such as members that are undefined, is the same.
    expect(await exported('s1')).toEqual(JSON.parse(JSON.stringify(wanted)));
    const second = await lab.run('import', path, '--session', 's1');
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('s1 has all of it already');
    expect(await exported('s1')).toHaveLength(wanted.length);
  });

  test('keeps what the source tells of itself in the metadata', async () => {
    const name = files.find((file) => file === join('claude-code', 'clean.jsonl'));
    if (name === undefined) throw new Error('There is no clean session of Claude Code');
    const path = join(fixtures, name);
    await lab.run('import', path, '--session', 's1');
    const { facts } = opened(path);
    const [entry] = await lab.json<{ event: { metadata: Record<string, unknown> } }>('show', 's1');
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
    const last = (await lab.json<{ event: { metadata?: object } }>('show', 's1')).at(-1);
    expect(last?.event.metadata).toMatchObject({ import: { complete: true } });
  });

  test('with --json tells everything in one object', async () => {
    const path = written('list.jsonl', ...lines);
    const [told] = await lab.json('import', path, '--session', 's1');
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
    const dry = await lab.run('import', path, '--session', 's1', '--dry-run');
    expect([dry.code, dry.stderr]).toEqual([
      0,
      'Would make s1: 4 messages with 1 call (openai-messages)\n',
    ]);
    expect((await lab.run('list')).code).toBe(66);
  });

  test('goes on when the file has grown, and appends only what is new', async () => {
    const path = written('list.jsonl', ...lines);
    await lab.run('import', path, '--session', 's1');
    appendFileSync(path, `${JSON.stringify({ role: 'user', content: 'More' })}\n`);
    const dry = await lab.run('import', path, '--session', 's1', '--dry-run');
    expect(dry.stderr).toContain('4 are there already, 1 to come');
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
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
    await lab.run('import', path, '--session', 's1');
    await lab.conversation('s1', 'and on');
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
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
      await lab.run('import', other, '--session', 's1');
    } else await lab.conversation('s1', 'Hello');
    const before = (await lab.run('show', 's1', '--json')).stdout;
    const path = written('list.jsonl', ...lines);
    for (const more of [[], ['--remove-part'], ['--dry-run']]) {
      const { code, stderr } = await lab.run('import', path, '--session', 's1', ...more);
      expect(code).toBe(64);
      expect(stderr).toContain(told);
    }
    expect((await lab.run('show', 's1', '--json')).stdout).toBe(before);
  });

  test('reads a damaged file as far as it can be read, and says what is lost', async () => {
    const path = written('list.jsonl', ...lines);
    appendFileSync(path, '{"role":"user","content":"cut sh');
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toMatch(/read as far as it can be:\n +(error|warning) TORN_RECORD line 5/);
    expect(await exported('s1')).toHaveLength(4);
  });

  test('tells of zeros over a part of a text, and takes the text with a mark', async () => {
    const said = { role: 'user', content: 'It is 100 dollars.' };
    const path = join(directory, 'zeros.json');
    writeFileSync(path, JSON.stringify([said]).replace('00', '\0\0'));
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(0);
    expect(stderr).toContain('read as far as it can be');
    expect(stderr).toContain('2 zero bytes stand in a string');
    expect(stderr).toContain('Put U+FFFD in their place; what they took of the text is lost.');
    const content = [{ type: 'text', text: 'It is 1\uFFFD dollars.' }];
    expect(await exported('s1')).toMatchObject([{ role: 'user', content }]);
  });

  test.each(broken)(
    'takes what stands in front of a break, as the plan does, and tells the guess: %s',
    async (name) => {
      const path = join(fixtures, 'claude-code', `${name}.jsonl`);
      const mended = join(directory, 'mended.jsonl');
      await runWith({}, 'recover', 'apply', path, '--to', mended);
      const wanted = [...keptMessages(opened(mended).conversation())].map(({ message }) => message);
      expect(wanted).not.toEqual(
        [...keptMessages(opened(path).conversation())].map(({ message }) => message),
      );
      const told = await lab.run('import', path, '--session', 's1');
      expect(told.code).toBe(0);
      expect(told.stderr).toMatch(
        /\d links? made anew, so that .* is taken too:\n +line \d+: The record/,
      );
      expect(await exported('s1')).toEqual(JSON.parse(JSON.stringify(wanted)));
      const [again] = await lab.json<{ joints: object[]; broken: object[]; standing: string }>(
        'import',
        path,
        '--session',
        's1',
      );
      expect(again).toMatchObject({ standing: 'complete', broken: [] });
      expect(again?.joints).toMatchObject([{ code: expect.stringMatching(/PARENT/) as string }]);
    },
  );

  test('tells what stays broken where not every break can be joined', async () => {
    const records = Array.from({ length: 4000 }, (_, index) => {
      const uuid = `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;
      const message = { role: 'user', content: `text ${index}` };
      return { parentUuid: uuid, sessionId: 's', type: 'user', message, uuid, timestamp: '' };
    });
    const path = written('circles.jsonl', ...records);
    const { code, stderr } = await lab.run('import', path, '--session', 's1', '--dry-run');
    expect(code).toBe(0);
    expect(stderr).toContain('What stays broken, and is not taken:');
    expect(stderr).toMatch(/error PARENT_CYCLE/);
  });

  test('keeps the system prompt of a request, and export gives it back', async () => {
    const system = [{ type: 'text', text: 'Be brief.' }];
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
    ];
    const path = join(directory, 'body.json');
    const isOne = { model: 'claude-sonnet-4-5', max_tokens: 9 };
    writeFileSync(path, JSON.stringify({ ...isOne, system, messages }));
    await lab.run('import', path, '--session', 's1');
    const { stdout } = await lab.run('export', 's1', '--format', 'anthropic');
    expect(JSON.parse(stdout)).toEqual({ system, messages });
  });

  test('refuses what is no transcript, and names the formats', async () => {
    const path = join(directory, 'notes.txt');
    writeFileSync(path, 'Buy milk.\n');
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(64);
    expect(stderr).toContain('claude-code');
    expect((await lab.run('list')).code).toBe(66);
  });

  test('imports nothing when one message cannot be kept, and says which', async () => {
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown;
    const call = { type: 'tool_use', id: 'c1', name: 'ls', input: { deep } };
    const path = written(
      'list.jsonl',
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: [call] },
    );
    const { code, stderr } = await lab.run('import', path, '--session', 's1');
    expect(code).toBe(64);
    expect(stderr).toContain('Nothing was imported: message 2 (line 2) cannot be kept');
    expect((await lab.run('list')).code).toBe(66);
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
    expect((await lab.run('import', path, '--session', 's1')).code).toBe(0);
    expect((await exported('s1'))[2]?.content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'c1',
        content: [{ type: 'json', value: { found: 2 } }],
      },
    ]);
    const { stdout } = await lab.run('export', 's1', '--format', 'anthropic');
    expect(stdout).toContain('{\\"found\\":2}');
  });

  test('gives ids to calls that have none, and to their results in the order of the calls', async () => {
    const called = { functionCall: { name: 'read', args: {} } };
    const answer = (output: string): object => ({
      functionResponse: { name: 'read', response: { output } },
    });
    const path = join(directory, 'checkpoint.json');
    const contents = [
      { role: 'user', parts: [{ text: 'Read both' }] },
      { role: 'model', parts: [called, called] },
      { role: 'user', parts: [answer('one'), answer('two')] },
    ];
    writeFileSync(path, JSON.stringify(contents));
    expect((await lab.run('import', path, '--session', 's1')).code).toBe(0);
    const blocks = (await exported('s1')).flatMap(({ content }) => content as object[]);
    expect(blocks.slice(1)).toMatchObject([
      { type: 'tool_use', id: 'imported-call-1' },
      { type: 'tool_use', id: 'imported-call-2' },
      { type: 'tool_result', tool_use_id: 'imported-call-1' },
      { type: 'tool_result', tool_use_id: 'imported-call-2' },
    ]);
    const { code, stderr } = await lab.run('export', 's1', '--format', 'anthropic');
    expect([code, stderr]).toEqual([0, '']);
  });

  test('asks which session of a database is meant, and takes it', async () => {
    const path = join(directory, 'sessions.db');
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
    const asked = await lab.run('import', path, '--session', 's1');
    expect(asked.code).toBe(64);
    expect(asked.stderr).toMatch(/FILE holds 2 sessions; choose one with --from-session:\n {2}\w+/);
    expect(asked.stderr).toContain('one  Session one');
    const taken = await lab.run('import', path, '--session', 's1', '--from-session', 'two');
    expect([taken.code, taken.stderr]).toEqual([0, 's1 is made: 1 message with 0 calls (goose)\n']);
    expect((await exported('s1'))[0]?.content).toEqual([{ type: 'text', text: 'Say two' }]);
    const none = await lab.run('import', path, '--session', 's2', '--from-session', 'three');
    expect(none.code).toBe(66);
  });

  test('that is stopped says what is there; it goes on, or is removed, as one asks', async () => {
    const many = Array.from({ length: 2500 }, (_, index) => {
      return { role: index % 2 === 0 ? 'user' : 'assistant', content: `message ${index}` };
    });
    const path = written('list.jsonl', ...many);
    const words = ['import', path, '--session', 's1'];
    const stopped = await stoppedBehindGroup(1, words);
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('s1 has 1,024 of 2,500 messages; the same command goes on');
    const again = await stoppedBehindGroup(1, words);
    expect(again.stderr).toContain('s1 has 2,048 of 2,500 messages');
    const removed = await lab.run(...words, '--remove-part');
    expect([removed.code, removed.stderr]).toEqual([0, 's1 is removed: 2,048 messages\n']);
    expect((await lab.run('export', 's1')).code).toBe(66);
    await stoppedBehindGroup(2, words);
    const end = await lab.run(...words);
    expect(end.stderr).toContain('2,048 are there already, 452 appended');
    const texts = (await exported('s1')).map(({ content }) => content);
    expect(texts).toEqual(many.map(({ content }) => [{ type: 'text', text: content }]));
  });

  test('is refused, and removes nothing, when somebody has added to a part', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => ({
      role: 'user',
      content: `${index}`,
    }));
    const path = written('list.jsonl', ...many);
    const words = ['import', path, '--session', 's1'];
    await stoppedBehindGroup(1, words);
    await lab.conversation('s1', 'mine');
    for (const more of [[], ['--remove-part']]) {
      const { code, stderr } = await lab.run(...words, ...more);
      expect(code).toBe(64);
      expect(stderr).toContain('holds a part of another import, or more than that');
    }
    expect(await exported('s1')).toHaveLength(1025);
  });

  test.each([
    [['--session', 'a b'], '--session is "a b"'],
    [['--session', 's1', '--from-session', 'x'], '--from-session is for stores of several'],
    [['--session', 's1', '--dry-run', '--remove-part'], 'give one of them'],
    [['--session', 's1', '--remove-part'], 'Session "s1" is not there; only a part is removed'],
  ])('is refused with %j', async (words, told) => {
    const path = written('list.jsonl', ...lines);
    const { code, stderr } = await lab.run('import', path, ...words);
    expect(code).toBe(64);
    expect(stderr).toContain(told);
  });
});
