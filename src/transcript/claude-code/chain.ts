/**
 * The line of records that leads to the newest one, as the official reader finds it (read in
 * `@anthropic-ai/claude-agent-sdk` 0.3.329 and 0.3.332): messages that a compaction kept are
 * re-linked, the newest leaf is chosen, and parents are followed until one is missing.
 */
import { is } from './entry.ts';
import type { Boundary } from './entries.ts';
import type { Graph } from './graph.ts';

/** The line of records, oldest first. */
export interface Chain {
  readonly nodes: Int32Array;
  /** The newest record, from which the leaf was found; -1 without records. */
  readonly terminal: number;
  /** 1 for each node of the line. */
  readonly on: Uint8Array;
  /** Whether every message of the file is of a side chain: the file of a sub-agent. */
  readonly kind: 'session' | 'sub-agent';
}

/** The node that the record names as its parent; -1 for none, or one that the file lacks. */
export function parentOf(graph: Graph, node: number): number {
  const parent = graph.parents[node] ?? -1;
  return parent < 0 ? -1 : (graph.nodeOf[parent] ?? -1);
}

/** Finds the line. Re-links `graph.parents` on the way. */
export function chainOf(graph: Graph): Chain {
  relink(graph);
  const kind = isSubAgent(graph) ? 'sub-agent' : 'session';
  const { leaf, terminal } = kind === 'sub-agent' ? lastMessage(graph) : leafOf(graph);
  const on = new Uint8Array(graph.ids.length);
  let length = 0;
  for (let node = leaf; node >= 0 && on[node] === 0; node = parentOf(graph, node)) {
    on[node] = 1;
    length += 1;
  }
  // The way up is known now: the second time there is an array of the right length for it.
  const nodes = new Int32Array(length);
  for (let node = leaf; length > 0; node = parentOf(graph, node)) nodes[--length] = node;
  return { nodes, terminal, on, kind };
}

/** Puts the messages that a compaction kept behind its summary. */
function relink(graph: Graph): void {
  if (graph.boundaries.length === 0) return;
  const children = childrenOfAnchors(graph);
  const adopt = (node: number, parent: number): void => {
    graph.parents[node] = parent;
    children.get(parent)?.push(node);
  };
  for (const boundary of graph.boundaries) {
    const kept = keptNodes(graph, boundary);
    if (kept === null) continue;
    let anchor = boundary.anchor;
    for (const node of kept.line) {
      adopt(node, anchor);
      anchor = graph.ids[node] ?? -1;
    }
    for (const node of (children.get(boundary.anchor) ?? []).slice()) {
      if (graph.parents[node] !== boundary.anchor || graph.ids[node] === kept.head) continue;
      adopt(node, kept.tail);
    }
  }
}

interface Kept {
  readonly line: readonly number[];
  readonly head: number;
  readonly tail: number;
}

function keptNodes({ nodeOf, ids }: Graph, { uuids, head, tail }: Boundary): Kept | null {
  if (uuids === null) {
    const node = head < 0 ? -1 : (nodeOf[head] ?? -1);
    return { line: node < 0 ? [] : [node], head, tail };
  }
  const line = uuids.map((id) => (id < 0 ? -1 : (nodeOf[id] ?? -1)));
  if (line.length === 0 || line.includes(-1)) return null;
  return { line, head: uuids[0] ?? -1, tail: ids[line.at(-1) ?? 0] ?? -1 };
}

/** The children of each anchor, so that re-linking does not walk the file for each boundary. */
function childrenOfAnchors({ boundaries, sequence, parents }: Graph): Map<number, number[]> {
  const children = new Map<number, number[]>(boundaries.map(({ anchor }) => [anchor, []]));
  for (const node of sequence) children.get(parents[node] ?? -1)?.push(node);
  return children;
}

function isMessage(flags: number): boolean {
  return (flags & (is.user | is.assistant)) !== 0;
}

function isSubAgent({ sequence, flags }: Graph): boolean {
  let messages = 0;
  for (const node of sequence) {
    const bits = flags[node] ?? 0;
    if (!isMessage(bits)) continue;
    if ((bits & is.sidechain) === 0) return false;
    messages += 1;
  }
  return messages > 0;
}

interface Leaf {
  readonly leaf: number;
  readonly terminal: number;
}

/** In the file of a sub-agent the official reader takes the last message. */
function lastMessage(graph: Graph): Leaf {
  const { sequence, flags } = graph;
  let leaf = -1;
  for (const node of sequence) {
    if (!isMessage(flags[node] ?? 0)) continue;
    if (leaf < 0 || graph.rankOf(node) > graph.rankOf(leaf)) leaf = node;
  }
  return { leaf, terminal: leaf };
}

/** The newest record of the main line without a child there, and the message that it leads to. */
function leafOf(graph: Graph): Leaf {
  const { sequence, flags, ids, nodeOf, parents } = graph;
  const isMain = (node: number): boolean =>
    ((flags[node] ?? 0) & (is.sidechain | is.team | is.progress | is.briefing)) === 0;
  const hasChild = new Uint8Array(nodeOf.length);
  for (const node of sequence) {
    const parent = parents[node] ?? -1;
    if (parent >= 0) hasChild[parent] = (hasChild[parent] ?? 0) | (isMain(node) ? 3 : 1);
  }
  const ends = (mask: number): number[] => {
    const found: number[] = [];
    for (const node of sequence) {
      if (((hasChild[ids[node] ?? 0] ?? 0) & mask) === 0) found.push(node);
    }
    return found;
  };
  const newestFirst = ends(2)
    .filter(isMain)
    .sort((one, other) => graph.rankOf(other) - graph.rankOf(one));
  const seen = new Uint8Array(ids.length);
  for (const terminal of newestFirst) {
    const leaf = climb(graph, terminal, seen);
    if (leaf >= 0) return { leaf, terminal };
  }
  return { leaf: lastResort(graph, ends(1)), terminal: -1 };
}

/** Up to the first message; -1 when there is none. Places in `seen` lead nowhere. */
function climb(graph: Graph, from: number, seen: Uint8Array): number {
  for (let node = from; node >= 0 && seen[node] === 0; node = parentOf(graph, node)) {
    if (isMessage(graph.flags[node] ?? 0)) return node;
    seen[node] = 1;
  }
  return -1;
}

/** Without a leaf on the main line: the newest message above any record without a child. */
function lastResort(graph: Graph, ends: readonly number[]): number {
  const { flags } = graph;
  const seen = new Uint8Array(graph.ids.length);
  const found = ends.map((end) => climb(graph, end, seen)).filter((leaf) => leaf >= 0);
  const proper = found.filter(
    (leaf) => ((flags[leaf] ?? 0) & (is.sidechain | is.team | is.meta)) === 0,
  );
  const among = proper.length > 0 ? proper : found;
  let newest = among[0] ?? -1;
  for (const leaf of among) if (graph.rankOf(leaf) > graph.rankOf(newest)) newest = leaf;
  return newest;
}
