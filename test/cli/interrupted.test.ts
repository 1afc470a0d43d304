/**
 * What happens to a command while it works: a signal, and a file that somebody writes to. Both come
 * at every step that the command makes, one run for each.
 */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Stopped } from '../../src/cli/io.ts';
import { openByteFile } from '../../src/platform/byte-file.ts';
import { runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { CliStore } from '../helpers/cli-store.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-interrupted-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A list of messages, of which no call has a result. */
function history(messages: number, word: string): string {
  const call = { type: 'function', function: { name: 'ls', arguments: '{}' } };
  const list = Array.from({ length: messages }, (_, at) =>
    at % 2 === 0
      ? { role: 'user', content: `${word} ${at}` }
      : { role: 'assistant', content: null, tool_calls: [{ id: `call_${at}`, ...call }] },
  );
  return JSON.stringify(list);
}

interface Step {
  readonly at: number;
  readonly act: (stop: AbortController) => void;
}

interface Ran extends Told {
  readonly steps: number;
}

/** Runs the command; at one of the steps in which it looks for a signal, something happens. */
async function ran(step: Step, ...words: string[]): Promise<Ran> {
  const stop = new AbortController();
  let steps = 0;
  const look = stop.signal.throwIfAborted.bind(stop.signal);
  stop.signal.throwIfAborted = () => {
    steps += 1;
    if (steps === step.at) step.act(stop);
    look();
  };
  const told = await runIn(worldOf({ signal: stop.signal }), ...words);
  return { ...told, steps };
}

const nothing: Step = { at: 0, act: () => undefined };
const commands = ['plan', 'apply', 'report'] as const;

function wordsOf(command: (typeof commands)[number], source: string): string[] {
  const to = join(folder, 'out');
  const target = { plan: [], apply: ['--to', to], report: ['--html', to] }[command];
  return ['recover', command, source, ...target];
}

describe('a signal', () => {
  for (const command of commands) {
    test(`ends recover ${command} at every step with its exit code, and nothing is left`, async () => {
      const source = join(folder, 'in.json');
      writeFileSync(source, history(40, 'text'));
      const { steps, code } = await ran(nothing, ...wordsOf(command, source));
      expect([0, 10]).toContain(code);
      // One for each pass of a plan at least: a plan of many calls must not be deaf.
      expect(steps).toBeGreaterThan(24);
      for (let at = 1; at <= steps; at += 1) {
        rmSync(join(folder, 'out'), { force: true });
        const act = (stop: AbortController): void => stop.abort(new Stopped('SIGINT'));
        const told = await ran({ at, act }, ...wordsOf(command, source));
        expect(told.code, `step ${at}`).toBe(130);
        expect(readdirSync(folder), `step ${at}`).toEqual(['in.json']);
      }
    });
  }
});

describe('a file that changes while it is read', () => {
  const changes: Readonly<Record<string, (path: string) => void>> = {
    'is overwritten': (path) => writeFileSync(path, history(40, 'word')),
    'is truncated': (path) => truncateSync(path, 500),
    'is wiped': (path) => truncateSync(path, 0),
    'has grown': (path) => appendFileSync(path, '\n'),
    'is replaced': (path) => {
      writeFileSync(`${path}.new`, history(40, 'word'));
      renameSync(`${path}.new`, path);
    },
    'is gone': (path) => rmSync(path),
  };
  for (const [name, change] of Object.entries(changes)) {
    test(`and ${name} ends apply with IO, at every step, and makes no file`, async () => {
      const source = join(folder, 'in.json');
      const out = join(folder, 'out');
      const words = wordsOf('apply', source);
      writeFileSync(source, history(40, 'text'));
      const { steps } = await ran(nothing, ...words);
      const whole = readFileSync(out);
      for (let at = 1; at <= steps; at += 3) {
        rmSync(out, { force: true });
        writeFileSync(source, history(40, 'text'));
        const told = await ran({ at, act: () => change(source) }, ...words);
        const made = readdirSync(folder).includes('out');
        if (made) expect(readFileSync(out).equals(whole), `step ${at}`).toBe(true);
        expect([0, 50], `step ${at}: ${told.stderr}`).toContain(told.code);
        expect(told.code === 0, `step ${at}`).toBe(made);
        if (!made) expect(told.stderr).toContain('changed while it was read');
        expect(readdirSync(folder).filter((one) => one.includes('partial'))).toEqual([]);
      }
    });
  }

  test('ends plan and report with IO', async () => {
    const source = join(folder, 'in.json');
    for (const command of ['plan', 'report'] as const) {
      writeFileSync(source, history(40, 'text'));
      const act = (): void => truncateSync(source, 500);
      const told = await ran({ at: 20, act }, ...wordsOf(command, source));
      expect([told.code, told.stderr]).toEqual([50, expect.stringContaining('changed while')]);
    }
  });

  test('ends import with IO, and nothing of it is imported', async () => {
    const lab = await CliStore.start();
    const source = join(folder, 'in.json');
    writeFileSync(source, history(600, 'text'));
    const stop = new AbortController();
    let groups = 0;
    const look = stop.signal.throwIfAborted.bind(stop.signal);
    stop.signal.throwIfAborted = () => {
      groups += 1;
      // Between the two passes over the file.
      if (groups === 3) writeFileSync(source, history(600, 'word'));
      look();
    };
    const world = lab.world({ signal: stop.signal });
    const told = await lab.machine.run(runIn(world, 'import', source, '--session', 'a'));
    expect([told.code, told.stderr]).toEqual([50, expect.stringContaining('changed while')]);
  });
});

describe('openByteFile', () => {
  test('tells a read that comes short', () => {
    const path = join(folder, 'in');
    writeFileSync(path, 'abcdef');
    const file = openByteFile(path);
    truncateSync(path, 3);
    expect(() => file.read(0, 6)).toThrow('changed while it was read');
    file.close();
  });
});
