/** The built programs as other programs see them: pipes, signals, locks, a kill, exit codes. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecoveryReport } from '../../src/recovery/report.ts';

const dist = fileURLToPath(new URL('../../dist/cli', import.meta.url));
const fixture = readFileSync(
  new URL('../../fixtures/conversations/build-a-parser.jsonl', import.meta.url),
  'utf8',
);
const line = (content: string): string => `${JSON.stringify({ role: 'user', content })}\n`;

let root = '';
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'holdfast-cli-')), 'store');
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, HOLDFAST_STORE: root, NO_COLOR: '1' };
}

function run(words: readonly string[], input = '', program = 'main') {
  const options = { input, encoding: 'utf8', env: environment(), maxBuffer: 1e9 } as const;
  return spawnSync(process.execPath, [join(dist, `${program}.js`), ...words], options);
}

function start(...words: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [join(dist, 'main.js'), ...words], { env: environment() });
}

/** Waits until the child has answered so many lines. */
async function answers(child: ChildProcessWithoutNullStreams, count: number): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.split('\n').length > count) return text;
  }
  throw new Error(`the child ended after ${JSON.stringify(text)}`);
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

describe('holdfast', () => {
  test('append, list, show and export give back what was appended', () => {
    // Restore points would take sequences of their own, between whichever messages.
    const appended = run(['append', '--session', 's1', '--no-checkpoints'], fixture);
    expect(appended.stderr).toBe('354 messages appended to s1\n');
    expect(appended.status).toBe(0);
    expect(appended.stdout.trim().split('\n').at(-1)).toBe('{"line":354,"seq":354}');
    const listed = run(['list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      schema: 'holdfast.list/1',
      id: 's1',
      messages: 354,
      damaged: false,
      open: false,
    });
    const entries = run(['show', 's1', '--from', '2', '--limit', '3', '--json']).stdout.trim();
    expect(entries.split('\n').map((text) => JSON.parse(text) as object)).toMatchObject(
      [2, 3, 4].map((seq) => ({ schema: 'holdfast.entry/1', seq, event: { kind: 'message' } })),
    );
    const exported = run(['export', 's1', '--format', 'jsonl']);
    expect(exported.stdout).toBe(fixture);
    expect(run(['export', 's1', '--format', 'markdown']).stdout).toMatch(
      /^# Session s1\n\n## 1\. user\n/,
    );
    expect(run(['recover', '--json']).status).toBe(0);
  });

  test('append takes a second run up where the first one ended, in either durability', () => {
    run(['append', '--session', 's1'], line('a'));
    const more = run(['append', '--session', 's1', '--durability', 'batched'], line('b'));
    expect(more.stdout).toBe('{"line":1,"seq":2}\n');
    const both = run(['export', 's1']).stdout.trim().split('\n');
    expect(both.map((text) => (JSON.parse(text) as { content: string }).content)).toEqual([
      'a',
      'b',
    ]);
  });

  test('append keeps all that it answered when it is killed, and recover heals it', async () => {
    const child = start('append', '--session', 's1');
    child.stdin.write(line('a') + line('b'));
    await answers(child, 2);
    child.kill('SIGKILL');
    await ended(child);
    const scanned = run(['scan', root, '--json'], '', 'recover');
    expect(scanned.status).toBe(10);
    expect(JSON.parse(scanned.stdout) as RecoveryReport).toMatchObject({
      schema: 'holdfast.recovery/1',
      verdict: 'healable',
      changed: false,
      sessions: [{ id: 's1', messages: 2, kept: [{ from: 1, to: 2 }] }],
    });
    const bare = run([root], '', 'recover');
    expect(bare).toMatchObject({ status: 10, stderr: '' });
    expect(bare.stdout).toContain(`Next: \`recover run ${root}\` carries this out`);
    expect(run([join(root, 'nowhere')], '', 'recover').status).toBe(66);
    expect(run(['recover', 'run']).status).toBe(0);
    expect(run(['recover']).status).toBe(0);
    expect(run(['export', 's1']).stdout).toBe(line('a') + line('b'));
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'append answers what it has on %s, closes, and exits with %i',
    async (signal, code) => {
      const child = start('append', '--session', 's1', '--durability', 'batched');
      // The second line is half there when it ends, and is nobody's mistake.
      child.stdin.write(`${line('a')}{"role":"us`);
      const told = text(child.stderr);
      await answers(child, 1);
      child.kill(signal);
      expect(await ended(child)).toBe(code);
      expect(await told).toBe('1 message appended to s1\n');
      expect(run(['recover']).status).toBe(0);
      expect(run(['export', 's1']).stdout).toBe(line('a'));
    },
  );

  test('append ends when nobody reads its answers, and has closed the store', async () => {
    const child = start('append', '--session', 's1');
    child.stdin.write(line('a'));
    await answers(child, 1);
    child.stdout.destroy();
    child.stdin.write(`${line('b')}${line('c')}{"role":"us`);
    expect(await ended(child)).toBe(50);
    expect(run(['recover']).status).toBe(0);
    const there = run(['export', 's1']).stdout;
    expect(line('a') + line('b') + line('c')).toContain(there);
    expect(there).toContain(line('a') + line('b').trim());
  });

  test('append says 30 and names the process that has the session, which reads go past', async () => {
    const child = start('append', '--session', 's1');
    child.stdin.write(line('a'));
    await answers(child, 1);
    const second = run(['append', '--session', 's1'], line('b'));
    expect(second.status).toBe(30);
    expect(second.stderr).toContain(`process ${child.pid}`);
    expect(run(['append', '--session', 's2'], line('b')).status).toBe(0);
    expect(run(['export', 's1']).stdout).toBe(line('a'));
    expect(run(['recover']).status).toBe(0);
    child.stdin.end();
    expect(await ended(child)).toBe(0);
  });

  test('tail -f shows what other processes append, each entry once, and ends with 130', async () => {
    const child = start('append', '--session', 's1');
    child.stdin.write(line('a'));
    await answers(child, 1);
    const watch = start('tail', 's1', '-f', '--json');
    const seen = answers(watch, 5);
    await once(watch.stdout, 'readable');
    child.stdin.write(line('b') + line('c'));
    await answers(child, 2);
    child.kill('SIGKILL');
    await ended(child);
    run(['append', '--session', 's1'], line('d') + line('e'));
    const lines = (await seen).trim().split('\n');
    interface Shown {
      readonly seq: number;
      readonly event: { readonly message: { readonly content: string } };
    }
    const shown = lines.map((text) => JSON.parse(text) as Shown);
    expect(shown.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(shown.map(({ event }) => event.message.content)).toEqual(['a', 'b', 'c', 'd', 'e']);
    watch.kill('SIGINT');
    expect(await ended(watch)).toBe(130);
  });

  test('tail -f ends with 0 when the reader of its pipe has left, and not before', () => {
    run(['append', '--session', 's1'], line('a'));
    const tail = `"$0" "$1" tail s1 -f; echo "ended with $?" >&2`;
    const pipe = (reader: string) => {
      const words = ['-c', `{ ${tail}; } | ${reader}`, process.execPath, join(dist, 'main.js')];
      const options = { encoding: 'utf8', env: environment(), timeout: 20_000 } as const;
      return spawnSync('sh', words, options);
    };
    const left = pipe('head -n 1');
    expect(left.stderr).toBe('ended with 0\n');
    expect(left.stdout).toMatch(/^#1 user/);
    // A reader that is slow, and one that has gone to sleep for longer than several looks.
    const slow = pipe(`sh -c 'sleep 2; echo "still there" >&2; head -n 1'`);
    expect(slow.stderr).toBe('still there\nended with 0\n');
  });

  test('export writes a new file that is there when it is whole, and tells a program about it', () => {
    const two = line('a') + line('b');
    run(['append', '--session', 's1'], two);
    const wrapped = run(['export', 's1', '--json']).stdout.trim().split('\n');
    expect(wrapped.map((text) => JSON.parse(text) as object)).toEqual([
      ...['a', 'b'].map((content, index) => {
        const message = { role: 'user', content };
        return {
          schema: 'holdfast.export/1',
          kind: 'message',
          seq: index + 1,
          cut: false,
          message,
        };
      }),
      expect.objectContaining({ kind: 'result', messages: 2, firstSeq: 1, lastSeq: 2, to: null }),
    ]);
    const to = join(root, '..', 'copy.jsonl');
    // A file of that name may be anybody's, and one that a killed run left is in nobody's way.
    writeFileSync(`${to}.holdfast-partial`, 'mine');
    const exported = run(['export', 's1', '--to', to, '--json']);
    expect(readFileSync(`${to}.holdfast-partial`, 'utf8')).toBe('mine');
    expect(exported).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(exported.stdout)).toEqual({
      schema: 'holdfast.export/1',
      kind: 'result',
      session: 's1',
      format: 'jsonl',
      messages: 2,
      firstSeq: 1,
      lastSeq: 2,
      to,
    });
    expect(readFileSync(to, 'utf8')).toBe(two);
    expect(run(['export', 's1', '--to', to]).status).toBe(64);
    expect(run(['export', 's1', '--to', join(root, 'no', 'place')]).status).toBe(64);
    expect(run(['export', 's1', '--json', '--format', 'markdown']).status).toBe(64);
    const there = ['copy.jsonl', 'copy.jsonl.holdfast-partial', 'store'];
    expect(readdirSync(join(root, '..')).sort()).toEqual(there);
  });

  test('export ends quietly when a pager is left', async () => {
    run(['append', '--session', 's1'], fixture.repeat(4));
    const child = start('export', 's1');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await ended(child)).toBe(0);
    expect(child.stderr.read()).toBeNull();
  });

  test('exit codes 64 and 66 come without a trace of a store', () => {
    expect(run(['append', '--session', '../x'], line('a')).status).toBe(64);
    expect(run(['list', join(root, 'nothing')]).status).toBe(66);
    expect(existsSync(join(root, 'nothing'))).toBe(false);
    expect(run([]).status).toBe(64);
    expect(run(['--version']).stdout).toMatch(/^holdfast \d+\.\d+\.\d+\n$/);
    expect(run(['--help'], '', 'recover').stdout).toContain('it is `recover scan`');
  });

  test('a refused command leaves nothing in a directory that is no store, and makes no store', () => {
    expect(run(['append', '--session', '../x'], line('a')).status).toBe(64);
    expect(existsSync(root)).toBe(false);
    const foreign = join(root, '..', 'photos');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'cat.jpg'), 'meow');
    const before = readdirSync(foreign);
    const refused = run(['append', foreign, '--session', 's1'], line('a'));
    expect(refused.status).toBe(64);
    expect(refused.stderr).toContain('it holds "cat.jpg"');
    for (const words of [
      ['run', foreign],
      ['accept-loss', foreign, '--session', 's1', '--yes'],
      ['salvage', foreign, '--to', join(root, 'new')],
    ]) {
      expect(run(words, '', 'recover').status).toBe(66);
    }
    expect(readdirSync(foreign)).toEqual(before);
    expect(existsSync(root)).toBe(false);
  });

  test('exit code 66 is for a session that the store does not have', () => {
    run(['append', '--session', 's1'], line('a'));
    for (const command of ['show', 'export']) expect(run([command, 'other']).status).toBe(66);
  });

  test('demo kills the agent three times, tears a write, and loses nothing', () => {
    const told = run(['demo', '--json']);
    expect(told.stderr).toBe('');
    const report = JSON.parse(told.stdout) as {
      readonly messages: number;
      readonly root: string;
      readonly kills: readonly { readonly tornBytes: number }[];
    };
    expect(report).toMatchObject({
      schema: 'holdfast.demo/1',
      fault: null,
      equal: report.messages,
    });
    expect(report.kills.length).toBeGreaterThanOrEqual(3);
    expect(report.kills.some(({ tornBytes }) => tornBytes > 0)).toBe(true);
    expect(existsSync(report.root)).toBe(false);
    expect(told.status).toBe(0);
  });
});
