/** `holdfast append` against a session that can be made to fail at any place. */
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { Stopped } from '../../src/cli/io.ts';
import { chunksOf, FakeSession, Memory, runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { CliStore } from '../helpers/cli-store.ts';

const line = (content: string): string => `${JSON.stringify({ role: 'user', content })}\n`;
const nested = '['.repeat(200) + ']'.repeat(200);
const words = ['append', '--session', 's1', '--quiet'];

function world(session: FakeSession, input: string | AsyncIterable<Uint8Array>) {
  return worldOf({ engine: session.asEngine(), input });
}

describe('append', () => {
  test('append answers each line with its number and seq, in order', async () => {
    const session = new FakeSession();
    const told = await runIn(world(session, line('a') + line('ü😀') + line('c')), ...words);
    const answers = '{"line":1,"seq":1}\n{"line":2,"seq":2}\n{"line":3,"seq":3}\n';
    expect(told).toEqual({ code: 0, stdout: answers, stderr: '' });
    expect(session.messages.map(({ content }) => content)).toEqual(['a', 'ü😀', 'c']);
    expect(session.closed).toBe(true);
    expect(session.flushed).toBe(1);
  });

  test('append passes the durability on', async () => {
    const session = new FakeSession();
    await runIn(world(session, line('a')), ...words);
    const other = new FakeSession();
    await runIn(world(other, line('b')), ...words, '--durability', 'batched');
    expect([session.durabilities, other.durabilities]).toEqual([['durable'], ['batched']]);
  });

  test('append takes a last line without its end, empty lines and a byte order mark', async () => {
    const session = new FakeSession();
    const told = await runIn(
      world(session, `\ufeff${line('a')}\n  \r\n${line('b').trim()}`),
      ...words,
    );
    expect(told.stdout).toBe('{"line":1,"seq":1}\n{"line":4,"seq":2}\n');
    expect(told.code).toBe(0);
  });

  test.each([
    ['not json', 'it is not JSON'],
    ['{"role":"user"', 'it is not JSON'],
    ['{"content":"no role"}', 'role'],
    ['[1,2]', 'message'],
    ['{"role":"user","content":[{"no":"type"}]}', 'content[0]'],
    [`{"role":"user","content":"","deep":${nested}}`, 'nested deeper'],
  ])('append stops at the bad line %.40s and names it', async (bad, reason) => {
    const session = new FakeSession();
    const told = await runIn(
      world(session, `${line('a')}${line('b')}${bad}\n${line('c')}`),
      ...words,
    );
    expect(told.code).toBe(64);
    expect(told.stdout).toBe('{"line":1,"seq":1}\n{"line":2,"seq":2}\n');
    expect(told.stderr).toContain('line 3: ');
    expect(told.stderr).toContain(reason);
    expect(session.messages).toHaveLength(2);
  });

  test('append tells a program with --json what became of each line, and of the whole', async () => {
    const session = new FakeSession();
    const input = `${line('a')}nonsense\n${line('b')}`;
    const told = await runIn(world(session, input), ...words, '--json', '--skip-invalid');
    expect(told).toMatchObject({ code: 0, stderr: '' });
    const lines = told.stdout.trim().split('\n');
    const objects = lines.map((text) => JSON.parse(text) as { kind: string });
    expect(objects.filter(({ kind }) => kind === 'acknowledged')).toEqual([
      { schema: 'holdfast.append/1', kind: 'acknowledged', line: 1, seq: 1, durable: true },
      { schema: 'holdfast.append/1', kind: 'acknowledged', line: 3, seq: 2, durable: true },
    ]);
    expect(objects.find(({ kind }) => kind === 'refused')).toMatchObject({
      line: 2,
      reason: expect.stringContaining('not JSON'),
    });
    expect(objects.at(-1)).toEqual({
      schema: 'holdfast.append/1',
      kind: 'result',
      session: 's1',
      appended: 2,
      refused: 1,
      firstSeq: 1,
      lastSeq: 2,
      durable: true,
      stoppedAt: null,
    });
  });

  test('append --skip-invalid tells what became of each line in the order of the lines', async () => {
    const session = new FakeSession();
    session.before = (messages) => {
      if (!messages.some(({ content }) => content === 'no')) return;
      throw new HoldfastError('TOO_LARGE', 'It is too large', { bytes: 2, bytesMax: 1 });
    };
    const bad = 'nonsense\n';
    const input = `${bad}${line('a')}${bad}${bad}${line('no')}${line('b')}${bad}${line('c')}${bad}`;
    const all = [...words, '--json', '--skip-invalid'];
    const chunks = (async function* () {
      yield new TextEncoder().encode(input);
    })();
    const told = await runIn(world(session, chunks), ...all);
    const objects = told.stdout.trim().split('\n');
    const kinds = objects.map((text) => JSON.parse(text) as { kind: string; line: number });
    expect(kinds.slice(0, -1).map(({ line: number }) => number)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(kinds.filter(({ kind }) => kind === 'refused').map((one) => one.line)).toEqual([
      1, 3, 4, 5, 7, 9,
    ]);
    expect(kinds.at(-1)).toMatchObject({
      kind: 'result',
      appended: 3,
      refused: 6,
      stoppedAt: null,
    });
  });

  test('append ends with a result with --json also at a bad line, and when nothing came', async () => {
    const last = ({ stdout }: { readonly stdout: string }): unknown =>
      JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    const batched = ['--json', '--durability', 'batched'];
    const stopped = await runIn(
      world(new FakeSession(), `${line('a')}nonsense\n${line('b')}`),
      ...words,
      ...batched,
    );
    expect(stopped).toMatchObject({ code: 64, stderr: '' });
    expect(stopped.stdout).toContain('"line":1,"seq":1,"durable":false}');
    expect(last(stopped)).toMatchObject({ appended: 1, refused: 1, lastSeq: 1, stoppedAt: 2 });
    const empty = await runIn(world(new FakeSession(), ''), ...words, '--json');
    expect(empty.code).toBe(0);
    expect(last(empty)).toMatchObject({ appended: 0, firstSeq: null, lastSeq: null });
  });

  test('append refuses a line that is not UTF-8', async () => {
    const session = new FakeSession();
    const bytes = Buffer.concat([
      Buffer.from('{"role":"user","content":"'),
      Buffer.from([0xff, 0x0a]),
    ]);
    const input = (async function* () {
      yield new Uint8Array(bytes);
    })();
    const told = await runIn(world(session, input), ...words);
    expect(told).toMatchObject({ code: 64, stderr: expect.stringContaining('not UTF-8') });
  });

  test('append goes on behind bad lines with --skip-invalid, and numbers lines as they came', async () => {
    const session = new FakeSession();
    const input = `${line('a')}nonsense\n${line('b')}`;
    const told = await runIn(world(session, input), ...words, '--skip-invalid');
    expect(told.code).toBe(0);
    expect(told.stdout).toBe('{"line":1,"seq":1}\n{"line":3,"seq":2}\n');
    expect(told.stderr).toContain('line 2: it is not JSON');
    expect(told.stderr).toContain('1 line skipped');
  });

  test('append finds the line when the engine refuses a group, and appends none behind it', async () => {
    const session = new FakeSession();
    session.before = (messages) => {
      if (!messages.some(({ content }) => content === 'b')) return;
      throw new HoldfastError('TOO_LARGE', 'It is too large', { bytes: 2, bytesMax: 1 });
    };
    const told = await runIn(world(session, line('a') + line('b') + line('c')), ...words);
    expect(told.code).toBe(64);
    expect(told.stdout).toBe('{"line":1,"seq":1}\n');
    expect(told.stderr).toContain('line 2: It is too large');
    expect(session.messages).toHaveLength(1);
  });

  test('append ends with 50 when there is no room, and what it sent is a prefix', async () => {
    const session = new FakeSession();
    let groups = 0;
    session.before = () => {
      groups += 1;
      const details = { path: '/', bytesNeeded: null, errno: 'ENOSPC' };
      if (groups === 2) throw new HoldfastError('FULL', 'No room', details);
    };
    const many = Array.from({ length: 3000 }, (_, index) => line(String(index)));
    const told = await runIn(world(session, chunksOf(many.join(''), 1000)), ...words);
    expect(told.code).toBe(50);
    expect(session.groups).toHaveLength(1);
    const sent = session.messages.map(({ content }) => content);
    expect(sent).toEqual(Array.from({ length: sent.length }, (_, index) => String(index)));
    expect(told.stdout.trim().split('\n')).toHaveLength(sent.length);
  });

  test('append holds at most one group beside the one on its way, however fast lines come', async () => {
    const session = new FakeSession();
    let produced = 0;
    const input = (async function* () {
      for (; produced < 10_000; produced += 1) yield new TextEncoder().encode(line('x'));
    })();
    let producedAtFirst = 0;
    session.before = async () => {
      if (producedAtFirst > 0) return;
      // The reader has all the turns that it wants while the first group is on its way.
      for (let turn = 0; turn < 50_000; turn += 1) await Promise.resolve();
      producedAtFirst = produced;
    };
    expect((await runIn(world(session, input), ...words)).code).toBe(0);
    expect(producedAtFirst).toBeLessThan(2 * 1024 + 10);
    expect(Math.max(...session.groups.map((group) => group.length))).toBeLessThanOrEqual(1024);
    expect(session.messages).toHaveLength(10_000);
  });

  test('append stops reading on a signal, answers what it has, closes, and exits with 143', async () => {
    const session = new FakeSession();
    const stop = new AbortController();
    const input = (async function* () {
      yield new TextEncoder().encode(line('a') + line('b'));
      stop.abort(new Stopped('SIGTERM'));
      // Input that never ends.
      await new Promise<never>(() => undefined);
    })();
    const told = await runIn(
      worldOf({ engine: session.asEngine(), input, signal: stop.signal }),
      ...words,
    );
    expect(told.code).toBe(143);
    expect(told.stdout).toBe('{"line":1,"seq":1}\n{"line":2,"seq":2}\n');
    expect(session.closed).toBe(true);
  });

  test('append stops when nobody reads its answers, keeps what it read, and exits with 50', async () => {
    const session = new FakeSession();
    const stdout = new Memory();
    const input = (async function* () {
      yield new TextEncoder().encode(line('a'));
      stdout.close();
      await new Promise<never>(() => undefined);
    })();
    const told = await runIn(worldOf({ engine: session.asEngine(), input, stdout }), ...words);
    expect(told.code).toBe(50);
    expect(session.messages).toHaveLength(1);
    expect(session.closed).toBe(true);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['EPIPE', 50],
  ] as const)(
    'append that is stopped by %s in the middle of a line passes over what it cut, and exits with %i',
    async (stop, code) => {
      const session = new FakeSession();
      const [stdout, stopping] = [new Memory(), new AbortController()];
      const input = (async function* () {
        yield new TextEncoder().encode(`${line('a')}{"role":"user","cont`);
        if (stop === 'EPIPE') stdout.close();
        else stopping.abort(new Stopped(stop));
        await new Promise<never>(() => undefined);
      })();
      const { signal } = stopping;
      const told = await runIn(
        worldOf({ engine: session.asEngine(), input, stdout, signal }),
        ...words,
      );
      expect(told.code).toBe(code);
      expect(told.stderr).not.toContain('line 2');
      expect(session.messages.map(({ content }) => content)).toEqual(['a']);
      expect([session.flushed, session.closed]).toEqual([1, true]);
    },
  );

  test('append tells a failure of its writer and not the line that it cut because of it', async () => {
    const session = new FakeSession();
    session.before = () => {
      const details = { syscall: 'write', errno: 'EIO', path: null };
      throw new HoldfastError('IO', 'The disk is gone', details);
    };
    const input = (async function* () {
      yield new TextEncoder().encode(`${line('a')}{"role":"user","cont`);
      await new Promise<never>(() => undefined);
    })();
    const told = await runIn(world(session, input), ...words, '--skip-invalid');
    expect(told.code).toBe(50);
    expect(told.stderr).toContain('The disk is gone');
    expect(told.stderr).not.toContain('line 2');
  });
});

describe('append to a session that is not there', () => {
  const there = (lab: CliStore): readonly string[] => {
    const paths = lab.machine.disk.paths();
    return paths.filter((path) => /^\/store\/(store\.json|sessions\/[^.])/.test(path));
  };
  const appendIn = (
    lab: CliStore,
    input: Parameters<typeof world>[1],
    ...more: readonly string[]
  ): Promise<Told> => {
    return lab.machine.run(runIn(lab.world({ input }), 'append', '--session', 's1', ...more));
  };

  test.each([
    ['', 0, '0 messages appended, and session s1 not made'],
    ['nonsense\n', 64, 'line 1: it is not JSON'],
  ] as const)('append of %j makes no session and no store', async (input, code, said) => {
    const lab = await CliStore.start();
    const told = await appendIn(lab, input);
    expect(told).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
    expect(there(lab)).toEqual([]);
    await lab.conversation('other', 'x');
    const before = there(lab);
    expect((await appendIn(lab, input)).code).toBe(code);
    expect(there(lab)).toEqual(before);
  });

  test('append makes it with the first good message, behind lines that are passed over', async () => {
    const lab = await CliStore.start();
    const told = await appendIn(lab, `nonsense\n${line('a')}`, '--skip-invalid');
    expect(told).toMatchObject({ code: 0, stdout: '{"line":2,"seq":1}\n' });
    expect(told.stderr).toContain('1 message appended to s1');
    expect((await lab.run('list')).stdout).toContain('s1');
  });

  test('append does not make it for a message that the engine refuses', async () => {
    const lab = await CliStore.start();
    const huge = line('x'.repeat(64 * 1024 * 1024));
    const told = await appendIn(lab, chunksOf(huge, 1024 * 1024));
    expect(told).toMatchObject({ code: 64, stderr: expect.stringContaining('line 1: ') });
    expect(there(lab)).toEqual([]);
  });

  test('append tells what is wrong with one that is there before it reads a line', async () => {
    const lab = await CliStore.start();
    await lab.conversation('s1', 'x');
    lab.machine.disk.removePath('/store/sessions/s1/history');
    expect((await appendIn(lab, '')).code).toBe(20);
  });
});
