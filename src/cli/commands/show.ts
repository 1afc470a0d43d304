/**
 * `holdfast show`: a session for the eye, streaming, with long contents cut and foreign control
 * characters made visible. With `--json` every entry, whole.
 */
import { reachesBranch } from '../../session/cuts.ts';
import type { OpenCall } from '../../session/state.ts';
import type { Session } from '../../store/api.ts';
import { GapFinder, gapText } from '../../store/gaps.ts';
import { announcesCalls } from '../announced-calls.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { numberOption } from '../number-option.ts';
import { sessionId, withSession } from '../one-session.ts';
import { entrySchema, EntryPrinter, placeOf, wantedEntries } from '../shown-entries.ts';
import type { Wanted } from '../shown-entries.ts';
import type { Style } from '../talk.ts';
import { counted, oneLine, time } from '../text.ts';
import { UsageError } from '../usage-error.ts';

/** The command. */
export const show: Command = {
  name: 'show',
  summary: 'Show a session: what was said, called and answered',
  positionals: [sessionId, directory],
  options: [
    { name: 'from', value: 'SEQ', summary: 'Begin at this sequence' },
    { name: 'to', value: 'SEQ', summary: 'End at this sequence' },
    { name: 'limit', value: 'N', summary: 'At most so many entries' },
    { name: 'last', value: 'N', summary: 'Only so many at the end' },
    { name: 'reverse', summary: 'Newest first' },
    { name: 'branch', summary: 'Only the conversation as it stands' },
    storeOption,
  ],
  details: [
    'Long contents are cut; `holdfast export` has them whole. Streams as it reads, so a pager ' +
      'can be left at any time, and a session of any length takes no more memory than a short one.',
    'What a rewind cut out of the conversation is shown as well, faded and marked (cut); the ' +
      'rewind itself stands at its end. --branch leaves it out.',
    'With --json one entry a line: schema, seq, timeMs, event, cut, and idempotencyKey if it has ' +
      'one.',
  ],
  examples: [
    { line: 'holdfast show s1 | less -R', why: 'page by page' },
    { line: 'holdfast show s1 --branch --last 20', why: 'the end of the conversation' },
    { line: 'holdfast show s1 --from 40 --to 50 --json', why: 'entries as JSON, one a line' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
  schema: entrySchema,
  run: runShow,
};

function runShow(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const wanted: Wanted = {
    ...numberOption(args, 'from'),
    ...numberOption(args, 'to'),
    ...numberOption(args, 'limit'),
    ...numberOption(args, 'last'),
    reverse: args.has('reverse'),
    which: args.has('branch') ? 'branch' : 'all',
    signal: io.signal,
  };
  if (wanted.from !== undefined && wanted.to !== undefined && wanted.from > wanted.to) {
    throw new UsageError(`--from ${wanted.from} is behind --to ${wanted.to}; turn them around`);
  }
  return withSession(context, 'read', async (session) => {
    if (!talk.json) await talk.data(`${await head(session, talk.style, io.signal)}\n`);
    const printer = new EntryPrinter(talk, 'a heading');
    const isFromStart = !wanted.reverse && wanted.from === undefined && wanted.last === undefined;
    const finder = new GapFinder(session, isFromStart ? 0 : null);
    const { cuts } = session.state;
    for await (const entry of wantedEntries(session, wanted)) {
      if (io.stdout.gone.aborted) return 0;
      const gap = finder.next(entry);
      const isSeen = gap !== null && (wanted.which === 'all' || reachesBranch(cuts, gap));
      if (isSeen && !talk.json) await talk.data(`\n${talk.style.yellow(gapText(gap))}\n`);
      await printer.print(entry, placeOf(session, entry));
    }
    const { from = 0 } = wanted;
    const { lastSeq } = session.state;
    if (from > lastSeq && !talk.json) {
      await talk.say(`Nothing stands at seq ${from} or behind it: the last one is ${lastSeq}`);
    }
    return 0;
  });
}

async function head(session: Session, style: Style, signal: AbortSignal): Promise<string> {
  const { id, state } = session;
  const facts = [
    counted(state.messages, 'message'),
    state.model === null ? '' : oneLine(state.model, 60),
    state.status === null ? '' : oneLine(state.status, 40),
    state.updatedMs === null ? '' : `updated ${time(state.updatedMs)}`,
  ];
  const lines = [`${style.bold(id)}  ${facts.filter((fact) => fact !== '').join(', ')}`];
  const isDoubtful = state.openCalls.some(({ progress }) => progress === 'not-started');
  const announces = isDoubtful && (await announcesCalls(session, signal));
  for (const call of state.openCalls) {
    const progress = progressText(call, announces);
    const told = `${oneLine(call.name, 60)} (${oneLine(call.callId, 60)}): ${progress}`;
    lines.push(style.yellow(`  open call ${told}`));
  }
  return lines.join('\n');
}

/** In the words of `recover`: without any intent, the lack of one says nothing of a call. */
function progressText({ progress }: OpenCall, announces: boolean): string {
  const isUnknown = progress === 'unknown-outcome' || (progress === 'not-started' && !announces);
  return isUnknown ? 'may have run' : progress;
}
