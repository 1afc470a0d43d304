/**
 * `holdfast export`: the messages of a session, whole, for other programs, for reading, or in the
 * shape that a provider takes; to standard output, or to a new file that is there only when it is
 * complete.
 */
import { resolve } from 'node:path';
import { providerFormatNames, providerFormats } from '../../provider/formats.ts';
import type { Session } from '../../store/api.ts';
import { gapsOf, gapText } from '../../store/gaps.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exportSchema as schema, writeMessages } from '../export/messages.ts';
import { exportShape } from '../export/shape.ts';
import { writeNewFile } from '../new-file.ts';
import { sessionId, withSession } from '../one-session.ts';
import { counted, json } from '../text.ts';
import { policyOption } from '../transcripts/options.ts';
import { UsageError } from '../usage-error.ts';

/** The command. */
export const exportSession: Command = {
  name: 'export',
  summary: 'Write the messages of a session to stdout, or to a new file',
  positionals: [sessionId, directory],
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      choices: ['jsonl', 'markdown', ...providerFormatNames],
      summary:
        'jsonl (default): one message a line; markdown: for reading; or the shape that a ' +
        `provider takes: ${providerFormatNames.join(', ')}`,
    },
    policyOption,
    { name: 'all', summary: 'Also what rewinds have cut out of the conversation' },
    { name: 'to', value: 'FILE', summary: 'A new file instead of stdout; there when it is whole' },
    storeOption,
  ],
  details: [
    'jsonl gives each message deep-equal to what was appended, one a line; `holdfast append` ' +
      'takes it back. Bytes, which only programs can append, are {"$bytes":"<base64>"}.',
    'The conversation as it stands, unless --all asks for every message that there ever was; ' +
      'markdown marks those that are not in it, jsonl does so with --json.',
    'The shapes of providers are requests that the provider takes, checked before: anthropic has ' +
      'system and messages, openai-chat messages, openai-responses input items, gemini contents ' +
      "and systemInstruction, ai-sdk model messages and ai-sdk-ui messages of Vercel's AI SDK. " +
      'Where the history is not as the provider takes it, a repair is planned and applied to ' +
      'what is written, as `recover plan` would, and stderr says what was changed and what was ' +
      'left ' +
      'out; the session stays as it is. The conversation is held in memory.',
    'With --json each line is an object with schema and kind: message (seq, cut, message), and ' +
      'at the end one result (session, format, messages, firstSeq, lastSeq, to). With --to only ' +
      'the result comes; a stream that ends without it is not whole. The shape of a provider is ' +
      'one line of kind shape (value); its result has profile, policy, edits, lost, leftOut and rounded.',
  ],
  examples: [
    { line: 'holdfast export s1 --format jsonl > s1.jsonl', why: 'a copy' },
    { line: 'holdfast export s1 --format markdown --to s1.md', why: 'to read or to share' },
    {
      line: 'holdfast export s1 --format openai-chat --to s1.json',
      why: 'to go on with another provider',
    },
    { line: 'holdfast export s1 --json', why: 'messages with their sequences, for programs' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
  schema,
  run: runExport,
};

async function runExport(context: Context): Promise<ExitCode> {
  const { args, talk } = context;
  const to = args.text('to');
  if (to === '') throw new UsageError('--to is empty; name a file');
  const shape = providerFormatNames.find((name) => name === args.text('format'));
  const format = args.text('format') === 'markdown' ? 'markdown' : 'jsonl';
  if (shape !== undefined && args.has('all')) {
    throw new UsageError(`--all is for jsonl and markdown; ${shape} holds the conversation only`);
  }
  if (shape === undefined && args.has('policy')) {
    throw new UsageError(`--policy is for the shapes of providers, not for ${format}`);
  }
  if (talk.json && to === undefined && format === 'markdown') {
    throw new UsageError('--json on stdout has messages in JSON; for markdown give --to FILE');
  }
  const path = to === undefined ? null : resolve(to);
  return withSession(context, 'read', (session) =>
    shape === undefined
      ? exportMessages(context, session, { format, path })
      : exportShape(context, session, { format: providerFormats[shape], path }),
  );
}

async function exportMessages(
  { args, io, talk }: Context,
  session: Session,
  { format, path }: { readonly format: 'jsonl' | 'markdown'; readonly path: string | null },
): Promise<ExitCode> {
  const includeCut = args.has('all');
  const gaps = await gapsOf(session, includeCut ? [] : session.state.cuts);
  for (const gap of gaps) await talk.warn(gapText(gap));
  const task = { session, format, includeCut, gaps, signal: io.signal } as const;
  const done =
    path === null
      ? await writeMessages({ ...task, wrapped: talk.json }, (text) => talk.raw(text), io.stdout)
      : await writeNewFile(
          path,
          (line) => talk.say(line),
          (write) => writeMessages({ ...task, wrapped: false }, write),
        );
  const told = { schema, kind: 'result', session: session.id, format, ...done, to: path };
  if (talk.json) await talk.data(`${json(told)}\n`);
  else if (path !== null) await talk.say(`${counted(done.messages, 'message')} in ${path}`);
  return 0;
}
