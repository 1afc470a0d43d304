/** `holdfast list`: the sessions of a store. Nothing is locked and nothing is changed. */
import type { SessionSummary } from '../../store/api.ts';
import { directory, storeOption } from '../command.ts';
import { headingOf, left, right, rowOf } from '../columns.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { storeDirectory } from '../store-directory.ts';
import { bytes, counted, json, number, oneLine, time } from '../text.ts';

/** The command. */
export const list: Command = {
  name: 'list',
  summary: 'List the sessions of a store',
  positionals: [directory],
  options: [storeOption],
  details: ['Looks and changes nothing, also while the store is in use.'],
  examples: [
    { line: 'holdfast list', why: 'the usual store' },
    { line: 'holdfast list ./store --json', why: 'one object a line, for programs' },
  ],
  exits: [0, 20, 40, 50, 64, 66, 70],
  schema: 'holdfast.list/1',
  run: runList,
};

async function runList({ args, engine, io, talk }: Context): Promise<ExitCode> {
  const root = storeDirectory(args, io);
  await using store = await engine.openStore(root, { mode: 'read', signal: io.signal });
  let count = 0;
  for await (const session of store.sessions({ signal: io.signal })) {
    if (io.stdout.gone.aborted) return 0;
    if (talk.json) await talk.data(`${json({ schema: 'holdfast.list/1', ...session })}\n`);
    else {
      if (count === 0) await talk.data(`${talk.style.dim(headingOf(columns))}\n`);
      await talk.data(`${row(session)}\n`);
    }
    count += 1;
  }
  if (!talk.json) await talk.say(count === 0 ? 'No sessions yet' : counted(count, 'session'));
  return 0;
}

const columns = [
  left('SESSION', 23),
  right('MESSAGES', 8),
  right('SIZE', 8),
  left('UPDATED', 20),
  left('TITLE'),
];

function row(session: SessionSummary): string {
  const { id, messages, bytes: size, updatedMs, title } = session;
  const marks = [session.damaged ? 'damaged' : '', session.open ? 'open' : ''];
  const state = marks.filter((mark) => mark !== '').map((mark) => `[${mark}] `);
  const told = `${state.join('')}${title === null ? '' : oneLine(title, 60)}`;
  return rowOf(columns, [id, number(messages), bytes(size), time(updatedMs), told]);
}
