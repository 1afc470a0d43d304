/** `holdfast rewind`: the conversation goes on from an earlier point. Nothing is erased. */
import { HoldfastError } from '../../base/errors.ts';
import type { Session } from '../../store/api.ts';
import type { RewindOptions, RewindResult, RewindTarget } from '../../store/restore-api.ts';
import { directory, storeOption } from '../command.ts';
import type { Arguments, Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { numberOf } from '../number-option.ts';
import { sessionId, storeWords, withSession, withSnapshot } from '../one-session.ts';
import { counted, json, range } from '../text.ts';
import { UsageError } from '../usage-error.ts';

const schema = 'holdfast.rewind/1';

/** The command. */
export const rewind: Command = {
  name: 'rewind',
  summary: 'Go back to a restore point or a message, or take that back',
  positionals: [sessionId, directory],
  options: [
    { name: 'to-snapshot', value: 'N', summary: 'To this one, as `holdfast snapshots` lists it' },
    { name: 'to-messages', value: 'N', summary: 'So many messages stay' },
    { name: 'undo', summary: 'Take the newest rewind back' },
    { name: 'dry-run', summary: 'Say what would happen, and change nothing' },
    storeOption,
  ],
  details: [
    'Give exactly one of --to-snapshot, --to-messages and --undo. A rewind is itself an entry: ' +
      'what it cuts out of the conversation stays in the session, `holdfast show` shows it, and ' +
      '--undo brings it back. It never stands between a call of a tool and its result: then it ' +
      'goes back to the front of the call.',
    'Only the conversation goes back: files that tools wrote, the name of the session and its ' +
      'status stay as they are. A session that an agent has open is locked, but for --dry-run.',
    'With --json an object: schema, session, dryRun, to (the last seq that stays), ' +
      'messagesBefore, messagesAfter, movedBy (messages fewer than asked for, because of calls), ' +
      'cut (from, to), seq (of the rewind; null after --dry-run).',
  ],
  examples: [
    { line: 'holdfast rewind s1 --to-messages 40 --dry-run', why: 'what would that cut?' },
    { line: 'holdfast rewind s1 --to-messages 40', why: 'go on from the 40th message' },
    { line: 'holdfast rewind s1 --undo', why: 'that was wrong' },
  ],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70, 129, 130, 143],
  schema,
  run: runRewind,
};

function runRewind(context: Context): Promise<ExitCode> {
  const to = targetOf(context.args);
  const dryRun = context.args.has('dry-run');
  return withSession(context, dryRun ? 'read' : 'write', async (session) => {
    const done = await rewound(session, { to, dryRun }, context);
    const { talk } = context;
    const told = { schema, session: session.id, dryRun, ...done };
    await talk.data(talk.json ? `${json(told)}\n` : `${textOf(session, done, context)}\n`);
    return 0;
  });
}

/** What the library says in its own words is said in those of the command line. */
async function rewound(
  session: Session,
  options: RewindOptions,
  context: Context,
): Promise<RewindResult> {
  const { to } = options;
  const { messages } = session.state;
  if (to !== 'undo' && 'messages' in to && to.messages > messages) {
    const most = `${counted(messages, 'message')}: give 0 to ${messages}`;
    throw new UsageError(`--to-messages is ${to.messages}, and ${session.id} has ${most}`);
  }
  if (to !== 'undo' && 'snapshot' in to) {
    return withSnapshot(session, context.args, to.snapshot, () => session.rewind(options));
  }
  try {
    return await session.rewind(options);
  } catch (error) {
    const isUndo = to === 'undo' && HoldfastError.is(error, 'NOT_FOUND');
    if (!isUndo || error.details.what !== 'rewind') throw error;
    const message = `There is no rewind of session ${session.id} to take back`;
    throw new HoldfastError('NOT_FOUND', message, error.details, { cause: error });
  }
}

function targetOf(args: Arguments): RewindTarget {
  const snapshot = numberOf(args, 'to-snapshot');
  const messages = numberOf(args, 'to-messages', 0);
  const given = [snapshot !== undefined, messages !== undefined, args.has('undo')];
  if (given.filter((one) => one).length !== 1) {
    throw new UsageError('say one of --to-snapshot N, --to-messages N and --undo');
  }
  if (snapshot !== undefined) return { snapshot };
  return messages === undefined ? 'undo' : { messages };
}

function textOf(session: Session, done: RewindResult, context: Context): string {
  const { style } = context.talk;
  const what = storeWords(session, context.args);
  const { to, messagesBefore, messagesAfter, movedBy, cut, seq } = done;
  const isThere = (cut.to ?? cut.from) < cut.from;
  const verb = isThere ? 'stands already' : seq === null ? 'would stand' : 'stands';
  const now = `${counted(messagesAfter, 'message')}, ${messagesBefore} before`;
  const lines = [`${style.bold(session.id)} ${verb} at ${now}`];
  const fact = (name: string, text: string): number =>
    lines.push(`    ${style.dim(name.padEnd(6))}  ${text}`);
  fact('stays', to === 0 ? 'nothing: the conversation begins anew' : `up to seq ${to}`);
  const kept = `nothing is erased: \`holdfast show ${what}\` has it`;
  fact('cut', isThere ? 'nothing' : `seq ${range(cut)}; ${kept}`);
  if (movedBy > 0) {
    fact(
      'moved',
      `back by ${counted(movedBy, 'message')}: a call must not stand without its result`,
    );
  }
  if (isThere) return lines.join('\n');
  if (seq === null) fact('now', 'nothing was changed; without --dry-run it is done');
  else fact('undo', `\`holdfast rewind ${what} --undo\``);
  return lines.join('\n');
}
