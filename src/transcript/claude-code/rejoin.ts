/**
 * Where the line of parents is broken in the middle: the official reader stops there and passes
 * over everything in front without a word. A record whose parent is not in the file, or which
 * begins a circle, is joined to the record that stood in front of it when it was written. That is a
 * guess, but rarely a wild one: a session follows itself, record after record.
 */
import type { Chain } from './chain.ts';
import { parentOf } from './chain.ts';
import { conversationOf } from './conversation.ts';
import type { Entries } from './entries.ts';
import { beginsAnew, is } from './entry.ts';
import type { Changes, Graph } from './graph.ts';
import { graphOf, unchanged } from './graph.ts';
import { hiddenCircles } from './hidden-circles.ts';
import { sidesOf } from './sides.ts';
import type { Sides } from './sides.ts';

/** A link that would be made anew. */
export interface Joint {
  readonly node: number;
  /** The node that it would follow; -1 for none. */
  readonly parent: number;
  /**
   * `kept`: what a compact boundary says of it becomes its own link; `hidden`: so it does because
   * its own link closes a circle.
   */
  readonly why: 'missing' | 'circle' | 'kept' | 'hidden';
}

/** All links that are made anew. */
export interface Joints {
  readonly joints: readonly Joint[];
  /** Whether compact boundaries go on saying which messages they kept. */
  readonly preserved: Changes['preserved'];
}

/** A conversation that was found, with what stands beside it. */
export interface LinkedGraph {
  readonly graph: Graph;
  readonly chain: Chain;
  readonly sides: Sides;
}

/** A joint may bring a further break to light; a round finds all those of one line. */
const roundsMax = 8;
/**
 * Each joint may have to look at the whole line in front of it. A file with more breaks is joined
 * so far at a time, and says what stays.
 */
const jointsMax = 500;

/** The links that make one line of the conversation again; none where nothing is broken. */
export function jointsOf(
  entries: Entries,
  found: LinkedGraph,
  timestampOf: (node: number) => string,
): Joints {
  const joints = new Map<number, Joint>();
  let preserved: Joints['preserved'] = 'kept';
  let now = found;
  for (let round = 0; round < roundsMax; round += 1) {
    const before = joints.size;
    new Rejoining(now, joints).join();
    if (joints.size === before) {
      for (const [node, parent] of hiddenCircles(now.graph)) {
        if (!joints.has(node)) joints.set(node, { node, parent, why: 'hidden' });
      }
      break;
    }
    const isFull = joints.size >= jointsMax;
    const isOwn = [...joints.values()].every(({ node }) => hasOwnLink(found.graph, node));
    if (!isOwn) {
      keepLinks(found.graph, joints);
      preserved = 'forgotten';
    }
    const parents = new Map<number, number>();
    for (const { node, parent } of joints.values()) {
      parents.set(node, parent < 0 ? -1 : (found.graph.ids[parent] ?? -1));
    }
    const graph = graphOf(entries, { ...unchanged, parents, preserved });
    const { chain } = conversationOf(graph, timestampOf);
    if (isFull) break;
    now = { graph, chain, sides: sidesOf(graph, chain) };
  }
  const inOrder = [...joints.values()].toSorted((one, other) => one.node - other.node);
  return { joints: inOrder, preserved };
}

/** False where a compact boundary says what the record follows, instead of its own link. */
function hasOwnLink({ parents, named }: Graph, node: number): boolean {
  return parents[node] === named[node];
}

/** What boundaries say about links is written into the links, so that one of them can be mended. */
function keepLinks(graph: Graph, joints: Map<number, Joint>): void {
  for (const node of graph.sequence) {
    const parent = parentOf(graph, node);
    if (hasOwnLink(graph, node) || parent < 0 || joints.has(node)) continue;
    joints.set(node, { node, parent, why: 'kept' });
  }
}

/** Whether the record names a parent that the file lacks. */
export function isMissing({ parents, nodeOf }: Graph, node: number): boolean {
  const parent = parents[node] ?? -1;
  return parent >= 0 && (nodeOf[parent] ?? -1) < 0;
}

/** Whether the records are of one line: both of the session, or both of one sub-agent. */
export function areOfOneLine({ flags, agents }: Graph, one: number, other: number): boolean {
  const kind = is.sidechain | is.team;
  const bits = (flags[one] ?? 0) & kind;
  if (bits !== ((flags[other] ?? 0) & kind)) return false;
  return (bits & is.sidechain) === 0 || agents[one] === agents[other];
}

/**
 * What stands from here on cannot be what the record followed: itself, or, of prompts that all
 * follow one lost record, the first. The user went back and asked in another way.
 */
export function limitOf({ parents, flags, sequence }: Graph, node: number): number {
  if (!isPrompt(flags[node] ?? 0)) return node;
  const parent = parents[node] ?? -1;
  let first = node;
  for (const other of sequence) {
    if (parents[other] === parent && isPrompt(flags[other] ?? 0)) first = Math.min(first, other);
  }
  return first;
}

function isPrompt(flags: number): boolean {
  return (flags & is.user) !== 0 && (flags & (is.results | is.meta | is.interrupt)) === 0;
}

class Rejoining {
  readonly #graph: Graph;
  readonly #chain: Chain;
  readonly #sides: Sides;
  readonly #joints: Map<number, Joint>;
  /** By node, whether a walk upwards leads to the record of the present joint. */
  readonly #leads: Int32Array;
  #mark = 0;

  constructor({ graph, chain, sides }: LinkedGraph, joints: Map<number, Joint>) {
    this.#graph = graph;
    this.#chain = chain;
    this.#sides = sides;
    this.#joints = joints;
    this.#leads = new Int32Array(graph.ids.length);
  }

  /** Cuts every circle, and joins the line as far as it leads. */
  join(): void {
    for (const node of this.#sides.cycles) {
      if (this.#isFull) return;
      this.#put({ node, parent: this.#inFrontOf(node, node), why: 'circle' });
    }
    this.#joinFrom(this.#chain.nodes[0] ?? -1);
    for (const node of this.#graph.sequence) if (!this.#isFull) this.#joinWaiting(node);
  }

  get #isFull(): boolean {
    return this.#joints.size >= jointsMax;
  }

  #joinFrom(first: number): void {
    let top = first;
    while (top >= 0 && isMissing(this.#graph, top) && !this.#joints.has(top) && !this.#isFull) {
      if (beginsAnew(this.#graph.flags[top] ?? 0)) return;
      const parent = this.#parentFor(top);
      if (parent < 0) return;
      this.#put({ node: top, parent, why: 'missing' });
      top = this.#topOf(parent);
    }
  }

  /**
   * A prompt that waits behind the last message hangs on nothing where a record is lost between.
   */
  #joinWaiting(node: number): void {
    const { flags } = this.#graph;
    const bits = flags[node] ?? 0;
    const leaf = this.#chain.nodes.at(-1) ?? -1;
    if ((bits & is.queued) === 0 || node < leaf || this.#chain.on[node] !== 0) return;
    let top = node;
    const seen = new Set<number>();
    for (let at = node; at >= 0 && !seen.has(at); at = this.#parentOf(at)) {
      if (((flags[at] ?? 0) & (is.user | is.assistant)) !== 0) return;
      seen.add((top = at));
    }
    if (!isMissing(this.#graph, top) || !areOfOneLine(this.#graph, top, leaf)) return;
    const parent = this.#inFrontOf(top, top);
    if (parent >= 0) this.#put({ node: top, parent, why: 'missing' });
  }

  /** What a record follows whose parent is missing; -1 when no message is in front of it. */
  #parentFor(top: number): number {
    const { parents, boundaries } = this.#graph;
    const missing = parents[top] ?? -1;
    const near = this.#besideBoundary(missing);
    this.#mark += 2;
    if (near >= 0 && !this.#leadsTo(near, top)) return near;
    const own = hasOwnLink(this.#graph, top);
    const kept = own ? undefined : boundaries.findLast(({ tail }) => tail === missing);
    const limit = kept?.entry ?? limitOf(this.#graph, top);
    return this.#isMessageInFront(top, limit) ? this.#inFrontOf(top, limit) : -1;
  }

  /** What stands in front of a record that a compaction names and that is lost; -1 for none. */
  #besideBoundary(missing: number): number {
    const { nodeOf, boundaries } = this.#graph;
    for (const { entry, anchor, uuids, head } of boundaries) {
      // The summary stands behind its boundary, and what was kept behind the summary.
      if (anchor === missing) return entry;
      if (uuids === null && head === missing) return nodeOf[anchor] ?? -1;
    }
    return -1;
  }

  /** The first record of the line that leads here. */
  #topOf(from: number): number {
    const seen = new Set<number>();
    let top = from;
    for (let node = from; node >= 0 && !seen.has(node); node = this.#parentOf(node)) {
      seen.add((top = node));
    }
    return top;
  }

  #put(joint: Joint): void {
    if (!this.#joints.has(joint.node)) this.#joints.set(joint.node, joint);
  }

  #parentOf(node: number): number {
    return this.#joints.get(node)?.parent ?? parentOf(this.#graph, node);
  }

  #isHeld(node: number): boolean {
    const { ids, nodeOf } = this.#graph;
    return nodeOf[ids[node] ?? 0] === node;
  }

  /** The last record in front of `limit` that the record could have followed; -1 for none. */
  #inFrontOf(node: number, limit: number): number {
    this.#mark += 2;
    for (let at = limit - 1; at >= 0; at -= 1) {
      const fits = this.#isHeld(at) && areOfOneLine(this.#graph, at, node) && !this.#isLoose(at);
      if (fits && !this.#leadsTo(at, node)) return at;
    }
    return -1;
  }

  /** A result that hangs on nothing is found by its call, and leads nowhere. */
  #isLoose(node: number): boolean {
    const { flags, parents } = this.#graph;
    return ((flags[node] ?? 0) & is.results) !== 0 && (parents[node] ?? -1) < 0;
  }

  /** Whether the record hangs on the other one, also by way of joints. */
  #leadsTo(from: number, to: number): boolean {
    const [no, yes] = [this.#mark - 1, this.#mark];
    const way: number[] = [];
    let node = from;
    for (; node >= 0 && node !== to && (this.#leads[node] ?? 0) < no; node = this.#parentOf(node)) {
      this.#leads[node] = no;
      way.push(node);
    }
    const leads = node === to || (node >= 0 && this.#leads[node] === yes);
    if (leads) for (const passed of way) this.#leads[passed] = yes;
    return leads;
  }

  /** Whether a message of the same line stands in front, which the line does not reach yet. */
  #isMessageInFront(node: number, limit: number): boolean {
    for (let at = limit - 1; at >= 0; at -= 1) {
      const isMessage = ((this.#graph.flags[at] ?? 0) & is.message) !== 0;
      const isOff = this.#chain.on[at] === 0 && this.#isHeld(at);
      if (isMessage && isOff && areOfOneLine(this.#graph, at, node)) return true;
    }
    return false;
  }
}
