/** `show` and `export` of a conversation that was rewound, and of one that is too long to be held. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/session/event.ts';
import type { ReadOptions, Session, StoreApi } from '../../src/store/api.ts';
import { engineOf, Memory, runIn, worldOf } from '../helpers/cli.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import { validate } from '../../src/store/validate.ts';
import { simRoot } from '../helpers/sim-store.ts';
import { framesOf, historyOf } from '../helpers/base-lab.ts';
import { CliStore, say } from '../helpers/cli-store.ts';

let lab: CliStore;
beforeEach(async () => {
  lab = await CliStore.start();
  await lab.conversation('s1', 'one', 'two', 'three', 'four');
  await lab.run('rewind', 's1', '--to-messages', '2');
  await lab.conversation('s1', 'other', 'last');
});

async function seqs(...words: readonly string[]): Promise<number[]> {
  return (await lab.json<Entry>('show', 's1', ...words)).map(({ seq }) => seq);
}

describe('show', () => {
  test.each([
    [[], [1, 2, 3, 4, 5, 6, 7]],
    [['--branch'], [1, 2, 6, 7]],
    [['--reverse'], [7, 6, 5, 4, 3, 2, 1]],
    [
      ['--last', '3'],
      [5, 6, 7],
    ],
    [
      ['--last', '30'],
      [1, 2, 3, 4, 5, 6, 7],
    ],
    [
      ['--last', '3', '--branch'],
      [2, 6, 7],
    ],
    [
      ['--last', '2', '--reverse'],
      [7, 6],
    ],
    [
      ['--last', '3', '--limit', '2'],
      [5, 6],
    ],
    [
      ['--last', '3', '--limit', '2', '--reverse'],
      [7, 6],
    ],
    [
      ['--last', '2', '--to', '4'],
      [3, 4],
    ],
    [
      ['--branch', '--limit', '3', '--reverse'],
      [7, 6, 2],
    ],
    [
      ['--branch', '--from', '2', '--limit', '2'],
      [2, 6],
    ],
    [['--last', '2', '--from', '8'], []],
  ] as const)('show with %j shows %j', async (words, shown) => {
    expect(await seqs(...words)).toEqual(shown);
  });

  test('show marks what a rewind cut out, in words and in JSON', async () => {
    const entries = await lab.json<Entry & { readonly cut: boolean }>('show', 's1');
    expect(entries.filter(({ cut }) => cut).map(({ seq }) => seq)).toEqual([3, 4, 5]);
    const { stdout } = await lab.run('show', 's1');
    const heads = stdout.split('\n').filter((line) => line.startsWith('#'));
    expect(heads.filter((line) => line.endsWith('(cut)'))).toEqual(heads.slice(2, 5));
    const coloured = lab.world({ env: { HOLDFAST_STORE: '/store', FORCE_COLOR: '1' } });
    const shown = (await lab.machine.run(runIn(coloured, 'show', 's1'))).stdout;
    expect(shown).toContain('\u001b[2m  three\u001b[22m\n');
    expect(shown).toContain('\n  two\n');
  });

  test.each([
    ['--last', '20000'],
    ['--branch', '--last', '20000'],
    ['--reverse', '--limit', '20000'],
    ['--branch'],
  ])(
    'show holds one entry at a time, whatever the length of the session: %s %s',
    async (...words) => {
      let [read, shown] = [0, 0];
      const entries = async function* ({ from = 1, reverse = false }: ReadOptions) {
        read = 0;
        for (let at = from; at <= 30_000; at += 1) {
          read += 1;
          const seq = reverse ? 30_001 - at : at;
          yield { seq, timeMs: 0, event: { kind: 'message', message: say('x') } } as const;
        }
      };
      const close = () => Promise.resolve();
      const state = { cuts: [[5, 9]], openCalls: [], messages: 0, model: null, status: null };
      const session = { id: 's1', state, entries, [Symbol.asyncDispose]: close };
      const openSession = () => Promise.resolve(session as unknown as Session);
      const store = { openSession, [Symbol.asyncDispose]: close } as unknown as StoreApi;
      const stdout = new Memory();
      stdout.write = (text) => {
        shown += text.split('\n').length - 1;
        if (read - shown > 10) throw new Error(`${read} were read and ${shown} were shown`);
        return Promise.resolve();
      };
      const world = worldOf({
        stdout,
        engine: engineOf({ openStore: () => Promise.resolve(store) }),
      });
      expect((await runIn(world, 'show', 's1', '--json', ...words)).code).toBe(0);
      expect(shown).toBeGreaterThanOrEqual(20_000);
    },
  );
});

describe('export', () => {
  test('export gives the conversation as it stands, and with --all what was cut as well', async () => {
    interface Line {
      readonly seq: number;
      readonly cut: boolean;
      readonly messages: number;
    }
    const told = async (...words: readonly string[]): Promise<readonly unknown[]> =>
      (await lab.json<Line>('export', 's1', ...words)).map(
        (line) => line.messages ?? [line.seq, line.cut],
      );
    const branch = [1, 2, 6, 7].map((seq) => [seq, false]);
    expect(await told()).toEqual([...branch, 4]);
    const all = [1, 2, 3, 4, 6, 7].map((seq) => [seq, seq === 3 || seq === 4]);
    expect(await told('--all')).toEqual([...all, 6]);
    const { stdout } = await lab.run('export', 's1', '--all', '--format', 'markdown');
    expect(stdout.match(/^## .*$/gm)).toEqual([
      '## 1. user',
      '## 2. user',
      '## 3. user (cut)',
      '## 4. user (cut)',
      '## 5. user',
      '## 6. user',
    ]);
  });
});

describe('a session with a rotten entry in front of its base', () => {
  beforeEach(async () => {
    await lab.conversation('long', ...Array.from({ length: 40 }, (_, at) => `text ${at + 1}`));
    const { disk } = lab.machine;
    const bytes = disk.readFile(historyOf('long'));
    const at = (framesOf(disk, 'long')[29]?.offset ?? 0) + 66;
    bytes[at] = (bytes[at] ?? 0) ^ 4;
    disk.writeFile(historyOf('long'), bytes);
  });

  test.each([
    [['show', 'long'], 1, 29],
    [['show', 'long', '--last', '20'], 31, 40],
    [['show', 'long', '--json'], 1, 29],
    [['export', 'long'], 1, 29],
    [['tail', 'long', '--last', '40'], 31, 40],
  ])('%j shows all that is sound up to the damage, and then tells it', async (words, from, to) => {
    const { code, stdout, stderr } = await lab.run(...words);
    expect(code).toBe(20);
    expect(stderr).toContain('damaged at entry 30');
    const texts = [...stdout.matchAll(/text (\d+)/g)].map(([, seq]) => Number(seq));
    expect([texts[0], texts.at(-1), texts.length]).toEqual([from, to, to - from + 1]);
  });
});

describe('a session with a loss that was accepted', () => {
  beforeEach(async () => {
    await lab.conversation('lossy', ...Array.from({ length: 9 }, (_, at) => `text ${at + 1}`));
    const { machine } = lab;
    const bytes = machine.disk.readFile(historyOf('lossy'));
    for (const frame of framesOf(machine.disk, 'lossy').slice(4, 7)) {
      bytes[frame.offset + 66] = (bytes[frame.offset + 66] ?? 0) ^ 4;
    }
    machine.disk.writeFile(historyOf('lossy'), bytes);
    const parts = machine.parts('accept');
    await machine.run(acceptLossWith(parts, simRoot, { session: 'lossy' }));
  });

  const gap = 'Sequence numbers 5 to 7 were lost, and accepted as lost';

  test.each([
    [['show', 'lossy'], 'text 4', 'text 8'],
    [['show', 'lossy', '--reverse'], 'text 8', 'text 4'],
    [['show', 'lossy', '--branch', '--last', '4'], 'text 4', 'text 8'],
    [['export', 'lossy', '--format', 'markdown'], 'text 4', 'text 8'],
  ])('%j says where it is, between its neighbours', async (words, before, after) => {
    const { code, stdout } = await lab.run(...words);
    expect(code).toBe(0);
    const places = [before, gap, after].map((text) => stdout.indexOf(text));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout.split(gap)).toHaveLength(2);
  });

  test('export as jsonl gives messages only, and says it on standard error', async () => {
    const { stdout, stderr } = await lab.run('export', 'lossy');
    expect(stdout.trimEnd().split('\n')).toHaveLength(6);
    expect(stdout).not.toContain('lost');
    expect(stderr).toContain(gap);
  });

  test('validate warns with a code and the range, and finds no error', async () => {
    const { machine } = lab;
    const store = await machine.open({ mode: 'read' }, 'validates');
    const session = await machine.run(store.openSession('lossy'));
    const { valid, warnings } = await machine.run(validate(session));
    expect(valid).toBe(true);
    expect(warnings).toMatchObject([{ code: 'LOST_ENTRIES', seq: 5, message: gap }]);
  });
});
