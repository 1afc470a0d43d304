/**
 * `holdfast show`: a session for the eye, streaming, with long contents cut and foreign control
 * characters made visible. With `--json` every entry, whole.
 */
import { directory, storeOption } from '../command.ts';
import type { Arguments, Command, Context } from '../command.ts';
import { entryText } from '../entry-text.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { ReadOptions, Session } from '../../store/api.ts';
import { storeDirectory } from '../store-directory.ts';
import type { Style } from '../talk.ts';
import { counted, json, oneLine, time } from '../text.ts';
import { UsageError } from '../usage-error.ts';

/** The command. */
export const show: Command = {
  name: 'show',
  summary: 'Show a session: what was said, called and answered',
  positionals: [
    { name: 'ID', required: true, summary: 'The session, as `holdfast list` names it' },
    directory,
  ],
  options: [
    { name: 'from', value: 'SEQ', summary: 'Begin at this sequence' },
    { name: 'to', value: 'SEQ', summary: 'End at this sequence' },
    { name: 'limit', value: 'N', summary: 'At most so many entries' },
    storeOption,
  ],
  details: [
    'Long contents are cut; `holdfast export` has them whole. Streams as it reads, so a pager ' +
      'can be left at any time.',
  ],
  examples: [
    { line: 'holdfast show s1 | less -R', why: 'page by page' },
    { line: 'holdfast show s1 --from 40 --to 50 --json', why: 'entries as JSON, one a line' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
  schema: 'holdfast.entry/1',
  run: runShow,
};

async function runShow({ args, engine, io, talk }: Context): Promise<ExitCode> {
  const options: ReadOptions = {
    ...numberOption(args, 'from'),
    ...numberOption(args, 'to'),
    ...numberOption(args, 'limit'),
    signal: io.signal,
  };
  const root = storeDirectory(args, io);
  await using store = await engine.openStore(root, { mode: 'read', signal: io.signal });
  await using session = await store.openSession(args.text('ID') ?? '', { mode: 'read' });
  if (!talk.json) await talk.data(`${head(session, talk.style)}\n`);
  for await (const entry of session.entries(options)) {
    if (io.stdout.gone.aborted) return 0;
    if (talk.json) await talk.data(`${json({ schema: 'holdfast.entry/1', ...entry })}\n`);
    else await talk.data(`\n${entryText(entry, talk.style)}\n`);
  }
  return 0;
}

function head({ id, state }: Session, style: Style): string {
  const facts = [
    counted(state.messages, 'message'),
    state.model === null ? '' : oneLine(state.model, 60),
    state.status === null ? '' : oneLine(state.status, 40),
    state.updatedMs === null ? '' : `updated ${time(state.updatedMs)}`,
  ];
  const lines = [`${style.bold(id)}  ${facts.filter((fact) => fact !== '').join(', ')}`];
  for (const call of state.openCalls) {
    const told = `${oneLine(call.name, 60)} (${oneLine(call.callId, 60)}): ${call.progress}`;
    lines.push(style.yellow(`  open call ${told}`));
  }
  return lines.join('\n');
}

/** A whole number from 1 as a member, or no member. */
export function numberOption<K extends string>(
  args: Arguments,
  name: K,
): { readonly [P in K]?: number } {
  const text = args.text(name);
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    throw new UsageError(`--${name} is a whole number from 1, not ${JSON.stringify(text)}`);
  }
  return { [name]: Number(text) } as { readonly [P in K]?: number };
}
