/** What `holdfast import` reads: a transcript, or one session of a store of another tool. */
import { HoldfastError } from '../../base/errors.ts';
import { openByteFile } from '../../platform/byte-file.ts';
import { isSqlite, openDatabaseStore, openFolderStore } from '../../transcript/stores.ts';
import type { TranscriptStore } from '../../transcript/transcript-store.ts';
import { pathKind } from '../path-kind.ts';
import { oneLine } from '../text.ts';
import { unreadableAs } from '../transcripts/checked.ts';
import { reopened } from '../transcripts/opened.ts';
import type { Watching } from '../transcripts/opened.ts';
import { UsageError } from '../usage-error.ts';
import { asItIs, joinedOf } from './joined.ts';
import type { Joined } from './joined.ts';

/** Sessions that are named when one of them has to be chosen. */
const namedMax = 10;

/**
 * Opens what stands at the path for the time of `work`, which also gets what throws `IO` once the
 * file is no longer the one that was opened; a database is read in a state of its own.
 * `fromSession` chooses one session of a store of several. INVALID for what is no transcript,
 * NOT_FOUND for a session that is not there.
 */
export async function withSource<T>(
  path: string,
  {
    fromSession,
    watching,
  }: { readonly fromSession: string | undefined; readonly watching: Watching },
  work: (joined: Joined, requireUnchanged: () => void) => Promise<T>,
): Promise<T> {
  if ((await pathKind(path)) === 'folder') {
    return withStore(openFolderStore(path), { path, fromSession }, work);
  }
  const file = openByteFile(path);
  try {
    if (isSqlite(file))
      return await withStore(openDatabaseStore(path), { path, fromSession }, work);
    if (fromSession !== undefined) {
      throw new UsageError('--from-session is for stores of several sessions; FILE holds one');
    }
    const read = await reopened(file, path, watching);
    const joined = await joinedOf(file, read, { path, watching });
    return await work(joined, () => file.requireUnchanged());
  } catch (error) {
    if (!watching.signal.aborted) file.requireUnchanged();
    throw unreadableAs(path, error);
  } finally {
    file.close();
  }
}

async function withStore<T>(
  store: TranscriptStore | null,
  { path, fromSession }: { readonly path: string; readonly fromSession: string | undefined },
  work: (joined: Joined, requireUnchanged: () => void) => Promise<T>,
): Promise<T> {
  if (store === null) {
    const message = `${JSON.stringify(path)} holds no sessions that are known here`;
    throw new HoldfastError('INVALID', message, { path: 'FILE' });
  }
  try {
    return await work(asItIs(store.open(fromSession ?? onlySession(store))), () => undefined);
  } finally {
    store.close();
  }
}

function onlySession(store: TranscriptStore): string {
  const sessions = store.sessions();
  const [only] = sessions;
  if (only !== undefined && sessions.length === 1) return only.id;
  if (only === undefined) {
    throw new HoldfastError('INVALID', 'The store of FILE holds no session', { path: 'FILE' });
  }
  const named = sessions.slice(0, namedMax).map(({ id, title }) => {
    return `\n  ${oneLine(id, 80)}${title === null ? '' : `  ${oneLine(title, 60)}`}`;
  });
  const more = sessions.length > namedMax ? `\n  and ${sessions.length - namedMax} more` : '';
  const count = `FILE holds ${sessions.length} sessions`;
  throw new UsageError(`${count}; choose one with --from-session:${named.join('')}${more}`);
}
