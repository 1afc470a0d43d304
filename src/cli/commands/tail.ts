/** `holdfast tail`: the end of a session, and what comes behind it as others write it. */
import { followPollMs } from '../../base/quantities.ts';
import { directory, storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { numberOf } from '../number-option.ts';
import { sessionId, withSession } from '../one-session.ts';
import { entrySchema, EntryPrinter, placeOf, wantedEntries } from '../shown-entries.ts';

const lastDefault = 10;

/** The command. */
export const tail: Command = {
  name: 'tail',
  summary: 'Show the end of a session, and follow it while another process writes',
  positionals: [sessionId, directory],
  options: [
    { name: 'last', short: 'n', value: 'N', summary: `So many entries (default ${lastDefault})` },
    { name: 'follow', short: 'f', summary: 'Go on with what comes, until Ctrl-C' },
    storeOption,
  ],
  details: [
    `With --follow each entry is shown once it is durable, in order, exactly once, at most about ` +
      `${followPollMs} ms later, whichever process writes: also when its writer closes, dies, or ` +
      'another one takes over. What a dead writer left comes once it is recovered. Ctrl-C ends ' +
      'with 130; when the session is deleted, it says so and ends with 0. When the ' +
      'reader of its pipe leaves, it ends with 0 within a second.',
    'Takes no lock. With --json entries as `holdfast show` has them, one a line.',
  ],
  examples: [
    { line: 'holdfast tail s1', why: 'what happened last' },
    { line: 'holdfast tail s1 -f', why: 'watch an agent at work' },
    { line: 'holdfast tail s1 -f -n 0 --json', why: 'only what is new, for a program' },
  ],
  exits: [0, 10, 20, 40, 50, 64, 66, 70, 129, 130, 143],
  schema: entrySchema,
  run: runTail,
};

function runTail(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const { signal } = io;
  const last = numberOf(args, 'last', 0) ?? lastDefault;
  return withSession(context, 'read', async (session) => {
    const printer = new EntryPrinter(talk, 'nothing');
    for await (const entry of wantedEntries(session, { last, which: 'all', signal })) {
      if (io.stdout.gone.aborted) return 0;
      await printer.print(entry, placeOf(session, entry));
    }
    if (!args.has('follow')) return 0;
    await io.stdout.watch();
    const { gone } = io.stdout;
    const either = AbortSignal.any([signal, gone]);
    try {
      for await (const entry of session.follow({
        from: session.state.lastSeq + 1,
        signal: either,
      })) {
        // A rewind cuts itself out, together with what it goes back over.
        await printer.print(entry, entry.event.kind === 'rewind' ? 'cut' : 'branch');
        if (gone.aborted) return 0;
      }
    } catch (error) {
      // Nobody reads any more: the wait for the next entry was given up, and that is no failure.
      if (gone.aborted && error === gone.reason) return 0;
      throw error;
    }
    await talk.say(`Session ${session.id} was deleted`);
    return 0;
  });
}
