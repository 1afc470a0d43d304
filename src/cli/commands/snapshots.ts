/** `holdfast snapshots`: the restore points of a session. Nothing is locked or changed. */
import type { SnapshotSummary } from '../../session/state.ts';
import { headingOf, left, right, rowOf } from '../columns.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { sessionId, withSession } from '../one-session.ts';
import { counted, json, number, oneLine, time } from '../text.ts';
import type { Style } from '../talk.ts';

/** What `--json` tells of one snapshot. */
export const snapshotSchema = 'holdfast.snapshot/1';

/** The command. */
export const snapshots: Command = {
  name: 'snapshots',
  summary: 'List the restore points of a session',
  positionals: [sessionId, directory],
  options: [storeOption],
  details: [
    'Oldest first: all that have a label, and the newest 50 without. MESSAGES says how long the ' +
      'conversation was; (left) marks a restore point on a branch that a rewind left, to which ' +
      '`holdfast rewind` goes back as well. Looks and changes nothing, also while the session is ' +
      'in use.',
    'With --json one object a line: schema, session, id, timeMs, messageIndex, action, trigger ' +
      '(null when somebody asked for it), label (or null), contentDigest, onBranch. A ' +
      'damaged one ' +
      'has schema, session, id and damaged (true). Exits with 20 when one is damaged.',
  ],
  examples: [
    { line: 'holdfast snapshots s1', why: 'where one can go back to' },
    { line: 'holdfast snapshots s1 --json', why: 'one object a line, for programs' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
  schema: snapshotSchema,
  run: (context) => withSession(context, 'read', (session) => list(context, session)),
};

/** The restore points of a session, as far as listing them needs. */
interface Listed {
  list(): readonly SnapshotSummary[];
  damaged(): Promise<readonly number[]>;
}

const columns = [
  right('SNAPSHOT', 8),
  right('MESSAGES', 8),
  left('TIME', 20),
  left('TRIGGER', 13),
  left('ACTION'),
];

async function list(
  { io, talk }: Context,
  session: { readonly id: string; readonly snapshots: Listed },
): Promise<ExitCode> {
  const damaged = await session.snapshots.damaged();
  const all = session.snapshots.list().filter(({ id }) => !damaged.includes(id));
  if (!talk.json && all.length > 0) await talk.data(`${talk.style.dim(headingOf(columns))}\n`);
  for (const one of all) {
    if (io.stdout.gone.aborted) return 0;
    const told = { schema: snapshotSchema, session: session.id, ...one };
    await talk.data(talk.json ? `${json(told)}\n` : `${row(one, talk.style)}\n`);
  }
  const code: ExitCode = damaged.length === 0 ? 0 : 20;
  if (talk.json) {
    for (const id of damaged) {
      const told = { schema: snapshotSchema, session: session.id, id, damaged: true };
      await talk.data(`${json(told)}\n`);
    }
    return code;
  }
  for (const id of damaged) {
    await talk.data(`${rowOf(columns, [String(id)])}  damaged: its bytes do not hold\n`);
  }
  const others = all.filter((one) => !one.onBranch).length;
  const aside = others === 0 ? '' : `, ${number(others)} on a branch that was left`;
  const many = counted(all.length, 'snapshot') + aside;
  if (damaged.length > 0) {
    const serve = all.length === 0 ? 'no other one is left' : `${many} can be used`;
    await talk.say(`${counted(damaged.length, 'snapshot')} damaged; ${serve}`);
  } else await talk.say(all.length === 0 ? 'No snapshots yet' : many);
  return code;
}

function row(one: SnapshotSummary, style: Style): string {
  const { id, messageIndex, timeMs, trigger, action, label, onBranch } = one;
  const named = label === null ? '' : `[${oneLine(label, 60)}] `;
  const told = `${onBranch ? '' : '(left) '}${named}${oneLine(action, 80)}`;
  const cells = [String(id), number(messageIndex), time(timeMs), trigger ?? '-', told];
  const line = rowOf(columns, cells);
  return onBranch ? line : style.dim(line);
}
