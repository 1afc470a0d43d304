/**
 * `recover accept-loss`: lets a damaged session open again without the entries that are gone.
 * Without `--yes` it says what would be accepted and changes nothing.
 */
import { HoldfastError } from '../../base/errors.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import { exitOfVerdict } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { reportText } from '../report-text.ts';
import { storeDirectory } from '../store-directory.ts';
import { json, ranges } from '../text.ts';

/** The command. */
export const recoverAcceptLoss: Command = {
  name: 'recover accept-loss',
  summary: 'Let a damaged session open again without what is lost',
  positionals: [directory],
  options: [
    { name: 'session', value: 'ID', required: true, summary: 'The damaged session' },
    { name: 'yes', summary: 'Do it; without this nothing is changed' },
    storeOption,
  ],
  details: [
    'Sets the damaged bytes aside in quarantine/, writes a loss record with the lost sequences ' +
      'into the history, and lets the session open. Cannot be undone; `recover salvage` first ' +
      'keeps every choice.',
  ],
  examples: [
    { line: 'recover accept-loss --session s1', why: 'what would be accepted' },
    { line: 'recover accept-loss --session s1 --yes', why: 'accept it' },
  ],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70],
  schema: 'holdfast.recovery/1',
  run: runAcceptLoss,
};

async function runAcceptLoss(context: Context): Promise<ExitCode> {
  const { args, engine, io, talk } = context;
  const session = args.text('session') ?? '';
  const root = storeDirectory(args, io);
  if (!args.has('yes')) return ask(context, root, session);
  const report = await engine.acceptLoss(root, { session });
  await talk.data(talk.json ? `${json(report)}\n` : reportText(report, talk.style));
  return exitOfVerdict(report.verdict);
}

async function ask(context: Context, root: string, id: string): Promise<ExitCode> {
  const { engine, io, talk } = context;
  const report = await engine.recover(root, { mode: 'verify', signal: io.signal });
  const session = report.sessions.find((one) => one.id === id);
  if (session === undefined) {
    throw new HoldfastError(
      'NOT_FOUND',
      `Cannot find session ${JSON.stringify(id)} in ${JSON.stringify(root)}; see \`holdfast list\``,
      { what: id },
    );
  }
  if (talk.json) await talk.data(`${json({ ...report, sessions: [session] })}\n`);
  if (session.lost.length === 0) {
    await talk.warn(`${id} has lost nothing (${session.verdict}); there is nothing to accept`);
  } else {
    await talk.warn(`This would accept for good that ${id} has lost seq ${ranges(session.lost)}.`);
    await talk.warn('Nothing was changed; say --yes to do it.');
  }
  return 64;
}
