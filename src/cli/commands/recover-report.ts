/**
 * `recover report`: all that is known of a session or a store, for people: on the terminal, or as
 * one page that needs nothing else. Changes nothing.
 */
import { shellWord } from '../../page/shell-word.ts';
import { resolve } from 'node:path';
import { HoldfastError } from '../../base/errors.ts';
import { storePage } from '../../page/store-page.ts';
import { transcriptPage } from '../../page/transcript-page.ts';
import type { TranscriptReport } from '../../page/report.ts';
import type { RecoveryReport } from '../../recovery/report.ts';
import type { Command, Context } from '../command.ts';
import { exitOfVerdict } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { writeNewFile } from '../new-file.ts';
import type { WriteText } from '../new-file.ts';
import { withSessionOf } from '../one-session.ts';
import { foundAt, pathKind, refusePipe } from '../path-kind.ts';
import { progressLine } from '../progress.ts';
import type { ProgressLine } from '../progress.ts';
import { reportText } from '../report-text.ts';
import { sessionPageInput } from '../reports/session.ts';
import { storePageInput } from '../reports/store.ts';
import { headText, nextText, transcriptText } from '../reports/transcript-text.ts';
import { withTranscriptReport } from '../reports/transcript.ts';
import { json } from '../text.ts';
import type { TranscriptPath } from '../transcripts/checked.ts';
import type { Watching } from '../transcripts/opened.ts';
import { policyOf, policyOption, profileOf, profileOption } from '../transcripts/options.ts';
import { repairSession } from '../transcripts/repair-target.ts';
import { storeAt } from '../transcripts/store-at.ts';
import { exitOfTranscript } from '../transcripts/verdict.ts';
import { UsageError } from '../usage-error.ts';

/** The command. */
export const recoverReport: Command = {
  name: 'recover report',
  summary: 'Tell all about a session or a store, as text or as one page',
  positionals: [
    { name: 'PATH', required: true, summary: 'A transcript or a store; its content tells which' },
  ],
  options: [
    { name: 'html', value: 'OUT', summary: 'A new file: a page that needs nothing else' },
    profileOption,
    policyOption,
    repairSession,
  ],
  details: [
    'The page has the verdict, what to do next, the file drawn to scale with each fault at its ' +
      'place, every finding, the repair as a diff, the timeline with its tool calls, and restore ' +
      'points. It loads nothing, works without scripts, and may be printed or sent.',
    'Of a long session the page has 2,000 messages: where something was found, the beginning and ' +
      'the newest; long texts are cut. What is left out is told in its place.',
    'Of a database or a folder of another tool that holds several sessions --session names one, ' +
      'as for `recover verify`.',
    'Exits with 0 when nothing has to be done, with 10 when a repair mends it, with 20 when ' +
      'something that was written cannot be read. With --json the report of a transcript ' +
      'or a session has the schema holdfast.transcript-report/1, that of a store ' +
      'holdfast.recovery/1.',
  ],
  examples: [
    { line: 'recover report session.jsonl --html session.html', why: 'to look at, or to send' },
    { line: 'recover report ./store --html store.html', why: 'a whole store' },
    { line: 'recover report ./store --session s1 --html s1.html', why: 'one session of it' },
    { line: 'recover report session.jsonl --json', why: 'the same facts for programs' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70, 129, 130, 143],
  schema: 'holdfast.transcript-report/1',
  run: runReport,
};

async function runReport(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const path = args.text('PATH') ?? '';
  if (path === '') throw new UsageError('PATH is empty; name a transcript or a store');
  if (args.text('html') === '') throw new UsageError('--html needs the name of a new file');
  await refusePipe(path);
  const kind = await pathKind(path);
  if (kind === 'folder') await requireStore(path);
  const id = args.text('session');
  const progress = progressLine(io, talk);
  try {
    if (kind !== 'store') {
      return await reportTranscript(context, { path, session: id ?? null }, progress);
    }
    return await foundAt(path, () =>
      id === undefined
        ? reportStore(context, path, progress)
        : reportSession(context, { root: resolve(path), id }, progress),
    );
  } finally {
    await progress.clear();
  }
}

/** Refuses a folder that only has files in it; that of opencode is one store. */
async function requireStore(path: string): Promise<void> {
  const store = await storeAt(path);
  store?.close();
  if (store !== null) return;
  const message =
    `Cannot report on ${JSON.stringify(path)}: it is a folder, and no store; ` +
    `\`recover scan ${shellWord(path)}\` lists the transcripts in it`;
  throw new HoldfastError('INVALID', message, { path: 'PATH' });
}

async function reportTranscript(
  context: Context,
  where: TranscriptPath,
  progress: ProgressLine,
): Promise<ExitCode> {
  const { args, io } = context;
  const watching = { signal: io.signal, onProgress: progress.onProgress };
  const wish = { where, profile: profileOf(args), policy: policyOf(args), watching };
  const report = await withPage(context, progress, (write) =>
    withTranscriptReport(wish, async (input) => {
      if (write !== null) await writePage(transcriptPage(input), write, watching);
      return input.report;
    }),
  );
  return tellReport(context, report);
}

async function reportSession(
  context: Context,
  { root, id }: { readonly root: string; readonly id: string },
  progress: ProgressLine,
): Promise<ExitCode> {
  const { args, io, talk } = context;
  const { signal, version } = io;
  // A session does not say which provider it talks to, so nothing is guessed.
  const profile = profileOf(args) ?? 'generic';
  const watching = { signal, onProgress: progress.onProgress };
  const wish = { root, profile, policy: policyOf(args), version, signal };
  const report = await withPage(context, progress, (write) =>
    withSessionOf(context, { root, id, mode: 'read' }, async (session) => {
      const input = await sessionPageInput(session, wish);
      if (write !== null) await writePage(transcriptPage(input), write, watching);
      return input.report;
    }),
  );
  if (!args.has('profile')) {
    await talk.say(
      `A session does not say which provider it talks to: these are the rules of ${profile}, ` +
        'which all providers share; --profile asks for those of one',
    );
  }
  return tellReport(context, report);
}

async function tellReport({ args, talk }: Context, report: TranscriptReport): Promise<ExitCode> {
  if (talk.json) await talk.data(`${json(report)}\n`);
  else if (args.has('html')) {
    await talk.data(`${headText(report, talk.style)}\n${nextText(report.next)}\n`);
  } else await talk.data(transcriptText(report, talk.style));
  return exitOfTranscript[report.verdict];
}

async function reportStore(
  context: Context,
  path: string,
  progress: ProgressLine,
): Promise<ExitCode> {
  const { args, engine, io, talk } = context;
  for (const name of ['profile', 'policy']) {
    if (args.has(name))
      throw new UsageError(`--${name} is for transcripts and sessions; give --session ID as well`);
  }
  const watching = { signal: io.signal, onProgress: progress.onProgress };
  const report = await withPage(context, progress, async (write): Promise<RecoveryReport> => {
    const { onProgress } = progress;
    const options = { mode: 'verify', signal: io.signal } as const;
    const told = await engine.recover(
      resolve(path),
      onProgress === undefined ? options : { ...options, onProgress },
    );
    if (write !== null) {
      await writePage(storePage(await storePageInput(engine, told, watching)), write, watching);
    }
    return told;
  });
  await talk.data(talk.json ? `${json(report)}\n` : reportText(report, talk.style));
  return exitOfVerdict(report.verdict);
}

/** Runs `work` with what writes the page, if one is wanted, and says where it is. */
async function withPage<T>(
  { args, talk }: Context,
  progress: ProgressLine,
  work: (write: WriteText | null) => Promise<T>,
): Promise<T> {
  const html = args.text('html');
  if (html === undefined) return work(null);
  const to = resolve(html);
  // The file is begun first: nobody waits for a page that cannot be written.
  const done = await writeNewFile(to, (line) => talk.say(line), work);
  await progress.clear();
  if (!talk.json) await talk.say(`The page is in ${to}`);
  return done;
}

async function writePage(
  page: Iterable<string>,
  write: WriteText,
  { signal, onProgress }: Watching,
): Promise<void> {
  let done = 0;
  for (const piece of page) {
    signal.throwIfAborted();
    await write(piece);
    done += piece.length;
    onProgress?.({ what: 'writing the page', done, total: null });
  }
}
