/**
 * Deleting a session: its tombstone is durable before anything of it goes, so no crash brings half
 * of it back. A deletion that fails while the session stands at its place is taken back in the same
 * journal, or whoever recovers it would carry out what its caller was told to have failed. One that
 * fails behind the move is decided: its tombstone stays until the next recovery has carried it out.
 */
import { sessionPaths } from '../recovery/layout.ts';
import { errnoOf, HoldfastError } from '../base/errors.ts';
import { moveToTrash } from '../recovery/trash.ts';
import type { OpenContext } from './open-session.ts';
import type { SessionWriter } from './session-writer.ts';
import type { Settler } from './settler.ts';

/**
 * Deletes a session that was opened for it, and lets go of it. The result is where its remains are;
 * what fails has left the session whole and closed, unless the error says that it is decided.
 */
export async function deleteOpen(
  { host, layout, expected }: OpenContext,
  session: SessionWriter,
  settler: Settler,
): Promise<string> {
  const { parts } = host;
  const { id, incarnation } = session;
  const move = { isDone: false };
  let pinned: number | null = null;
  try {
    pinned = (await session.bury()).segment;
    settler.pin(pinned);
    return await moveToTrash(parts, layout, { id, incarnation }, async () => {
      move.isDone = true;
      await host.syncNames();
    });
  } catch (error) {
    const { directory } = sessionPaths(layout, id);
    const isThere =
      !move.isDone &&
      (await parts.fileSystem.stat(directory).then(
        (stat) => stat !== null,
        () => true,
      ));
    const { journal } = host.writer;
    if (!isThere && pinned !== null) {
      // The move may not be durable: were the tombstone let go, power loss could bring it back.
      settler.keep(pinned);
      expected.delete(id);
    }
    if (isThere) await takeBack(session, () => journal.poison, { error, path: directory });
    throw error;
  } finally {
    // Does nothing more where taking it back has closed the session.
    if (!session.isClosed) await session.abandon();
    if (pinned !== null) settler.unpin(pinned);
  }
}

/**
 * A close writes a detach frame, which takes the tombstone in front of it back. One of a poisoned
 * journal only lets go, and says nothing where no entry is in doubt.
 */
async function takeBack(
  session: SessionWriter,
  poison: () => Error | null,
  failed: { readonly error: unknown; readonly path: string },
): Promise<void> {
  const closed = await session.close().then(
    () => true,
    () => false,
  );
  if (closed && poison() === null) return;
  const id = JSON.stringify(session.id);
  const doubt =
    poison() === null
      ? 'nor take its deletion back: it is decided, and whoever opens the store next completes it'
      : 'and the journal ended before that was taken back: whoever opens the store next may ' +
        'complete it';
  // What failed first is told, with what became of it.
  throw new HoldfastError(
    'IO',
    `Cannot delete session ${id} now, ${doubt}, unless something is appended before`,
    { syscall: null, errno: errnoOf(failed.error), path: failed.path },
    { cause: failed.error },
  );
}
