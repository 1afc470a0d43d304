/**
 * Every command line that the help and the README show is run as it stands there, by a shell, in a
 * directory with a store that has been in use.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixture = join(root, 'fixtures/conversations/build-a-parser.jsonl');

/** Lines of the README's shell blocks that use the commands, without what stands behind `#`. */
const readmeLines = [
  ...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([^`]*)```/g),
]
  .flatMap(([, block]) => (block ?? '').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter((line) => /\b(holdfast|recover) /.test(line));
const helpLines = commands.flatMap(({ examples }) => examples.map(({ line }) => line));

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-examples-'));
  mkdirSync(join(directory, 'bin'));
  const program = (name: string, text: string): void => {
    writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  const node = JSON.stringify(process.execPath);
  program('holdfast', `exec ${node} ${JSON.stringify(join(root, 'dist/cli/main.js'))} "$@"`);
  program('recover', `exec ${node} ${JSON.stringify(join(root, 'dist/cli/recover.js'))} "$@"`);
  // A pager that is there everywhere.
  program('less', 'exec cat');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function environment(place: string): NodeJS.ProcessEnv {
  const path = `${join(directory, 'bin')}:${process.env['PATH']}`;
  const store = join(place, 'store');
  return { ...process.env, PATH: path, HOME: place, HOLDFAST_STORE: store, NO_COLOR: '1' };
}

/** What follows a session is interrupted after a while, as its user does. */
function shell(place: string, line: string): ReturnType<typeof spawnSync> {
  const isEndless = / -f\b/.test(line);
  const interrupt = isEndless ? ({ timeout: 4000, killSignal: 'SIGINT' } as const) : {};
  const options = {
    ...interrupt,
    cwd: place,
    env: environment(place),
    encoding: 'utf8',
    maxBuffer: 1e9,
  } as const;
  return spawnSync('sh', ['-c', isEndless ? `exec ${line}` : line], options);
}

/** A store with a long session, whose last writer was killed. */
async function usedStore(name: string): Promise<string> {
  const place = join(directory, name);
  mkdirSync(place);
  const conversation = readFileSync(fixture, 'utf8');
  writeFileSync(join(place, 'messages.jsonl'), conversation);
  writeFileSync(join(place, 'session.jsonl'), conversation);
  const projects = join(place, '.claude', 'projects', 'a-project');
  mkdirSync(projects, { recursive: true });
  writeFileSync(join(projects, 'session.jsonl'), conversation);
  const main = join(root, 'dist/cli/main.js');
  const child = spawn(process.execPath, [main, 'append', '--session', 's1'], {
    env: environment(place),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // The killed process leaves some of it unread.
  child.stdin.on('error', () => undefined);
  child.stdin.write(conversation + conversation);
  let answers = 0;
  // As many as the examples know of.
  for await (const chunk of child.stdout) {
    answers += String(chunk).split('\n').length - 1;
    if (answers >= 412) break;
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  return place;
}

describe('examples', () => {
  test('examples of the help are understood as they stand', async () => {
    for (const line of helpLines) {
      // What the shell takes away: what is piped in, where output goes, patterns.
      const told = line.replace(/^echo .*\| /, '').replace(/ [|<>].*$/, '');
      const words = (told.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
      const isRecover = words[0] === 'recover';
      const around = { isDirectory: (path: string) => Promise.resolve(path.startsWith('./')) };
      const request = await parse(isRecover ? words : words.slice(1), commands, around);
      expect(request.kind, line).toBe('run');
    }
    expect(helpLines.length).toBeGreaterThan(15);
  });

  test('examples of the help do what they are shown for', async () => {
    // Each command meets a store whose writer has just died, in a directory of its own.
    const used = await usedStore('used');
    for (const { name, examples } of commands) {
      if (name === 'demo') continue;
      const place = join(directory, name.replace(' ', '-'));
      cpSync(used, place, { recursive: true });
      for (const { line } of examples) {
        const { status, stderr } = shell(place, line);
        const isLook = /^recover( \.\/store| scan.*| verify| plan)?( |$)/.test(line);
        const fine = line.includes('explain') || !isLook ? [0] : [0, 10];
        if (/ -f\b/.test(line)) fine[0] = 130;
        expect(fine, `${line}: ${String(stderr)}`).toContain(status);
      }
    }
  }, 120_000);

  test('examples of the README run one after the other', () => {
    const place = join(directory, 'readme');
    mkdirSync(place);
    expect(readmeLines.length).toBeGreaterThan(5);
    for (const line of readmeLines) {
      const { status, stderr } = shell(place, line);
      expect(status, `${line}: ${String(stderr)}`).toBe(0);
    }
    expect(readFileSync(join(place, 's1.md'), 'utf8')).toContain('Hello');
  });
});
