/**
 * `recover accept-loss`: lets a damaged session open again without the entries that are gone. It
 * says what is given up, what stays and how to go back; without `--yes` it changes nothing.
 */
import { addAll } from '../../base/lists.ts';
import { shellWord } from '../../page/shell-word.ts';
import type { AcceptedLoss, AcceptLossReport } from '../../recovery/report.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import { exitOfVerdict } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { reportText } from '../report-text.ts';
import { storeDirectory } from '../store-directory.ts';
import type { Style } from '../talk.ts';
import { bytes, counted, json, number, ranges } from '../text.ts';
import { UsageError } from '../usage-error.ts';

const placesShown = 20;

/** The command. */
export const recoverAcceptLoss: Command = {
  name: 'recover accept-loss',
  summary: 'Let a damaged session open again without what is lost',
  positionals: [directory],
  options: [
    { name: 'session', value: 'ID', required: true, summary: 'The damaged session' },
    { name: 'dry-run', summary: 'Say what would be accepted, and change nothing' },
    { name: 'yes', summary: 'Do it; without this nothing is changed' },
    storeOption,
  ],
  details: [
    'Says which sequences are given up, where the damaged bytes stand, and what stays readable. ' +
      'With --yes it first recovers what dead writers left, as `recover run` does, sets the ' +
      'history aside in quarantine/ as it was, writes a loss record with the lost sequences, ' +
      'and lets the session open.',
    'The session can go back to what it was, until something is appended, by putting the file ' +
      'from quarantine/ in the place of its history. `recover verify` tells accepted losses as ' +
      'LOSS_ACCEPTED from then on, as far as their end is known; when the damage cost no entry, ' +
      'there is no loss to record and none to tell. With --json the report has a member accepted.',
    'A session whose head is gone is made again from what journals hold. When they hold nothing, ' +
      'it is deleted; what is left of its file goes to quarantine/ first.',
  ],
  examples: [
    { line: 'recover accept-loss --session s1 --dry-run', why: 'what would be accepted' },
    { line: 'recover accept-loss --session s1 --yes', why: 'accept it' },
  ],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70],
  schema: 'holdfast.recovery/1',
  run: runAcceptLoss,
};

async function runAcceptLoss({ args, engine, io, talk }: Context): Promise<ExitCode> {
  const session = args.text('session') ?? '';
  const root = storeDirectory(args, io);
  if (args.has('yes') && args.has('dry-run')) throw new UsageError('--yes and --dry-run exclude');
  const isToBeDone = args.has('yes');
  const report = await engine.acceptLoss(
    root,
    isToBeDone ? { session } : { session, dryRun: true },
  );
  if (talk.json) await talk.data(`${json(report)}\n`);
  else await talk.data(lossText(report, talk.style));
  if (isToBeDone && !talk.json) await talk.data(`\n${reportText(report, talk.style)}`);
  const isAnything = report.accepted.lost.length > 0 || report.accepted.badBytes.length > 0;
  if (isToBeDone || args.has('dry-run') || !isAnything) return exitOfVerdict(report.verdict);
  await talk.warn('Nothing was changed; say --yes to accept, or --dry-run to only look.');
  return 64;
}

function lossText({ accepted, root }: AcceptLossReport, style: Style): string {
  const { session, lost, kept, entries, messages, badBytes, deleted, done } = accepted;
  const name = style.bold(session);
  if (lost.length === 0 && badBytes.length === 0 && !done) {
    return `${style.green('✓')} ${name} has lost nothing; there is nothing to accept\n`;
  }
  const mark = done ? style.green('✓') : style.yellow('●');
  const what = done ? 'the loss is accepted' : 'this would be accepted';
  const gone = done ? 'the session is deleted' : 'the session would be deleted';
  const lines = [`${mark} ${name} in ${root}: ${what}`];
  const tell = (label: string, text: string): number => lines.push(`    ${label} ${text}`);
  tell(style.red('lost     '), lost.length === 0 ? 'no entry' : `seq ${ranges(lost)}`);
  const many = `${counted(entries, 'entry', 'entries')}, ${counted(messages, 'message')}`;
  tell('readable ', kept.length === 0 ? 'nothing' : `seq ${ranges(kept)} (${many})`);
  for (const place of badBytes.slice(0, placesShown)) tell('damage   ', placeText(place));
  const more = badBytes.length - placesShown;
  if (more > 0) tell('damage   ', `and ${counted(more, 'more place')}; --json has them`);
  if (deleted) tell(style.red('deleted  '), `nothing is left to keep: ${gone}`);
  addAll(lines, afterText(accepted, root));
  return `${lines.join('\n')}\n`;
}

function placeText({
  file,
  offset,
  bytes: size,
  reason,
}: AcceptedLoss['badBytes'][number]): string {
  const span =
    size === null ? `at byte ${number(offset)}` : `bytes ${offset} to ${offset + size - 1}`;
  return `${file}, ${span}${size === null ? '' : ` (${bytes(size)})`}: ${reason}`;
}

function afterText(accepted: AcceptedLoss, root: string): readonly string[] {
  const { session, setAside, deleted } = accepted;
  if (setAside === null) return [];
  const kept = `    set aside ${setAside} (the history as it was, whole)`;
  if (deleted) return [kept];
  const history = `${root}/sessions/${session}/history`;
  return [
    kept,
    seenText(accepted, root),
    'To undo it, before anything is appended, with nobody in the store:',
    `            cp ${shellWord(`${root}/${setAside}`)} ${shellWord(history)}`,
  ];
}

/** What `recover verify` will tell: only what has a loss record, which needs a first and a last. */
function seenText({ lost }: AcceptedLoss, root: string): string {
  if (lost.length === 0) {
    return 'No entry was lost: there is no loss for `recover verify` to tell of from now on';
  }
  const known = lost.some(({ to }) => to === null) ? ', as far as its end is known' : '';
  return `To see it:  recover verify ${shellWord(root)} tells it as LOSS_ACCEPTED${known}`;
}
