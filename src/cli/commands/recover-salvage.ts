/** `recover salvage`: all that can be had, into a new store; the old one stays as it is. */
import { resolve } from 'node:path';
import type { SeqRange } from '../../base/errors.ts';
import type { SalvageReport } from '../../recovery/report.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { findingsText } from '../report-text.ts';
import { storeDirectory } from '../store-directory.ts';
import type { Style } from '../talk.ts';
import { counted, json, ranges } from '../text.ts';

/** The command. */
export const recoverSalvage: Command = {
  name: 'recover salvage',
  summary: 'Get out all that can be had into a new store, and list what is lost',
  positionals: [directory],
  options: [
    {
      name: 'to',
      value: 'NEWDIR',
      required: true,
      summary: 'The new store; must not exist, or be empty',
    },
    { name: 'session', value: 'ID', summary: 'Only this session' },
    storeOption,
  ],
  details: [
    'The old store is not changed. The new store opens clean; a session with lost entries has a ' +
      'loss record where they stood. Exits with 0 when all of it is there, and with 20 when ' +
      'entries are lost: they are listed, and the new store may be used without them.',
    'What `recover accept-loss` accepted earlier is listed too: with --json in accepted, beside ' +
      'lost.',
  ],
  examples: [{ line: 'recover salvage ./store --to ./rescued', why: 'everything that can be had' }],
  exits: [0, 20, 40, 50, 64, 66, 70, 129, 130, 143],
  schema: 'holdfast.salvage/1',
  run: runSalvage,
};

async function runSalvage({ args, engine, io, talk }: Context): Promise<ExitCode> {
  const root = storeDirectory(args, io);
  const to = args.text('to') ?? '';
  const session = args.text('session');
  const progress = progressLine(io, talk);
  const { onProgress } = progress;
  try {
    const report = await engine.salvage(root, {
      to: resolve(to),
      signal: io.signal,
      ...(session === undefined ? {} : { session }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    await progress.clear();
    await talk.data(talk.json ? `${json(report)}\n` : salvageText(report, talk.style));
    return report.sessions.some(({ lost }) => lost.length > 0) ? 20 : 0;
  } finally {
    await progress.clear();
  }
}

function salvageText(report: SalvageReport, style: Style): string {
  const { sessions, findings, to } = report;
  const hurt = sessions.filter(({ lost, accepted }) => lost.length + accepted.length > 0);
  const whole = sessions.length - hurt.length;
  const lines = [
    `${style.bold(to)}: ${counted(sessions.length, 'session')}, ${whole} of them whole`,
    ...hurt.map(({ id, messages, entries, lost, accepted }) => {
      const parts = [`${counted(messages, 'message')}, ${counted(entries, 'entry', 'entries')}`];
      const tell = (seqs: readonly SeqRange[], more: string): void => {
        if (seqs.length > 0) parts.push(`${style.red('lost')} seq ${ranges(seqs)}${more}`);
      };
      tell(lost, '');
      tell(accepted, ', accepted as lost earlier');
      return `  ${style.bold(id)}  ${parts.join('; ')}`;
    }),
  ];
  const worth = findings.filter(({ severity }) => severity !== 'info');
  if (worth.length > 0) lines.push(findingsText(worth, style));
  return `${lines.join('\n')}\n`;
}
