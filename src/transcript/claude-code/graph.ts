/**
 * The records of a file as a graph that can be tried out: as the file has it, or as it would be
 * after a change. Numbers of nodes are those of the entries; new records follow.
 */
import type { Boundary, Entries } from './entries.ts';
import type { Entry } from './entry.ts';

/** A record that is not in the file yet. */
export interface AddedNode {
  readonly entry: Entry;
  /** Where in the file it would stand: a number between those of two entries. */
  readonly rank: number;
}

/** What would be different. */
export interface Changes {
  readonly removed: ReadonlySet<number>;
  /** New parents by node, as numbers of uuids; -1 for none. */
  readonly parents: ReadonlyMap<number, number>;
  /** Records with other content, by node. */
  readonly changed: ReadonlyMap<number, Entry>;
  readonly added: readonly AddedNode[];
  /** Whether compact boundaries still say which messages stay. */
  readonly preserved: 'kept' | 'forgotten';
  /** Earlier records under the uuid of another one that go, while that one stays. */
  readonly copies?: ReadonlySet<number>;
}

/** The file as it is. */
export const unchanged: Changes = {
  removed: new Set(),
  parents: new Map(),
  changed: new Map(),
  added: [],
  preserved: 'kept',
};

/** A graph of records; `parents` is changed by re-linking. */
export interface Graph {
  readonly ids: Int32Array;
  readonly parents: Int32Array;
  /** The parents as the records name them, before any re-linking. */
  readonly named: Int32Array;
  readonly flags: Int32Array;
  readonly groups: Int32Array;
  /** Empty when every record is of the main agent. */
  readonly agents: Int32Array;
  /** Where in the file the node stands, among the others. */
  rankOf(node: number): number;
  /** The node of each uuid, -1 when the file has none. */
  readonly nodeOf: Int32Array;
  /** One node for each uuid, in the order in which the uuids come first. */
  readonly sequence: Int32Array;
  readonly boundaries: readonly Boundary[];
  /** How many names of answers, calls and agents there are. */
  readonly names: number;
  callsOf(node: number): readonly number[];
  resultsOf(node: number): readonly number[];
  /** Every call of every node that counts, in order. */
  eachCall(visit: (node: number, id: number) => void): void;
  /** The number of the uuid of the record of the call, where it is not the parent; else -1. */
  sourceOf(node: number): number;
}

/** The graph of the entries with the changes. */
export function graphOf(entries: Entries, changes: Changes = unchanged): Graph {
  const { added, changed, removed } = changes;
  const count = entries.count + added.length;
  const ids = extended(entries.ids.values, count, (at) => entries.uuid(uuidOf(added[at])));
  const links = extended(entries.parents.values, count, (at) =>
    linkOf(entries, added[at]?.entry.parent),
  );
  const areMoved = changes.parents.size > 0 || entries.boundaries.length > 0;
  const parents = areMoved ? Int32Array.from(links) : links;
  const known = extended(entries.flags.values, count, (at) => added[at]?.entry.flags ?? 0);
  const flags = changed.size > 0 ? Int32Array.from(known) : known;
  const grouped = extended(entries.groups.values, count, (at) =>
    groupOf(entries, added[at]?.entry.group),
  );
  const groups = changed.size > 0 ? Int32Array.from(grouped) : grouped;
  const agents = agentsOf(entries, added);
  const rankOf = (node: number): number => added[node - entries.count]?.rank ?? node;
  for (const [node, parent] of changes.parents) parents[node] = parent;
  const named = entries.boundaries.length === 0 ? parents : Int32Array.from(parents);
  for (const [node, entry] of changed) {
    flags[node] = entry.flags;
    groups[node] = groupOf(entries, entry.group);
  }
  const isOther = removed.size + added.length > 0;
  const nodeOf = isOther ? Int32Array.from(entries.entryOf.values) : entries.entryOf.values;
  for (const node of removed) nodeOf[ids[node] ?? 0] = -1;
  for (let node = entries.count; node < count; node += 1) nodeOf[ids[node] ?? 0] = node;
  const fresh = (node: number): Entry | undefined =>
    node < entries.count ? changed.get(node) : added[node - entries.count]?.entry;
  const pairs = pairsOf(entries, changes, fresh);
  // New ids get their numbers now, so that the count of names below is the last word.
  for (const { calls, results } of [...changed.values(), ...added.map(({ entry }) => entry)]) {
    for (const id of [...calls, ...results]) entries.tool(id);
  }
  return {
    ids,
    parents,
    named,
    flags,
    groups,
    agents,
    rankOf,
    nodeOf,
    sequence: sequenceOf(entries, { nodeOf, ids, rankOf }, changes.copies),
    boundaries:
      changes.preserved === 'kept'
        ? entries.boundaries.filter(({ entry }) => nodeOf[ids[entry] ?? 0] === entry)
        : [],
    names: entries.names.size,
    ...pairs,
  };
}

function pairsOf(
  entries: Entries,
  { added, changed, removed }: Changes,
  fresh: (node: number) => Entry | undefined,
): Pick<Graph, 'callsOf' | 'resultsOf' | 'eachCall' | 'sourceOf'> {
  return {
    callsOf: (node) => fresh(node)?.calls.map((id) => entries.tool(id)) ?? entries.calls.of(node),
    resultsOf: (node) =>
      fresh(node)?.results.map((id) => entries.tool(id)) ?? entries.results.of(node),
    eachCall: (visit) => {
      const { entries: nodes, ids } = entries.calls;
      for (let at = 0; at < nodes.length; at += 1) {
        const node = nodes.at(at);
        if (!changed.has(node) && !removed.has(node)) visit(node, ids.at(at));
      }
      for (const [node, { calls }] of changed) {
        for (const id of calls) visit(node, entries.tool(id));
      }
      for (const [at, { entry }] of added.entries()) {
        for (const id of entry.calls) visit(entries.count + at, entries.tool(id));
      }
    },
    sourceOf: (node) => {
      if (node < entries.count) return entries.sources.get(node) ?? -1;
      return linkOf(entries, added[node - entries.count]?.entry.source);
    },
  };
}

function uuidOf(node: AddedNode | undefined): string {
  return node?.entry.uuid ?? '';
}

function linkOf(entries: Entries, uuid: string | null | undefined): number {
  return uuid ? entries.uuid(uuid) : -1;
}

function groupOf(entries: Entries, group: string | null | undefined): number {
  return group ? entries.group(group) : -1;
}

function agentsOf(entries: Entries, added: readonly AddedNode[]): Int32Array {
  const known = entries.agents.values;
  if (known.length === 0 && added.every(({ entry }) => entry.agent === null)) return known;
  const all = new Int32Array(entries.count + added.length).fill(-1);
  all.set(known);
  for (const [at, { entry }] of added.entries()) {
    all[entries.count + at] = entries.agent(entry.agent);
  }
  return all;
}

/** The same array where nothing comes behind it: a file as it is costs no second copy. */
function extended(base: Int32Array, count: number, more: (at: number) => number): Int32Array {
  if (base.length === count) return base;
  const all = new Int32Array(count);
  all.set(base);
  for (let at = base.length; at < count; at += 1) all[at] = more(at - base.length);
  return all;
}

/**
 * The nodes that count, where their uuid comes first: a uuid that comes again keeps its place and
 * takes the later content, as members of a `Map` do.
 */
function sequenceOf(
  entries: Entries,
  { nodeOf, ids, rankOf }: Pick<Graph, 'nodeOf' | 'ids' | 'rankOf'>,
  copies: ReadonlySet<number> = new Set(),
): Int32Array {
  const added: number[] = [];
  for (let node = entries.count; node < ids.length; node += 1) added.push(node);
  added.sort((one, other) => rankOf(one) - rankOf(other));
  let next = 0;
  const nodes = new Int32Array(ids.length);
  let length = 0;
  const isRepeated = entries.repeated.size > 0;
  for (let node = 0; node < entries.count; node += 1) {
    for (; next < added.length && rankOf(added[next] ?? 0) < node; next += 1) {
      nodes[length++] = added[next] ?? 0;
    }
    const id = ids[node] ?? 0;
    const all = isRepeated ? entries.repeated.get(id) : undefined;
    const first = all?.find((copy) => !copies.has(copy)) ?? node;
    const held = nodeOf[id] ?? -1;
    if (first === node && held >= 0) nodes[length++] = held;
  }
  for (; next < added.length; next += 1) nodes[length++] = added[next] ?? 0;
  return nodes.subarray(0, length);
}
