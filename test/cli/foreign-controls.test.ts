/** Names and ids from files of others: whatever they hold, none of it steers a terminal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { Memory, engineOf, worldOf } from '../helpers/cli.ts';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const odd = '\u001b[31mRED\u001b]0;title\u0007\u009b2J\u007f\u202e\u2066\u2028\u200f';
const raw = (text: string): string => text.replaceAll(/[\n\t]/g, '');

function list(id: string): string {
  return JSON.stringify([
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id, name: odd, input: { [odd]: odd } }] },
  ]);
}

describe('text output', () => {
  const commands = (path: string): readonly string[][] => [
    ['scan', path],
    ['verify', path],
    ['verify', path, '--session', odd],
    ['plan', path],
    ['apply', path, '--to', join(place.folder, `${odd}.out`)],
    ['report', path],
    ['report', path, '--html', join(place.folder, `${odd}.html`)],
    ['plan', join(place.folder, `${odd} is not there`)],
    [odd],
  ];

  test('of every command names ids and files without a control of theirs', async () => {
    const path = file(`a${odd}.json`, list(odd));
    for (const words of commands(path)) {
      const { stdout, stderr } = await recover(...words);
      expect([words[0], steering.exec(raw(stdout + stderr))]).toEqual([words[0], null]);
    }
  });

  test('in colours holds the marks of the style alone', async () => {
    const path = file(`b${odd}.json`, list('\u009bx\u001b]0;t\u0007'));
    for (const words of commands(path)) {
      const [stdout, stderr] = [new Memory(true), new Memory(true)];
      const env = { FORCE_COLOR: '1' };
      const program = 'recover';
      await run(words, worldOf({ engine: engineOf({}), program, stdout, stderr, env }));
      // oxlint-disable-next-line no-control-regex -- it is the controls that are looked for
      const left = raw(stdout.text + stderr.text).replaceAll(/\u001b\[\d+m|\r\u001b\[K/g, '');
      expect([words[0], steering.test(left) ? left : null]).toEqual([words[0], null]);
    }
  });

  test('breaks no line where an id or the name of a file does', async () => {
    const path = file('c\nd.json', list('e\nClean: nothing to mend'));
    const to = join(place.folder, 'f\ng.json');
    const told = await recover('apply', path, '--to', to);
    expect(told.stdout).not.toMatch(/^Clean/m);
    expect(told.stderr).not.toMatch(/^[dg]\.json/m);
  });

  test('leaves JSON and what is written as they are', async () => {
    const path = file('h.json', list('\u009b31m'));
    const told = await recover('verify', path, '--json');
    expect(told.stdout).toContain('\u009b31m');
    const to = join(place.folder, 'h.out.json');
    await recover('apply', path, '--to', to);
    expect(readFileSync(to, 'utf8')).toContain('\u202e');
  });
});
