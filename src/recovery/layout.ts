/** Where things stand below a store's root. The only place that knows the names. */

/** Absolute paths of the parts of a store. */
export interface Layout {
  readonly root: string;
  /** Store-wide lock, held briefly; never removed. */
  readonly gate: string;
  readonly storeFile: string;
  /** Which journals count: the only manifest. */
  readonly writersFile: string;
  readonly journals: string;
  readonly sessions: string;
  readonly quarantine: string;
  /** Deleted sessions on their way out. */
  readonly trash: string;
}

/** The paths below a root that is absolute and has no links in it. */
export function layoutOf(root: string): Layout {
  return {
    root,
    gate: `${root}/GATE`,
    storeFile: `${root}/store.json`,
    writersFile: `${root}/writers`,
    journals: `${root}/journals`,
    sessions: `${root}/sessions`,
    quarantine: `${root}/quarantine`,
    trash: `${root}/trash`,
  };
}

/** The parts of one session's directory. */
export interface SessionPaths {
  readonly directory: string;
  readonly lock: string;
  readonly history: string;
}

/** The paths of a session whose id was checked before. */
export function sessionPaths(layout: Layout, id: string): SessionPaths {
  const directory = `${layout.sessions}/${id}`;
  return { directory, lock: `${directory}/LOCK`, history: `${directory}/history` };
}

/** The directory of a writer's journal, and its lock. */
export function journalPaths(
  layout: Layout,
  writer: string,
): { readonly directory: string; readonly lock: string } {
  const directory = `${layout.journals}/${writer}`;
  return { directory, lock: `${directory}/LOCK` };
}

/** A path below the root, for findings. */
export function relative(layout: Layout, path: string): string {
  return path.startsWith(`${layout.root}/`) ? path.slice(layout.root.length + 1) : path;
}

const idPattern = /^[A-Za-z0-9_-]{1,128}$/;
const deviceNames = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Why a session id is refused, or null. Device names of Windows would not be directories there. */
export function sessionIdFault(id: unknown): string | null {
  if (typeof id !== 'string') return 'a session id is a string';
  if (!idPattern.test(id)) return 'a session id has 1 to 128 letters, digits, "_" or "-"';
  return deviceNames.test(id) ? 'this name is reserved by an operating system' : null;
}
