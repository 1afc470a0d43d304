/**
 * pi, and OpenClaw, which writes the same files: one JSON line an entry, entries a tree by
 * `parentId`, and the last entry of the file the end of the session.
 */
import type { ByteSource } from '../byte-source.ts';
import type { FormatReader, SideConversation, Transcript } from '../transcript.ts';
import { asText } from '../json-value.ts';
import { profileOf } from './profile.ts';
import { recogniseSession } from './recognise.ts';
import { lastModel, scanSession } from './scan.ts';
import { Session } from './session.ts';
import { branchesOf } from './tree.ts';
import { writeSession } from './writer.ts';

/** Tells where the tree is not whole, and what the session leaves aside. */
function tellGraph(session: Session): SideConversation[] {
  const { scan, path } = session;
  const { found, tree } = scan;
  for (let row = 0; row < tree.length; row += 1) {
    if (tree.parent(row) !== -2) continue;
    const isEnd = path.end.kind === 'missing' && path.end.at === row;
    found.tellAt(
      {
        code: 'MISSING_PARENT',
        severity: isEnd ? 'error' : 'warning',
        meaning: isEnd
          ? 'The entry before this one is not in the file; the session begins here for pi.'
          : 'The entry before this one is not in the file; a branch hangs in the air.',
        fix: null,
      },
      tree.place(row),
    );
  }
  if (path.end.kind === 'cycle') {
    found.tellAt(
      {
        code: 'PARENT_CYCLE',
        severity: 'error',
        meaning: 'The entries before this one lead back to it; pi does not come to an end here.',
        fix: null,
      },
      tree.place(path.end.at),
    );
  }
  const { compacted } = path;
  const past: SideConversation = { kind: 'compacted', id: null, messages: compacted };
  const sides = compacted === 0 ? [] : [past];
  const branches = branchesOf(tree, path);
  const last = branches.at(-1);
  if (last === undefined) return sides;
  found.tellAt(
    {
      code: 'MULTIPLE_LEAVES',
      severity: 'note',
      meaning: `The session has ${branches.length} more ends; pi goes on from the last entry.`,
      fix: null,
    },
    tree.place(last.row),
  );
  for (const { row, messages } of branches) {
    sides.push({ kind: 'branch', id: asText(session.entry(row)['id']), messages });
  }
  return sides;
}

function* open(source: ByteSource): Generator<number, Transcript, void> {
  const scan = yield* scanSession(source);
  const session = new Session(source, scan);
  const names = lastModel(source, scan.tree, session.path.all);
  const sides = tellGraph(session);
  return {
    format: 'pi',
    profile: profileOf(names),
    records: scan.records,
    facts: {
      sessionId: asText(scan.header?.['id']),
      title: scan.title,
      cwd: asText(scan.header?.['cwd']),
      version: null,
      model: names.model,
    },
    findings: scan.found.findings,
    sides,
    mends: scan.found.mends,
    conversation: () => ({ [Symbol.iterator]: () => session.messages() }),
    write: (edits) => writeSession(session, edits),
  };
}

/** Sessions of pi and OpenClaw. */
export const pi: FormatReader = { name: 'pi', recognise: recogniseSession, open };
