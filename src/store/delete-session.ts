/**
 * Deleting a session: its tombstone is durable before anything of it goes, so no crash brings half
 * of it back. A deletion that fails while the session stands at its place is taken back in the same
 * journal, or whoever recovers it would carry out what its caller was told to have failed. One that
 * fails behind the move is decided: its tombstone stays until the next recovery has carried it out.
 */
import { errnoOf, fromSystem, HoldfastError } from '../base/errors.ts';
import { sessionPaths } from '../recovery/layout.ts';
import type { Parts } from '../recovery/parts.ts';
import { moveToTrash } from '../recovery/trash.ts';
import type { OpenContext } from './open-session.ts';
import type { SessionWriter } from './session-writer.ts';
import type { Settler } from './settler.ts';

/** What is known of a deletion that failed. */
interface Failed {
  readonly session: SessionWriter;
  readonly error: unknown;
  /** Of the session, where it stood. */
  readonly directory: string;
  /** What ended the journal meanwhile, or null. */
  readonly poison: () => Error | null;
}

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
  const { directory } = sessionPaths(layout, id);
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
    const failed = { session, error, directory, poison: () => host.writer.journal.poison };
    if (pinned === null) throw await notBuried(failed);
    if (!move.isDone && (await mayStand(parts, directory))) {
      const told = await takenBack(failed);
      // It still counts: what was told holds only as long as it is there.
      if (told !== error) settler.keep(pinned);
      throw told;
    }
    // The move may not be durable: were the tombstone let go, power loss could bring it back.
    settler.keep(pinned);
    expected.delete(id);
    throw toldOf(failed, ({ errno }) => {
      const why = errno === null ? '' : ` (${errno})`;
      return (
        `Cannot make the deletion of session ${JSON.stringify(id)} durable${why}: it is decided, ` +
        'and whoever opens the store next completes it'
      );
    });
  } finally {
    // Does nothing more where taking it back has closed the session.
    if (!session.isClosed) await session.abandon();
    if (pinned !== null) settler.unpin(pinned);
  }
}

/** Also where the machine does not say. */
function mayStand({ fileSystem }: Parts, directory: string): Promise<boolean> {
  return fileSystem.stat(directory).then(
    (stat) => stat !== null,
    () => true,
  );
}

/** The journal took no tombstone, unless it ended with that: then nobody knows. */
async function notBuried(failed: Failed): Promise<unknown> {
  if (failed.poison() !== null) return takenBack(failed);
  // One that does not close here is whole as well: whoever opens it next goes on with it.
  await failed.session.close().catch(() => undefined);
  return toldOf(failed, ({ message }) => {
    const id = JSON.stringify(failed.session.id);
    return `Cannot delete session ${id}, and nothing of it was deleted: ${inSentence(message)}`;
  });
}

/** What failed, with its code and cause, in other words. What is no trouble of the disk stays. */
function toldOf(
  { error, directory }: Failed,
  wordsOf: (why: { readonly message: string; readonly errno: string | null }) => string,
): unknown {
  const why = fromSystem(error, 'change the session', directory);
  const { message, cause } = why;
  if (HoldfastError.is(why, 'FULL')) {
    const words = wordsOf({ message, errno: why.details.errno });
    return new HoldfastError('FULL', words, why.details, { cause });
  }
  if (!HoldfastError.is(why, 'IO')) return error;
  const words = wordsOf({ message, errno: why.details.errno });
  return new HoldfastError('IO', words, why.details, { cause });
}

/** Messages begin with "Cannot". */
function inSentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/**
 * A close writes a detach frame, which takes the tombstone in front of it back: what failed is the
 * result then. One of a poisoned journal only lets go, and says nothing where no entry is in doubt.
 */
async function takenBack({ session, error, directory, poison }: Failed): Promise<unknown> {
  const closed = await session.close().then(
    () => true,
    () => false,
  );
  if (closed && poison() === null) return error;
  const id = JSON.stringify(session.id);
  const doubt =
    poison() === null
      ? 'nor take its deletion back: it is decided, and whoever opens the store next completes it'
      : 'and the journal ended before that was taken back: whoever opens the store next may ' +
        'complete it';
  // What failed first is told, with what became of it.
  return new HoldfastError(
    'IO',
    `Cannot delete session ${id} now, ${doubt}, unless something is appended before`,
    { syscall: null, errno: errnoOf(error), path: directory },
    { cause: error },
  );
}
