/** `holdfast export`: the messages of a session, whole, for other programs or for reading. */
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { messageMarkdown } from '../markdown.ts';
import { storeDirectory } from '../store-directory.ts';
import { json } from '../text.ts';

/** The command. */
export const exportSession: Command = {
  name: 'export',
  summary: 'Write the messages of a session to stdout',
  positionals: [
    { name: 'ID', required: true, summary: 'The session, as `holdfast list` names it' },
    directory,
  ],
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      choices: ['jsonl', 'markdown'],
      summary: 'jsonl (default): one message a line; markdown: for reading',
    },
    storeOption,
  ],
  details: [
    'jsonl gives each message deep-equal to what was appended, one a line; `holdfast append` ' +
      'takes it back. Bytes, which only programs can append, are written as {"$bytes":"<base64>"}.',
  ],
  examples: [
    { line: 'holdfast export s1 --format jsonl > s1.jsonl', why: 'a copy' },
    { line: 'holdfast export s1 --format markdown > s1.md', why: 'to read or to share' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70],
  schema: null,
  run: runExport,
};

async function runExport({ args, engine, io, talk }: Context): Promise<ExitCode> {
  const isMarkdown = args.text('format') === 'markdown';
  const root = storeDirectory(args, io);
  await using store = await engine.openStore(root, { mode: 'read', signal: io.signal });
  await using session = await store.openSession(args.text('ID') ?? '', { mode: 'read' });
  if (isMarkdown) await talk.data(`# Session ${session.id}\n`);
  for await (const { seq, message } of session.messages({ signal: io.signal })) {
    if (io.stdout.gone.aborted) return 0;
    await talk.data(isMarkdown ? messageMarkdown(seq, message) : `${json(message)}\n`);
  }
  return 0;
}
