/**
 * `holdfast import`: a transcript of another tool becomes a session. All of it or nothing: what
 * would be refused is refused before the first message, and a run that was cut off goes on when it
 * is started again.
 */
import { resolve } from 'node:path';
import { HoldfastError } from '../../base/errors.ts';
import { sessionIdFault } from '../../recovery/layout.ts';
import type { SessionState } from '../../session/state.ts';
import { quote } from '../arguments.ts';
import { storeOption } from '../command.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { appendRest } from '../import/append.ts';
import type { Joined } from '../import/joined.ts';
import { metadataOf } from '../import/origin.ts';
import type { Origin } from '../import/origin.ts';
import { prepare } from '../import/prepare.ts';
import type { Prepared } from '../import/prepare.ts';
import { withSource } from '../import/source.ts';
import { standingOf } from '../import/standing.ts';
import type { Standing } from '../import/standing.ts';
import { importSchema as schema, tellImport, tellRemoved } from '../import/told.ts';
import type { Imported, Removed } from '../import/told.ts';
import { requireThere } from '../path-kind.ts';
import { progressLine } from '../progress.ts';
import { storeDirectory } from '../store-directory.ts';
import { number } from '../text.ts';
import type { Watching } from '../transcripts/opened.ts';
import { UsageError } from '../usage-error.ts';
import { openForWriting } from '../write-store.ts';

/** The command. */
export const importTranscript: Command = {
  name: 'import',
  summary: 'Make a session of a transcript of another tool',
  positionals: [
    { name: 'FILE', required: true, summary: 'A transcript, or a store of another tool' },
  ],
  options: [
    {
      name: 'session',
      value: 'ID',
      required: true,
      summary: 'The session that is made; one that is there only if it is the same import',
    },
    {
      name: 'from-session',
      value: 'SID',
      summary: 'Which session, when FILE is a database or a folder that holds several',
    },
    { name: 'dry-run', summary: 'Only say what would be imported' },
    { name: 'remove-part', summary: 'Remove what a run that was cut off has left; import nothing' },
    storeOption,
  ],
  details: [
    'FILE may be what Claude Code, Codex, Gemini CLI, opencode, goose, Cline or pi leaves ' +
      'on disk, a list of messages, or what `export` writes; which one is ' +
      'told by its ' +
      'content. The conversation is the one ' +
      'that the tool itself would go on with, message by message, with the ids, times and ' +
      'models that ' +
      'the file tells. Damaged files are read as far as they can be; what is lost is said. Where ' +
      'the line of records of Claude Code is broken, it is joined as `recover plan` joins it, ' +
      'and each such guess is told.',
    'All of it or nothing: every message is checked before the first is appended, and everything ' +
      'is durable at the end. A run that was cut off leaves a part, which the metadata of the ' +
      'session says; the same command goes on where it was, and nothing comes twice, because ' +
      'what is there is compared by its content. A file that has grown since is continued too.',
    'A number that no double holds is rounded, and of two members of one name the last is kept; ' +
      'both are told (NUMBER_ROUNDED, DUPLICATE_KEY). The text of such arguments of a call is ' +
      'kept too, in input_json; exports that take a text give it back, the others tell what they ' +
      'round.',
    'Exits with 0 when the session is there, also when the file had lost something: it is listed.',
    'With --json one object: session, file, format, facts, messages, calls, appended, standing ' +
      '(new, part, complete), complete, sides, findings, joints (links that were made anew) and ' +
      'broken (what could not be joined).',
  ],
  examples: [
    { line: 'holdfast import session.jsonl --session app --dry-run', why: 'to see what is there' },
    { line: 'holdfast import session.jsonl --session app', why: 'a session to go on with' },
  ],
  exits: [0, 20, 30, 40, 50, 64, 66, 70, 129, 130, 143],
  schema,
  run: runImport,
};

/** What one run works with. */
interface Work {
  readonly context: Context;
  readonly root: string;
  readonly id: string;
  readonly file: string;
  readonly watching: Watching;
}

/** The file as it was when it was opened; throws when it is not that any more. */
interface Source {
  readonly joined: Joined;
  readonly requireUnchanged: () => void;
}

async function runImport(context: Context): Promise<ExitCode> {
  const { args, io, talk } = context;
  const id = args.text('session') ?? '';
  const fault = sessionIdFault(id);
  if (fault !== null) throw new UsageError(`--session is ${quote(id)}: ${fault}`);
  if (args.has('dry-run') && args.has('remove-part')) {
    throw new UsageError('--dry-run and --remove-part are two things; give one of them');
  }
  const root = storeDirectory(args, io);
  const named = args.text('FILE') ?? '';
  await requireThere(named);
  const file = resolve(named);
  const progress = progressLine(io, talk);
  const watching = { signal: io.signal, onProgress: progress.onProgress };
  const work = { context, root, id, file, watching };
  try {
    const fromSession = args.text('from-session');
    const told = await withSource(file, { fromSession, watching }, (joined, requireUnchanged) =>
      importOne(work, { joined, requireUnchanged }),
    );
    await progress.clear();
    await (told.kind === 'removed' ? tellRemoved(talk, told) : tellImport(talk, told));
    return 0;
  } finally {
    await progress.clear();
  }
}

async function importOne(work: Work, source: Source): Promise<Imported | Removed> {
  const { joined, requireUnchanged } = source;
  const { context, id, file, root, watching } = work;
  const state = await stateOf(work);
  const at = state?.messages ?? 0;
  const prepared = await prepare(joined, { path: file, at, watching });
  requireUnchanged();
  const standing = standingOf(id, state, prepared);
  if (context.args.has('remove-part')) return removePart(work, standing);
  const isDry = context.args.has('dry-run');
  const appended =
    isDry || standing.kind === 'complete'
      ? 0
      : await carryOut(work, source, prepared, { ...standing, entries: state?.entries ?? 0 });
  const { sizes, calls } = prepared;
  const counts = { messages: sizes.length, calls, appended };
  return {
    kind: 'imported',
    session: id,
    store: root,
    file,
    joined,
    standing,
    isDry,
    ...counts,
  };
}

async function carryOut(
  work: Work,
  { joined, requireUnchanged }: Source,
  { sizes, digest }: Prepared,
  standing: Exclude<Standing, { kind: 'complete' }> & { readonly entries: number },
): Promise<number> {
  const { context, root, id, file, watching } = work;
  const { talk } = context;
  const { signal } = watching;
  const { format, facts } = joined.read;
  const { sessionId, version } = facts;
  const begun: Origin = {
    format,
    file,
    sessionId,
    version,
    messages: sizes.length,
    digest,
    joined: joined.joints.length,
    complete: false,
  };
  // Restore points would only cost time here: `rewind --to-messages` reaches every message.
  await using store = await openForWriting(context, root, { checkpoints: false, signal });
  await using session = await store.openSession(id, { create: true });
  // Another import may have come first while this one read the file and waited for the session.
  if (session.state.entries !== standing.entries) {
    const message = `Session ${JSON.stringify(id)} was written meanwhile; run the same command again`;
    throw new HoldfastError('EXISTS', message, { id });
  }
  const done = standing.kind === 'part' ? standing.done : 0;
  await session.record({ kind: 'metadata', metadata: metadataOf(facts, begun) });
  try {
    const rest = { done, sizes, watching, requireUnchanged };
    const appended = await appendRest(session, joined.taken, rest);
    await session.record({ kind: 'metadata', metadata: { import: { ...begun, complete: true } } });
    return appended;
  } catch (error) {
    if (!signal.aborted) throw error;
    const there = `${number(session.state.messages)} of ${number(sizes.length)} messages`;
    await talk.warn(`${id} has ${there}; the same command goes on, --remove-part removes them`);
    throw error;
  }
}

/** What is known of the session; null when there is none, or no store. */
async function stateOf({ context, root, id, watching }: Work): Promise<SessionState | null> {
  const { signal } = watching;
  try {
    await using store = await context.engine.openStore(root, { mode: 'read', signal });
    await using session = await store.openSession(id, { mode: 'read' });
    return session.state;
  } catch (error) {
    if (HoldfastError.is(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

/** Deletes a session that holds nothing but a part of this import. */
async function removePart({ context, root, id }: Work, standing: Standing): Promise<Removed> {
  if (standing.kind !== 'part') {
    const what = standing.kind === 'new' ? 'is not there' : 'has all of the import';
    const message = `Session ${JSON.stringify(id)} ${what}; only a part is removed`;
    throw new HoldfastError('INVALID', message, { path: 'session' });
  }
  await using store = await openForWriting(context, root, { checkpoints: false });
  await store.deleteSession(id);
  return { kind: 'removed', session: id, store: root, removed: standing.done };
}
