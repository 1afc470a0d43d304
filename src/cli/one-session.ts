/** The session that a command works on, from the command line to a handle that is closed again. */
import type { Session } from '../store/api.ts';
import type { Context, PositionalSpec } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { storeDirectory } from './store-directory.ts';

/** The session as an argument. */
export const sessionId: PositionalSpec = {
  name: 'ID',
  required: true,
  summary: 'The session, as `holdfast list` names it',
};

/** Works with the session that ID names, and closes it and its store behind. */
export async function withSession(
  { args, engine, io }: Context,
  mode: 'read' | 'write',
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const root = storeDirectory(args, io);
  const { signal } = io;
  await using reading = await engine.openStore(root, { mode: 'read', signal });
  const id = args.text('ID') ?? '';
  if (mode === 'read') {
    await using session = await reading.openSession(id, { mode });
    // Awaited here: the session is closed when this block is left.
    return await work(session);
  }
  // The store is there, so opening it for writing does not make one.
  await using store = await engine.openStore(root, { mode, signal });
  await using session = await store.openSession(id);
  return await work(session);
}
