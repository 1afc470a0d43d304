/** The session that a command works on, from the command line to a handle that is closed again. */
import { shellWord } from '../page/shell-word.ts';
import { HoldfastError } from '../base/errors.ts';
import type { Session, StoreApi } from '../store/api.ts';
import type { Arguments, Context, PositionalSpec } from './command.ts';
import type { ExitCode } from './exit-codes.ts';
import { storeDirectory } from './store-directory.ts';
import { openForWriting } from './write-store.ts';

/** The session as an argument. */
export const sessionId: PositionalSpec = {
  name: 'ID',
  required: true,
  summary: 'The session, as `holdfast list` names it',
};

/** Works with the session that ID names, and closes it and its store behind. */
export function withSession(
  context: Context,
  mode: 'read' | 'write',
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const root = storeDirectory(context.args, context.io);
  return withSessionOf(context, { root, id: context.args.text('ID') ?? '', mode }, work);
}

/** As `withSession`, for a session of this store. */
export async function withSessionOf<T>(
  context: Pick<Context, 'engine' | 'io' | 'talk'>,
  which: { readonly root: string; readonly id: string; readonly mode: 'read' | 'write' },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { root, id, mode } = which;
  const { signal } = context.io;
  await using reading = await context.engine.openStore(root, { mode: 'read', signal });
  if (mode === 'read') {
    await using session = await opened(reading, id, mode);
    // Awaited here: the session is closed when this block is left.
    return await work(session);
  }
  // The store is there, so opening it for writing does not make one.
  await using store = await openForWriting(context, root, { signal });
  await using session = await opened(store, id, mode);
  return await work(session);
}

/** The session; that there is none is said in the words of the command line. */
async function opened(store: StoreApi, id: string, mode: 'read' | 'write'): Promise<Session> {
  try {
    return await store.openSession(id, { mode });
  } catch (error) {
    if (!HoldfastError.is(error, 'NOT_FOUND')) throw error;
    const list = `\`holdfast list ${shellWord(store.root)}\``;
    const message = `There is no session ${JSON.stringify(id)}; ${list} names those that are there`;
    throw new HoldfastError('NOT_FOUND', message, error.details, { cause: error });
  }
}

/** The session and its store, as the next command line names them. */
export function storeWords({ id }: Session, args: Arguments): string {
  const store = args.text('DIR') ?? args.text('store');
  return store === undefined ? id : `${id} ${shellWord(store)}`;
}

/** Works with this snapshot; that there is none is said in the words of the command line. */
export async function withSnapshot<T>(
  session: Session,
  args: Arguments,
  id: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const what = `snapshot ${id}`;
    if (!HoldfastError.is(error, 'NOT_FOUND') || error.details.what !== what) throw error;
    const list = `\`holdfast snapshots ${storeWords(session, args)}\``;
    const message = `There is no ${what} of session ${session.id}; ${list} lists those that are there`;
    throw new HoldfastError('NOT_FOUND', message, error.details, { cause: error });
  }
}
