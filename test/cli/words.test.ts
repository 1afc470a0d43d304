/** What is asked for in a way that cannot be: each refusal says what can be. */
import { beforeEach, describe, expect, test } from 'vitest';
import { runWith } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { CliStore } from '../helpers/cli-store.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', 'one', 'two');
});

const alone = (...words: readonly string[]): Promise<Told> => runWith({}, ...words);

describe('--json without a command', () => {
  test('--version --json is one object, and help stays text', async () => {
    const told = { schema: 'holdfast.version/1', version: '0.0.0' };
    expect(JSON.parse((await alone('--version', '--json')).stdout)).toEqual(told);
    expect(JSON.parse((await alone('list', '--version', '--json')).stdout)).toEqual(told);
    for (const words of [['--json'], ['--help', '--json']]) {
      const { code, stdout, stderr } = await alone(...words);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('Usage');
    }
  });
});

describe('options', () => {
  test.each([
    [['-v'], 'there is no option -v; did you mean --version?'],
    [['list', '-V'], 'there is no option -V; did you mean --version?'],
    [['tail', 's1', '-n', 'x'], '-n is a whole number from 0, not "x"'],
    [['tail', 's1', '-n'], '-n needs a value (N)'],
    [['tail', 's1', '--last', 'x'], '--last is a whole number from 0, not "x"'],
    [['show', 's1', '--last', '-1'], '--last is a whole number from 1, not "-1"'],
  ] as const)('%j is refused with %s', async (words, said) => {
    const { code, stderr } = await alone(...words);
    expect([code, stderr]).toEqual([64, expect.stringContaining(said)]);
  });

  test('show --from behind the end says that nothing is there', async () => {
    const said = 'Nothing stands at seq 500 or behind it: the last one is 2\n';
    const told = await lab.run('show', 's1', '--from', '500');
    expect(told).toMatchObject({ code: 0, stderr: said });
    expect((await lab.run('show', 's1', '--from', '2')).stderr).toBe('');
  });

  test('export --to a directory that is not there says so', async () => {
    const to = '/there-is-no-such-directory/x';
    const { code, stderr } = await lab.run('export', 's1', '--to', to);
    expect(code).toBe(64);
    expect(stderr).toContain('there is no directory "/there-is-no-such-directory"');
  });

  test('dump of a file that is none of a store is refused, and not called damaged', async () => {
    const dump = async function* () {
      yield { kind: 'file', file: 'unknown', path: '/x', bytes: 3 } as const;
    };
    const told = await runWith({ dump }, 'recover', 'dump', '/x');
    expect(told).toMatchObject({ code: 64, stdout: '' });
    expect(told.stderr).toContain('it is no file of a store');
  });
});

test('list has the title of a session that only the journal of a killed writer knows', async () => {
  const store = await lab.machine.open({}, 'killed');
  const session = await lab.machine.run(store.openSession('s2', { create: true }));
  await lab.machine.run(session.append({ role: 'user', content: 'What is the time?' }));
  lab.machine.kill('killed');
  const row = (await lab.run('list')).stdout.split('\n').find((line) => line.startsWith('s2'));
  expect(row).toMatch(/^s2 +1 .*What is the time\?$/);
});
