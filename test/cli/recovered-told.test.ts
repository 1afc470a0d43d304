/** Commands that write tell what their opening recovered: nobody is told it a second time. */
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runIn } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { CliStore, say } from '../helpers/cli-store.ts';
import { simRoot } from '../helpers/sim-store.ts';
import { child, list, nameOf, parseAll, walk } from '../helpers/source.ts';
import { fixtures } from './import-lab.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', 'one', 'two');
});

/** A writer died with entries of a session whose directory somebody took away. */
async function takeAway(id = 'gone'): Promise<void> {
  const store = await lab.machine.open({}, 'agent');
  const session = await lab.machine.run(store.openSession(id, { create: true }));
  await lab.machine.run(session.appendAll([say('three'), say('four')]));
  lab.machine.kill('agent');
  lab.machine.disk.removePath(`${simRoot}/sessions/${id}`);
}

const input = `${JSON.stringify(say('more'))}\n`;

function runWithInput(...words: readonly string[]): Promise<Told> {
  const chunks = (async function* () {
    yield await Promise.resolve(new TextEncoder().encode(input));
  })();
  const stdin = { isTerminal: false, chunks: () => chunks };
  return lab.machine.run(runIn(lab.world({ stdin }), ...words));
}

describe('what opening a store for writing recovered', () => {
  const wanted =
    /^opening the store found SET_ASIDE journals\/[0-9a-f]{32}: Entries 1 to 2 of session gone have no home here any more; recovery sets them aside; they stand in quarantine\/[0-9a-f]{32} now, and `recover dump` reads the files there$/m;

  test.each([
    ['append', '--session', 's1', '--quiet'],
    ['append', '--session', 'new', '--quiet'],
    ['snapshot', 'take', 's1', '--action', 'now'],
    ['snapshot', 'cleanup', 's1'],
    ['rewind', 's1', '--to-messages', '1'],
    ['delete', 's1', '--yes'],
    ['import', join(fixtures, 'claude-code', 'clean.jsonl'), '--session', 'app'],
  ])('is told by %s, which does its work and exits as ever', async (...words) => {
    const calm = await runWithInput(...words);
    expect(calm.stderr).not.toContain('opening the store');
    lab = await CliStore.start();
    await lab.conversation('s1', 'one', 'two');
    await takeAway();
    const told = await runWithInput(...words);
    expect(told.stderr).toMatch(wanted);
    expect({ ...told, stderr: '' }).toEqual({ ...calm, stderr: '' });
    expect(told.code).toBe(0);
    const [, writer] = /quarantine\/(\w+)/.exec(told.stderr) ?? [];
    const aside = lab.machine.disk.paths().filter((path) => path.startsWith(`${simRoot}/quar`));
    expect(aside).toEqual([expect.stringContaining(`/${writer}/`)]);
    expect((await lab.run('recover', 'scan')).code).toBe(0);
  });

  test('is one object on stderr with --json, and the answers are as ever', async () => {
    await takeAway();
    const told = await runWithInput('append', '--session', 's1', '--json');
    expect(JSON.parse(told.stderr)).toMatchObject({
      schema: 'holdfast.recovered/1',
      store: simRoot,
      findings: [{ code: 'SET_ASIDE', severity: 'error', session: 'gone' }],
    });
    const kinds = told.stdout.trim().split('\n');
    expect(kinds.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
      'acknowledged',
      'result',
    ]);
  });

  test('is told of many findings by the first of them and a count', async () => {
    const store = await lab.machine.open({}, 'agent');
    for (let at = 0; at < 23; at += 1) {
      const session = await lab.machine.run(store.openSession(`gone${at}`, { create: true }));
      await lab.machine.run(session.append(say('lost')));
    }
    lab.machine.kill('agent');
    for (let at = 0; at < 23; at += 1) {
      lab.machine.disk.removePath(`${simRoot}/sessions/gone${at}`);
    }
    const { stderr } = await runWithInput('append', '--session', 's1', '--quiet');
    expect(stderr.match(/SET_ASIDE journals/g)).toHaveLength(20);
    expect(stderr).toContain('and 3 more findings of opening the store\n');
  });

  test('is told although the command fails behind it', async () => {
    await takeAway();
    const told = await lab.run('rewind', 'absent', '--to-messages', '1');
    expect([told.code, told.stderr]).toEqual([66, expect.stringMatching(wanted)]);
  });

  test('is told by every command: one place alone opens for writing', () => {
    const root = join(import.meta.dirname, '../..');
    const strays: string[] = [];
    for (const { path, program } of parseAll(root, ['src/cli'])) {
      walk(program, (node) => {
        if (node.type !== 'CallExpression') return;
        const called = nameOf(child(child(node, 'callee'), 'property'));
        if (called !== 'openStore' || path === 'src/cli/write-store.ts') return;
        const [, options] = list(node, 'arguments');
        // Whatever is not seen to be for reading may be for writing.
        const mode = list(options ?? node, 'properties').find(
          (one) => nameOf(child(one, 'key')) === 'mode',
        );
        if (nameOf(child(mode, 'value')) !== 'read') strays.push(path);
      });
    }
    // It reads with a mode of its own name; measures in a scratch directory that it has made.
    expect(strays).toEqual(['src/cli/append-target.ts', 'src/cli/commands/tune.ts']);
  });
});
