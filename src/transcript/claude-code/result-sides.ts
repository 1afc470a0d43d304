/**
 * What Claude Code keeps beside a result in its record (`toolUseResult`: diffs, output, what its
 * screen shows) and sends to no model. Where a result moves into a record of its own, it goes with
 * it; where a record goes and nothing takes over, it is told.
 */
import type { BlockRef } from '../../integrity/conversation.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import { messageOf } from '../../integrity/plan/edit.ts';
import type { Lost } from '../../integrity/plan/plan.ts';
import { jsonText } from '../json-value.ts';
import type { Draft, ReadFile } from './draft.ts';
import { draftOf } from './draft.ts';
import { is } from './entry.ts';
import { blocksOf, contentOf, valueOf } from './record-text.ts';

/** The member that is kept beside a result. */
export const sideMember = 'toolUseResult';

/** Where the sides of records go that lose their results. */
export interface ResultSides {
  /** For a new record, by its number among those, the node of the record that its result had. */
  readonly givers: ReadonlyMap<number, number>;
  /** Nodes that go, and of which nothing takes the side over. */
  readonly lost: readonly number[];
}

/** Finds them. A record of several results gives its side to the first of them that moves. */
export function resultSides(file: ReadFile, draft: Draft): ResultSides {
  const { entries, source } = file;
  const open = new Map<number, number[]>();
  for (const [at, { content }] of draft.added.entries()) {
    const id = content.length === 1 ? content[0]?.['tool_use_id'] : undefined;
    const name = typeof id === 'string' ? entries.knownTool(id) : -1;
    if (name >= 0) open.set(name, [...(open.get(name) ?? []), at]);
  }
  const givers = new Map<number, number>();
  const lost: number[] = [];
  const give = (node: number): boolean => {
    for (const name of entries.results.of(node)) {
      const at = open.get(name)?.shift();
      if (at === undefined) continue;
      givers.set(at, node);
      return true;
    }
    return false;
  };
  const hasSide = (node: number): boolean =>
    (entries.flags.at(node) & is.results) !== 0 && sideMember in valueOf(source, entries, node);
  for (const node of [...draft.removed].toSorted((one, other) => one - other)) {
    if (hasSide(node) && !give(node)) lost.push(node);
  }
  for (const [node, pieces] of draft.contents) {
    // With a result left in it, the side stays with that one.
    if (!pieces.some(({ block }) => block.type === 'tool_result') && hasSide(node)) give(node);
  }
  return { givers, lost };
}

/** What the edits take away beside the conversation. */
export function lostSides(file: ReadFile, edits: readonly Edit[]): readonly Lost[] {
  if (edits.length === 0) return [];
  const { source, entries, messages } = file;
  const lost = new Set(resultSides(file, draftOf(file, edits)).lost);
  if (lost.size === 0) return [];
  const found: Lost[] = [];
  for (let message = 0; message + 1 < messages.starts.length; message += 1) {
    const [from, to] = [messages.starts[message], messages.starts[message + 1]];
    const nodes = messages.nodes.subarray(from, to);
    if (!nodes.some((node) => lost.has(node))) continue;
    // A message of several records has the blocks of each behind those of the one before.
    let block = 0;
    for (const node of nodes) {
      const value = valueOf(source, entries, node);
      const { length } = blocksOf(contentOf(value, entries.flags.at(node)));
      if (lost.has(node)) {
        found.push({
          at: { message, block },
          kind: 'other',
          reason: reasonAt(edits, { message, block, length }) ?? 'DISPLACED_TOOL_RESULT',
          callId: null,
          told: 'What Claude Code keeps beside this result goes with its record; no model sees it.',
          text: jsonText(value[sideMember]) ?? '',
        });
      }
      block += length;
    }
  }
  return found;
}

/** Why blocks of a message go, or the message. */
function reasonAt(
  edits: readonly Edit[],
  { message, block, length }: BlockRef & { readonly length: number },
): Edit['reason'] | undefined {
  const own = edits.filter((edit) => messageOf(edit) === message);
  const isHere = (edit: Edit): boolean =>
    'at' in edit && edit.at.block >= block && edit.at.block < block + length;
  return (own.find(isHere) ?? own.at(-1))?.reason;
}
