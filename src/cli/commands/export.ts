/**
 * `holdfast export`: the messages of a session, whole, for other programs or for reading; to
 * standard output, or to a new file that is there only when it is complete.
 */
import { resolve } from 'node:path';
import { isCut } from '../../session/cuts.ts';
import type { Session } from '../../store/api.ts';
import { gapsOf, gapText } from '../../store/gaps.ts';
import type { Gap } from '../../store/gaps.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { messageMarkdown } from '../markdown.ts';
import { writeNewFile } from '../new-file.ts';
import { sessionId, withSession } from '../one-session.ts';
import { counted, json } from '../text.ts';
import { UsageError } from '../usage-error.ts';

const schema = 'holdfast.export/1';

/** The command. */
export const exportSession: Command = {
  name: 'export',
  summary: 'Write the messages of a session to stdout, or to a new file',
  positionals: [sessionId, directory],
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      choices: ['jsonl', 'markdown'],
      summary: 'jsonl (default): one message a line; markdown: for reading',
    },
    { name: 'all', summary: 'Also what rewinds have cut out of the conversation' },
    { name: 'to', value: 'FILE', summary: 'A new file instead of stdout; there when it is whole' },
    storeOption,
  ],
  details: [
    'jsonl gives each message deep-equal to what was appended, one a line; `holdfast append` ' +
      'takes it back. Bytes, which only programs can append, are {"$bytes":"<base64>"}.',
    'The conversation as it stands, unless --all asks for every message that there ever was; ' +
      'markdown marks those that are not in it, jsonl does so with --json.',
    'With --json each line is an object with schema and kind: message (seq, cut, message), and ' +
      'at the end one result (session, format, messages, firstSeq, lastSeq, to). With --to only ' +
      'the result comes; a stream that ends without it is not whole.',
  ],
  examples: [
    { line: 'holdfast export s1 --format jsonl > s1.jsonl', why: 'a copy' },
    { line: 'holdfast export s1 --format markdown --to s1.md', why: 'to read or to share' },
    { line: 'holdfast export s1 --json', why: 'messages with their sequences, for programs' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
  schema,
  run: runExport,
};

/** What was written. */
interface Exported {
  readonly messages: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

async function runExport(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const format = args.text('format') === 'markdown' ? 'markdown' : 'jsonl';
  const to = args.text('to');
  if (to === '') throw new UsageError('--to is empty; name a file');
  if (talk.json && to === undefined && format === 'markdown') {
    throw new UsageError('--json on stdout has messages in JSON; for markdown give --to FILE');
  }
  return withSession(context, 'read', async (session) => {
    const includeCut = args.has('all');
    const gaps = await gapsOf(session, includeCut ? [] : session.state.cuts);
    for (const gap of gaps) await talk.warn(gapText(gap));
    const task = { session, format, includeCut, gaps, signal: io.signal } as const;
    const path = to === undefined ? null : resolve(to);
    const done =
      path === null
        ? await writeMessages({ ...task, wrapped: talk.json }, (text) => talk.data(text), io.stdout)
        : await writeNewFile(path, (write) => writeMessages({ ...task, wrapped: false }, write));
    const told = { schema, kind: 'result', session: session.id, format, ...done, to: path };
    if (talk.json) await talk.data(`${json(told)}\n`);
    else if (path !== null) await talk.say(`${counted(done.messages, 'message')} in ${path}`);
    return 0;
  });
}

async function writeMessages(
  task: {
    readonly session: Session;
    readonly format: 'jsonl' | 'markdown';
    /** Each message in an object of its own, with its sequence. */
    readonly wrapped: boolean;
    readonly includeCut: boolean;
    /** Where entries are lost, ascending. */
    readonly gaps: readonly Gap[];
    readonly signal: AbortSignal;
  },
  write: (text: string) => Promise<void>,
  reader: { readonly gone: AbortSignal } | null = null,
): Promise<Exported> {
  const { session, format, wrapped, includeCut, signal } = task;
  const gaps = format === 'markdown' ? [...task.gaps] : [];
  const { cuts } = session.state;
  let [messages, firstSeq, lastSeq] = [0, null as number | null, null as number | null];
  if (format === 'markdown') await write(`# Session ${session.id}\n`);
  for await (const { seq, message } of session.messages({ includeCut, signal })) {
    if (reader?.gone.aborted === true) break;
    const cut = isCut(cuts, seq);
    while ((gaps[0]?.from ?? seq) < seq) await write(gapMarkdown(gaps.shift()));
    const line = wrapped ? { schema, kind: 'message', seq, cut, message } : message;
    await write(
      format === 'markdown'
        ? messageMarkdown(messages + 1, message, cut ? ' (cut)' : '')
        : `${json(line)}\n`,
    );
    messages += 1;
    firstSeq ??= seq;
    lastSeq = seq;
  }
  for (const gap of gaps) await write(gapMarkdown(gap));
  return { messages, firstSeq, lastSeq };
}

function gapMarkdown(gap: Gap | undefined): string {
  return gap === undefined ? '' : `\n> ${gapText(gap)}.\n`;
}
