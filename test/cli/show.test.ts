/** `show` and `export` of a conversation that was rewound, and of one that is too long to be held. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Entry } from '../../src/session/event.ts';
import type { ReadOptions, Session, StoreApi } from '../../src/store/api.ts';
import { engineOf, Memory, runIn, worldOf } from '../helpers/cli.ts';
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
