/** `holdfast delete`: removes a session for ever. The one command that takes words away. */
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { sessionId, withSession } from '../one-session.ts';
import { storeDirectory } from '../store-directory.ts';
import { counted, json } from '../text.ts';
import { UsageError } from '../usage-error.ts';
import { openForWriting } from '../write-store.ts';

const schema = 'holdfast.deleted/1';

/** The command. */
export const deleteSession: Command = {
  name: 'delete',
  summary: 'Remove a session for ever',
  positionals: [sessionId, directory],
  options: [
    { name: 'yes', summary: 'Really: nothing brings the session back' },
    { name: 'dry-run', summary: 'Only say what would be removed' },
    storeOption,
  ],
  details: [
    'All of the session goes, with its restore points and what rewinds cut. Needs --yes. Refused ' +
      'as locked while anybody has the session open for writing. To go back in a session without ' +
      'losing anything, there is `holdfast rewind`.',
  ],
  examples: [
    { line: 'holdfast delete s1 --dry-run', why: 'to see what that is' },
    { line: 'holdfast delete s1 --yes', why: 'gone' },
  ],
  exits: [0, 10, 20, 30, 40, 50, 64, 66, 70, 129, 130, 143],
  schema,
  run: runDelete,
};

function runDelete(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const isDry = args.has('dry-run');
  if (isDry && args.has('yes')) throw new UsageError('--dry-run and --yes are two things');
  const root = storeDirectory(args, io);
  const id = args.text('ID') ?? '';
  // What is not there is told as such, and what is there is told before it goes.
  return withSession(context, 'read', async ({ state: { messages, entries } }) => {
    const what = `${counted(messages, 'message')}, ${counted(entries, 'entry', 'entries')}`;
    if (!isDry && !args.has('yes')) {
      throw new UsageError(`this removes ${id} for ever (${what}); if you mean it, add --yes`);
    }
    if (!isDry) {
      const options = { checkpoints: false, signal: io.signal } as const;
      await using store = await openForWriting(context, root, options);
      await store.deleteSession(id);
    }
    const told = { schema, store: root, session: id, messages, entries, removed: !isDry };
    if (talk.json) await talk.data(`${json(told)}\n`);
    else await talk.data(`${id}: ${isDry ? 'would be removed' : 'removed'}, ${what}\n`);
    return 0;
  });
}
