/**
 * Conversations with the command line as prose: what is typed, what comes back. After a wanted change
 * `npx vitest run test/cli/golden.test.ts -u` writes them again; read the difference.
 */
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import type { RecoveryReport, SessionReport, WriterReport } from '../../src/recovery/report.ts';
import { engineOf, reportOf, runIn, worldOf } from '../helpers/cli.ts';

interface Turn {
  readonly words: string;
  readonly report?: RecoveryReport;
}

async function conversation(turns: readonly Turn[]): Promise<string> {
  const parts: string[] = [];
  for (const { words, report } of turns) {
    const [program, ...rest] = words.split(' ');
    const recover = () => Promise.resolve(report ?? reportOf({}));
    const world = worldOf({
      program: program === 'recover' ? 'recover' : 'holdfast',
      engine: engineOf({ recover }),
    });
    const { code, stdout, stderr } = await runIn(world, ...rest);
    const aside = stderr === '' ? '' : stderr.replace(/^(?=.)/gm, '! ');
    parts.push(`$ ${words}\n${stdout}${aside}[${code}]\n`);
  }
  return parts.join('\n');
}

const session: SessionReport = {
  id: 's1',
  verdict: 'healable',
  messages: 412,
  entries: 420,
  lastSeq: 420,
  kept: [],
  inDoubt: null,
  lost: [],
  unknownOutcomes: [],
};

const writer: WriterReport = {
  writer: '1f3a5b7c9d0e1f3a5b7c9d0e1f3a5b7c',
  state: 'dead',
  verdict: 'torn',
  owner: { pid: 4711, host: 'here', since: '2026-11-21T07:00:00Z' },
  segments: 2,
  durableMark: 418,
  lastSeq: 420,
  cut: { bytes: 1_040_264, entries: 1 },
};

test('help is there for every command', async () => {
  const turns = [
    '--help',
    'help snapshot',
    'help recover',
    ...commands.map(({ name }) => `help ${name}`),
  ];
  const text = await conversation(turns.map((words) => ({ words: `holdfast ${words}` })));
  await expect(text).toMatchFileSnapshot('golden/help.txt');
});

test('usage errors say in one line what was wrong and how to get help', async () => {
  const turns = [
    'holdfast',
    'holdfast apend',
    'holdfast frobnicate',
    'holdfast help shwo',
    'holdfast append',
    'holdfast append --session',
    'holdfast append --session --json',
    'holdfast append --sesion s1',
    'holdfast append --session a --session b',
    'holdfast append --session s1 --durability durabel',
    'holdfast append --session s1 --skip-invalid=yes',
    'holdfast append --session s1 one two',
    'holdfast show',
    'holdfast show s1 --from 0',
    'holdfast tail s1 -n ten',
    'holdfast snapshot',
    'holdfast snapshot s1',
    'holdfast snapshot takes s1',
    'holdfast snapshot take s1',
    'holdfast snapshot label s1 --snapshot 7',
    'holdfast snapshot cleanup s1 --keep 51',
    'holdfast rewind s1',
    'holdfast rewind s1 --undo --to-messages 4',
    'holdfast list --jsno',
    'holdfast list --store=',
    'holdfast recover run --expect-at-least s1',
    'holdfast recover accept-loss',
    'holdfast recover salvage /store',
    'recover verfy',
    'recover somewhere',
    'recover run --josn',
    'recover explain TORN_TALE',
  ];
  const text = await conversation(turns.map((words) => ({ words })));
  await expect(text).toMatchFileSnapshot('golden/usage.txt');
});

test('reports of recovery are short, exact, and end with what to do', async () => {
  const kept = [{ from: 410, to: 420 }];
  const inDoubt = { from: 421, to: 421 };
  const call = { callId: 'call_7', name: 'write_file', seq: 419 };
  const told = { ...session, kept, inDoubt, unknownOutcomes: [call] };
  const calm = { ...session, id: 's2', verdict: 'clean' } as const;
  const lost = [{ from: 12, to: 14 }];
  const around = [
    { from: 1, to: 11 },
    { from: 15, to: 420 },
  ];
  const hurt = { ...session, id: 's3', verdict: 'damaged', kept: around, lost } as const;
  const finding = {
    code: 'DAMAGED_FRAME',
    severity: 'error',
    file: 'sessions/s3/history',
    offset: 9000,
    session: 's3',
    message: 'payload damaged\u001b[2J',
  } as const;
  const doubt = { ...session, inDoubt: { from: 421, to: null } };
  const live = { ...writer, state: 'live' } as const;
  const turns: readonly Turn[] = [
    { words: 'recover', report: reportOf({ sessions: [calm] }) },
    {
      words: 'recover scan /store',
      report: reportOf({
        verdict: 'healable',
        bytesNeeded: 24_600,
        sessions: [told, calm],
        writers: [writer, live],
      }),
    },
    {
      words: 'recover run /store',
      report: reportOf({
        verdict: 'healed',
        changed: true,
        sessions: [{ ...told, verdict: 'healed' }],
      }),
    },
    {
      words: 'recover verify /store',
      report: reportOf({
        verdict: 'damaged',
        historiesRead: true,
        sessions: [hurt, calm],
        findings: [finding],
      }),
    },
    { words: 'recover scan /store', report: reportOf({ verdict: 'healable', sessions: [doubt] }) },
    { words: 'recover scan /store', report: reportOf({ verdict: 'unsupported' }) },
    { words: 'recover scan /store', report: reportOf({ verdict: 'unreadable' }) },
    { words: 'recover scan /store --json', report: reportOf({ sessions: [calm] }) },
    { words: 'recover explain torn-tail' },
    { words: 'recover explain tool_use ids must be unique' },
    { words: 'recover explain newer_format' },
    { words: 'recover explain 10 --json' },
    { words: 'recover explain' },
    { words: 'holdfast --version' },
  ];
  await expect(await conversation(turns)).toMatchFileSnapshot('golden/reports.txt');
});
