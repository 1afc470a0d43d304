/** `snapshot take`, `snapshot label` and `snapshot cleanup`: restore points by hand. */
import { snapshotsKept } from '../../base/quantities.ts';
import type { Session } from '../../store/api.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { numberOf } from '../number-option.ts';
import { sessionId, withSession, withSnapshot } from '../one-session.ts';
import { counted, json, oneLine } from '../text.ts';
import { UsageError } from '../usage-error.ts';
import { snapshotSchema } from './snapshots.ts';

const labelSchema = 'holdfast.snapshot-label/1';
const cleanupSchema = 'holdfast.snapshot-cleanup/1';
const exits = [0, 20, 30, 40, 50, 64, 66, 70, 129, 130, 143] as const;

/** Takes one. */
export const snapshotTake: Command = {
  name: 'snapshot take',
  summary: 'Take a restore point of a session as it is now',
  positionals: [sessionId, directory],
  options: [
    { name: 'action', value: 'TEXT', required: true, summary: 'What is going on, in a line' },
    { name: 'label', value: 'TEXT', summary: 'A name; what has one is never cleaned up' },
    storeOption,
  ],
  details: [
    'Costs the same whatever the length of the session, and is durable when it is told. A ' +
      'session that an agent has open is locked: the agent takes its own.',
  ],
  examples: [
    { line: "holdfast snapshot take s1 --action 'before the rewrite'", why: 'a restore point' },
    {
      line: "holdfast snapshot take s1 --action 'all tests pass' --label green",
      why: 'one that stays',
    },
  ],
  exits,
  schema: snapshotSchema,
  run: (context) => withSession(context, 'write', (session) => take(context, session)),
};

/** Names one, or takes its name away. */
export const snapshotLabel: Command = {
  name: 'snapshot label',
  summary: 'Give a restore point a label, or take it away',
  positionals: [sessionId, directory],
  options: [
    { name: 'snapshot', value: 'N', required: true, summary: 'Its id, as `snapshots` lists it' },
    { name: 'label', value: 'TEXT', summary: 'The label' },
    { name: 'remove', summary: 'Take the label away' },
    storeOption,
  ],
  details: [
    'What has a label is never cleaned up. Without one it is among the newest 50 that are ' +
      'listed, or it leaves the list; its id goes on to work.',
    'With --json an object: schema, session, snapshot, label (or null).',
  ],
  examples: [],
  exits,
  schema: labelSchema,
  run: (context) => {
    const label = wantedLabel(context);
    const id = numberOf(context.args, 'snapshot') ?? 0;
    return withSession(context, 'write', async (session) => {
      await withSnapshot(session, context.args, id, () => session.snapshots.label(id, label));
      const { talk } = context;
      const told = { schema: labelSchema, session: session.id, snapshot: id, label };
      const now = label === null ? 'has no label' : `is called ${oneLine(label, 80)}`;
      await talk.data(talk.json ? `${json(told)}\n` : `Snapshot ${id} of ${session.id} ${now}\n`);
      return 0;
    });
  },
};

/** Shortens the list. */
export const snapshotCleanup: Command = {
  name: 'snapshot cleanup',
  summary: 'Take old restore points without a label off the list',
  positionals: [sessionId, directory],
  options: [
    { name: 'keep', value: 'N', summary: `The newest that stay, 0 to ${snapshotsKept} (default)` },
    storeOption,
  ],
  details: [
    'Those with a label stay. No message is touched, and a restore point that has left the list ' +
      'can still be gone back to by its id.',
    'With --json an object: schema, session, removed (ids), left (how many are listed now).',
  ],
  examples: [{ line: 'holdfast snapshot cleanup s1 --keep 10', why: 'the newest ten stay' }],
  exits,
  schema: cleanupSchema,
  run: (context) => {
    const keep = numberOf(context.args, 'keep', 0) ?? snapshotsKept;
    if (keep > snapshotsKept) throw new UsageError(`--keep is at most ${snapshotsKept}`);
    return withSession(context, 'write', async (session) => {
      const { removed } = await session.snapshots.cleanup({ keep });
      const left = session.snapshots.list().length;
      const { talk } = context;
      const told = { schema: cleanupSchema, session: session.id, removed, left };
      const line = `${counted(removed.length, 'snapshot')} off the list, ${left} left`;
      await talk.data(talk.json ? `${json(told)}\n` : `${line}\n`);
      return 0;
    });
  },
};

async function take({ args, talk }: Context, session: Session): Promise<ExitCode> {
  const label = args.text('label');
  const action = args.text('action') ?? '';
  const taken = await session.snapshots.take(label === undefined ? { action } : { action, label });
  const told = { schema: snapshotSchema, session: session.id, ...taken };
  const line = `Snapshot ${taken.id} of ${session.id}: ${counted(taken.messageIndex, 'message')}`;
  await talk.data(talk.json ? `${json(told)}\n` : `${line}\n`);
  return 0;
}

function wantedLabel({ args }: Context): string | null {
  const label = args.text('label');
  if (args.has('remove') === (label !== undefined)) {
    throw new UsageError('say either --label TEXT or --remove');
  }
  return label ?? null;
}
