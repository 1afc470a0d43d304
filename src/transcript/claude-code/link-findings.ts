/** Findings about the links between records. */
import type { Place } from '../../integrity/conversation.ts';
import type { ByteSource } from '../byte-source.ts';
import { parentOf } from './chain.ts';
import type { Entries } from './entries.ts';
import { beginsAnew, is } from './entry.ts';
import type { FindingList } from './findings.ts';
import type { Graph } from './graph.ts';
import { placeOf, valueOf } from './record-text.ts';
import { areOfOneLine, limitOf, isMissing } from './rejoin.ts';
import type { Joint, LinkedGraph } from './rejoin.ts';
import type { Side } from './sides.ts';

/** A file whose conversation was found. */
export interface Linked extends LinkedGraph {
  readonly source: ByteSource;
  readonly entries: Entries;
  /** The links that a repair makes. */
  readonly joints: readonly Joint[];
}

/** Tells parents that are missing, circles, and branches that the tool leaves aside. */
export function tellLinks(linked: Linked, findings: FindingList): void {
  const branches = linked.sides.sides.filter(({ kind }) => kind === 'branch');
  tellMissing(linked, branches, findings);
  for (const node of linked.sides.cycles) tellCycle(linked, node, findings);
  for (const { node, why } of linked.joints)
    if (why === 'hidden') tellHidden(linked, node, findings);
  for (const branch of branches) {
    if (isCutOff(linked, branch)) continue;
    const hang = branch.messages === 1 ? 'hangs' : 'hang';
    const aside = `${hang} on a branch that the newest record does not lead to`;
    const meaning = `${counted(branch.messages)} from here on ${aside}; the tool leaves them.`;
    findings.add('MULTIPLE_LEAVES', 'note', place(linked, branch.top), meaning, null);
  }
}

function counted(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}

function place({ source, entries }: Linked, node: number): () => Place {
  return () => placeOf(entries, node, valueOf(source, entries, node)['uuid']);
}

/** Whether the messages ended up aside because a link is missing, and not by a choice. */
function isCutOff(linked: Linked, { top }: Side): boolean {
  const first = linked.chain.nodes[0] ?? -1;
  const { graph } = linked;
  const root = (graph.parents[top] ?? -1) < 0;
  return (
    isMissing(graph, top) ||
    isInCircle(linked, top) ||
    (root && first >= 0 && isMissing(graph, first) && rank(graph, top) < rank(graph, first))
  );
}

/** What a side hangs on follows a record off the line only in a circle. */
function isInCircle({ graph, chain }: Linked, top: number): boolean {
  const parent = parentOf(graph, top);
  return parent >= 0 && chain.on[parent] === 0;
}

function rank(graph: Graph, node: number): number {
  return graph.rankOf(node);
}

function tellMissing(linked: Linked, branches: readonly Side[], findings: FindingList): void {
  const { graph, chain } = linked;
  const first = chain.nodes[0] ?? -1;
  for (const node of graph.sequence) {
    if (!isMissing(graph, node)) continue;
    const carries = ((graph.flags[node] ?? 0) & (is.user | is.assistant | is.system)) !== 0;
    if (node !== first) {
      const meaning = 'The record that this one follows is not in the file.';
      const severity = carries && chain.on[node] === 0 ? 'warning' : 'note';
      findings.add('MISSING_PARENT', severity, place(linked, node), meaning, null);
      continue;
    }
    const lost = lostInFront(linked, branches, node);
    const unreached =
      lost > 0
        ? `, and ${counted(lost)} in front of it ${lost === 1 ? 'is' : 'are'} not reached`
        : '';
    const cut = 'The record that this one follows is not in the file';
    const meaning = `${cut}, so the conversation begins here${unreached}.`;
    const fix = lost > 0 ? fixOf(linked, node) : null;
    findings.add(
      'MISSING_PARENT',
      lost > 0 ? 'error' : 'warning',
      place(linked, node),
      meaning,
      fix,
    );
  }
}

/** Messages that stand in front of the missing parent and hang on nothing that is reached. */
function lostInFront(linked: Linked, branches: readonly Side[], first: number): number {
  const { graph } = linked;
  if (beginsAnew(graph.flags[first] ?? 0)) return 0;
  const limit = limitOf(graph, first);
  let lost = 0;
  for (const { top, messages } of branches) {
    const isApart = parentOf(graph, top) < 0 || isInCircle(linked, top);
    if (top < limit && isApart && areOfOneLine(graph, top, first)) lost += messages;
  }
  return lost;
}

/** What the repair does here, which a person may think better of. */
function fixOf({ entries, joints }: Linked, node: number): string | null {
  const joint = joints.find((one) => one.node === node);
  if (joint === undefined) return null;
  if (joint.parent < 0) return 'Let it follow nothing: no record that it could follow is in front.';
  const line = entries.lines.at(joint.parent);
  return `Link it to the record on line ${line}, which stood in front of it; this is a guess.`;
}

function tellCycle(linked: Linked, node: number, findings: FindingList): void {
  const cuts = linked.chain.on[node] !== 0;
  const meaning = cuts
    ? 'The records in front of this one lead back to it, so the conversation begins in a circle.'
    : 'The records in front of this one lead back to it, so the tool reaches none of them.';
  findings.add('PARENT_CYCLE', 'error', place(linked, node), meaning, fixOf(linked, node));
}

function tellHidden(linked: Linked, node: number, findings: FindingList): void {
  const meaning =
    'The records in front of this one lead back to it, were it not for what a compaction says.';
  const fix = 'Write into its link what the compaction says that it follows.';
  findings.add('PARENT_CYCLE', 'warning', place(linked, node), meaning, fix);
}
