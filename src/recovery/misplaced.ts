/**
 * What stands at a name of the engine and is of another kind than opening needs: a link in place of
 * a lock file, or of a directory. Nothing of a session is lost by that, and yet nobody can write
 * there, so a look must not pass over it, and whoever fails because of it says so. Looks only;
 * never opens what it finds.
 */
import { errnoOf, HoldfastError, pathOf } from '../base/errors.ts';
import { kindText } from '../platform/file-system.ts';
import type { FileStat } from '../platform/file-system.ts';
import { journalPaths, layoutOf, relative, sessionPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Parts } from './parts.ts';

/** What belongs at a name, and what it costs when something else stands there. */
interface Name {
  readonly wanted: 'file' | 'directory';
  /** The only session that suffers; null for the whole store. */
  readonly session: string | null;
  /** Which links serve as well; one that leads nowhere is garbage, or fails when it is read. */
  readonly links: 'none' | 'to a directory' | 'all';
  readonly costs: string;
  readonly remedy: string;
}

/** One such thing. */
export interface Misplaced extends Name {
  readonly path: string;
  readonly kind: FileStat['kind'];
}

const lockRemedy = 'move it away, and a new one is made';
const shut = 'nobody can open this store for writing';
const gate = { wanted: 'file', session: null, links: 'none' } as const;
const directory = { wanted: 'directory', session: null, links: 'none' } as const;

/** By the path below the root; the session is put in where it belongs to one. */
const names: readonly (readonly [RegExp, Name])[] = [
  [/^GATE$/, { ...gate, costs: shut, remedy: lockRemedy }],
  [/^(journals|sessions)$/, { ...directory, costs: shut, remedy: 'put the directory itself here' }],
  [
    /^quarantine$/,
    {
      ...directory,
      links: 'to a directory',
      costs: 'recovery has no place for what it has to set aside',
      remedy: lockRemedy,
    },
  ],
  [
    /^journals\/[0-9a-f]{32}$/,
    {
      ...directory,
      links: 'all',
      costs: shut,
      remedy: 'put the directory back, or move this away if there was none',
    },
  ],
  [
    /^journals\/[0-9a-f]{32}\/LOCK$/,
    {
      ...gate,
      costs: `nobody can tell whether the writer lives, and ${shut}`,
      remedy: 'move it away when no program uses the store',
    },
  ],
  [
    /^sessions\/[A-Za-z0-9_-]{1,128}\/LOCK$/,
    { ...gate, costs: 'nobody can open this session for writing', remedy: lockRemedy },
  ],
];

/**
 * What stands wrongly at the names of the store, of these writers and of these sessions; what is
 * not there is made when needed. With `acting` only what whoever acts may never come across.
 */
export async function misplacedIn(
  parts: Parts,
  layout: Layout,
  which: { readonly writers: readonly string[]; readonly sessions: readonly string[] } | 'acting',
): Promise<readonly Misplaced[]> {
  const paths =
    which === 'acting'
      ? [layout.quarantine]
      : [
          layout.gate,
          layout.journals,
          layout.sessions,
          layout.quarantine,
          ...which.writers.flatMap((writer) => Object.values(journalPaths(layout, writer))),
          ...which.sessions.map((id) => sessionPaths(layout, id).lock),
        ];
  const found: Misplaced[] = [];
  for (const path of paths) {
    const one = await misplacedAt(parts, layout, path);
    if (one !== null) found.push(one);
  }
  return found;
}

/** What stands wrongly at one path; null when nothing does, or the path is no name of these. */
export async function misplacedAt(
  parts: Parts,
  layout: Layout,
  path: string,
): Promise<Misplaced | null> {
  const at = relative(layout, path);
  const [, name] = names.find(([pattern]) => pattern.test(at)) ?? [];
  if (name === undefined) return null;
  const kind = await kindAt(parts, path);
  if (kind === null || kind === name.wanted) return null;
  if (kind === 'link' && name.links !== 'none') {
    if (name.links === 'all' || (await leadsToDirectory(parts, path))) return null;
  }
  const session = at.startsWith('sessions/') ? (at.split('/')[1] ?? null) : null;
  return { ...name, session, path, kind };
}

/** Null for what is not there, also because something in front of it is no directory. */
async function kindAt(
  { fileSystem }: Pick<Parts, 'fileSystem'>,
  path: string,
): Promise<FileStat['kind'] | null> {
  try {
    return (await fileSystem.stat(path))?.kind ?? null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

/** False for a link that leads to a file, to nothing, or in a circle. */
export async function leadsToDirectory(
  parts: Pick<Parts, 'fileSystem'>,
  link: string,
): Promise<boolean> {
  try {
    return (await kindAt(parts, await parts.fileSystem.realPath(link))) === 'directory';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

/** What a person has to know of it, behind its name. */
export function misplacedText({ wanted, kind, costs, remedy }: Misplaced): string {
  const what = wanted === 'file' ? 'a lock file' : 'a directory';
  return `Here belongs ${what}, and ${kindText(kind)} stands in its place: ${costs}; ${remedy}`;
}

/** What of these a failure comes from: on the way to the path that it names. Null for any other. */
export async function misplacedBehind(
  parts: Parts,
  layout: Layout,
  error: unknown,
): Promise<Misplaced | null> {
  const path = failedPath(error);
  if (path === null || !path.startsWith(`${layout.root}/`)) return null;
  const steps = relative(layout, path).split('/');
  for (let count = 1; count <= Math.min(steps.length, 3); count += 1) {
    const at = `${layout.root}/${steps.slice(0, count).join('/')}`;
    const one = await misplacedAt(parts, layout, at);
    if (one !== null) return one;
  }
  return null;
}

function failedPath(error: unknown): string | null {
  if (HoldfastError.is(error, 'INVALID') || HoldfastError.is(error, 'IO'))
    return error.details.path;
  return errnoOf(error) === null ? null : pathOf(error);
}

/**
 * DAMAGED, as a look would call it, for a failure that comes from such a thing; any other is given
 * back as it is. `root` may lead through links.
 */
export async function namingMisplaced(
  parts: Parts,
  root: string,
  error: unknown,
): Promise<unknown> {
  let found: Misplaced | null;
  try {
    const layout = layoutOf(await parts.fileSystem.realPath(root));
    found = await misplacedBehind(parts, layout, error);
  } catch {
    // The failure itself is what is to be told; that no more can be said of it must not hide it.
    return error;
  }
  if (found === null) return error;
  const { path, session } = found;
  const sessions = session === null ? [] : [{ id: session, lost: [] }];
  const text = misplacedText(found);
  const message = `Cannot use ${JSON.stringify(path)}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  return new HoldfastError(
    'DAMAGED',
    message,
    { sessions, file: path, offset: null },
    { cause: error },
  );
}
