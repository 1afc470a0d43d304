/**
 * How records are linked after edits. The official reader finds the conversation by links, times
 * and places in the file, so a change is tried out: the index is read as the changed file would be,
 * and only where the conversation would not be the wanted one, more records are linked anew.
 */
import { addAll } from '../../base/lists.ts';
import { conversationOf } from './conversation.ts';
import type { Found } from './conversation.ts';
import type { Draft } from './draft.ts';
import type { Entries } from './entries.ts';
import type { Entry } from './entry.ts';
import { is } from './entry.ts';
import type { AddedNode, Changes, Graph } from './graph.ts';
import { graphOf } from './graph.ts';
import { groupedNodes } from './grouping.ts';
import { hiddenCircles } from './hidden-circles.ts';
import { isMissing } from './rejoin.ts';
import { sidesOf } from './sides.ts';

/** What is tried out. */
export interface Attempt {
  readonly entries: Entries;
  /** The file as it is, and its graph before re-linking. */
  readonly found: Found;
  readonly graph: Graph;
  readonly draft: Draft;
  /** All records of the wanted conversation, also those that are not sent. */
  readonly line: readonly number[];
  readonly added: readonly AddedNode[];
  readonly changed: ReadonlyMap<number, Entry>;
  /** The record of the call of a new result, -1 for anything else. */
  readonly calls: readonly number[];
  timestampOf(node: number): string;
}

/** New parents: of a node, the node that it follows; -1 for none, `like` for that of another. */
export type Link = { readonly node: number } | { readonly like: number };

/** The links that give the wanted conversation. */
export interface Links {
  readonly parents: ReadonlyMap<number, Link>;
  readonly preserved: Changes['preserved'];
  /** Whether the file reads so also without these records, whose uuids other ones have. */
  readsWithout(copies: ReadonlySet<number>): boolean;
}

const triesMax = 8;

/**
 * Finds links with which the file reads as the draft says; as few as it can. Null when a branch
 * that the tool left would then be the newest, whatever the links.
 */
export function linksOf(attempt: Attempt): Links | null {
  const relinking = new Relinking(attempt);
  relinking.start();
  for (let tries = 0; tries < triesMax; tries += 1) {
    const wrong = relinking.wrong();
    if (wrong === null) return relinking.links();
    if (!relinking.mendAround(wrong)) break;
  }
  relinking.linkAll();
  return relinking.wrong() === null ? relinking.links() : null;
}

class Relinking {
  readonly #attempt: Attempt;
  readonly #parents = new Map<number, Link>();
  #preserved: Changes['preserved'] = 'kept';
  readonly #line: readonly number[];
  /** Nodes that were on the line of parents, which those behind them hang on. */
  readonly #onLine: ReadonlySet<number>;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
    this.#line = attempt.line;
    this.#onLine = new Set(attempt.found.chain.nodes);
  }

  links(): Links {
    return {
      parents: this.#parents,
      preserved: this.#preserved,
      readsWithout: (copies) => this.wrong(copies) === null,
    };
  }

  /** Children of what goes follow what it followed; new records stand where they belong. */
  start(): void {
    const { entries, graph, draft, calls } = this.#attempt;
    if (this.#takesFromKept()) this.#keepLinks();
    if (draft.removed.size > 0) {
      for (const node of graph.sequence) {
        const parent = this.#parentOf(node);
        if (parent < 0 || !draft.removed.has(parent) || draft.removed.has(node)) continue;
        this.#parents.set(node, this.#above(parent));
      }
    }
    const passed = new Set<number>();
    for (const [at, node] of this.#line.entries()) {
      passed.add(node);
      if (node < entries.count) continue;
      const call = calls[node - entries.count] ?? -1;
      const isLast = at === this.#line.length - 1;
      // Right behind its call it stands on the line, where every reader meets it; results of calls
      // that were made side by side hang on theirs, as the tool writes them.
      const isAside = passed.has(call) && !isLast && this.#line[at - 1] !== call;
      if (isAside) this.#parents.set(node, { node: call });
      else this.#putInto(at, node);
    }
  }

  /** Nodes that would not stand behind the one that they shall stand behind; null when all do. */
  wrong(copies: ReadonlySet<number> = new Set()): readonly number[] | null {
    const { entries, draft, added, changed } = this.#attempt;
    const graph = graphOf(entries, {
      removed: draft.removed,
      parents: new Map([...this.#parents].map(([node, link]) => [node, this.#idOf(link)])),
      changed,
      added,
      preserved: this.#preserved,
      copies,
    });
    const { chain, messages } = conversationOf(graph, (node) => this.#attempt.timestampOf(node));
    const found = messages.nodes;
    const wanted = groupedNodes(graph, Int32Array.from(draft.nodes)).nodes;
    const before = new Map<number, number>();
    for (const [at, node] of found.entries()) before.set(node, found[at - 1] ?? -1);
    const wrong: number[] = [];
    for (const [at, node] of wanted.entries()) {
      if (before.get(node) !== (wanted[at - 1] ?? -1)) wrong.push(node);
    }
    if (wrong.length > 0) return wrong;
    const { graph: old, found: was } = this.#attempt;
    if (isCircular(graph, chain) && !isCircular(old, was.chain)) return Array.from(wanted);
    // What comes behind everything that is wanted makes the last record wrong.
    return found.length === wanted.length ? null : Array.from(wanted.slice(-1));
  }

  /** Links the surroundings of these nodes one behind the other; false when nothing changed. */
  mendAround(wrong: readonly number[]): boolean {
    const places = new Map(this.#line.map((node, at) => [node, at]));
    const around = this.#surroundings(new Set(wrong.map((node) => places.get(node) ?? 0)));
    let changes = 0;
    for (const at of around) changes += this.#follow(at);
    return changes > 0;
  }

  /**
   * The places that stand from the beginning of an answer to the next record on the line with one
   * of these among them. Two walks, however many there are.
   */
  #surroundings(wrong: ReadonlySet<number>): ReadonlySet<number> {
    const around = new Set<number>();
    const last = this.#line.length - 1;
    let isAhead = false;
    for (let at = last; at > 0; at -= 1) {
      isAhead ||= wrong.has(at);
      if (isAhead) around.add(at);
      if (this.#beginsAnswer(at)) isAhead = false;
    }
    let isBehind = wrong.has(0);
    for (let at = 1; at <= last; at += 1) {
      if (isBehind) around.add(at);
      if (this.#isOnLine(this.#line[at])) isBehind = false;
      isBehind ||= wrong.has(at);
    }
    return around;
  }

  /** Links everything one behind the other, and lets no boundary change that. */
  linkAll(): void {
    this.#preserved = 'forgotten';
    for (let at = 0; at < this.#line.length; at += 1) this.#follow(at);
  }

  /** Whether something goes that a compact boundary names. */
  #takesFromKept(): boolean {
    const { graph, draft } = this.#attempt;
    const gone = new Set([...draft.removed].map((node) => graph.ids[node] ?? -1));
    return graph.boundaries.some(({ anchor, head, tail, uuids }) =>
      [anchor, head, tail, ...(uuids ?? [])].some((id) => gone.has(id)),
    );
  }

  /** What boundaries say about links is written into the links themselves. */
  #keepLinks(): void {
    const { graph } = this.#attempt;
    this.#preserved = 'forgotten';
    for (const node of graph.sequence) {
      const parent = graph.parents[node] ?? -1;
      if (parent === graph.named[node]) continue;
      const link = parent < 0 ? -1 : (graph.nodeOf[parent] ?? -1);
      this.#parents.set(node, { node: link });
    }
  }

  #isOnLine(node: number | undefined): boolean {
    return node !== undefined && this.#onLine.has(node);
  }

  /** Whether the first record of an answer stands here. */
  #beginsAnswer(at: number): boolean {
    const node = this.#line[at] ?? 0;
    const before = this.#line[at - 1] ?? -1;
    const isAnswer = (this.#flagsOf(node) & is.assistant) !== 0;
    return isAnswer && (before < 0 || (this.#flagsOf(before) & is.assistant) === 0);
  }

  #flagsOf(node: number): number {
    const { graph, added, entries } = this.#attempt;
    return graph.flags[node] ?? added[node - entries.count]?.entry.flags ?? 0;
  }

  /** Lets the record at a place follow the one in front of it; how many links that changes. */
  #follow(at: number): number {
    const node = this.#line[at];
    if (node === undefined) return 0;
    const link: Link = at === 0 ? this.#firstLink() : { node: this.#line[at - 1] ?? -1 };
    const known = this.#parents.get(node);
    if (known === undefined ? this.#isNamed(node, link) : this.#idOf(known) === this.#idOf(link)) {
      return 0;
    }
    this.#parents.set(node, link);
    return 1;
  }

  /** Whatever comes first follows what the first record followed before. */
  #firstLink(): Link {
    const first = this.#attempt.found.order[0] ?? -1;
    return first < 0 ? { node: -1 } : this.#parentLike(first);
  }

  /**
   * What a record follows takes another one over; but a parent that is not in the file goes with
   * the record that named it: further on, it would look like a break in the middle.
   */
  #parentLike(node: number): Link {
    const { graph, draft } = this.#attempt;
    const isLost = draft.removed.has(node) && isMissing(graph, node);
    return isLost ? { node: -1 } : { like: node };
  }

  /** Puts a new record between two of the line. */
  #putInto(at: number, node: number): void {
    const before = this.#line[at - 1];
    this.#parents.set(node, before === undefined ? this.#firstLink() : { node: before });
    for (let behind = at + 1; behind < this.#line.length; behind += 1) {
      const next = this.#line[behind] ?? -1;
      if (next >= this.#attempt.entries.count) return;
      if (!this.#isOnLine(next)) continue;
      this.#parents.set(next, { node });
      return;
    }
  }

  /** What a record follows: as it says, or as a boundary said that is to be forgotten. */
  #parentOf(node: number): number {
    const { graph } = this.#attempt;
    const links = this.#preserved === 'kept' ? graph.named : graph.parents;
    const parent = links[node] ?? -1;
    return parent < 0 ? -1 : (graph.nodeOf[parent] ?? -1);
  }

  /** What a record follows that hung on one that goes. */
  #above(removed: number): Link {
    const { draft } = this.#attempt;
    const seen = new Set<number>();
    let node = removed;
    for (; !seen.has(node); node = this.#parentOf(node)) {
      seen.add(node);
      const parent = this.#parentOf(node);
      if (parent < 0) return this.#parentLike(node);
      if (!draft.removed.has(parent)) return { node: parent };
    }
    return { node: -1 };
  }

  #isNamed(node: number, link: Link): boolean {
    const named = this.#attempt.graph.named[node];
    return named !== undefined && named === this.#idOf(link);
  }

  /** The number of the uuid that a link names. */
  #idOf(link: Link): number {
    const { entries, graph, added } = this.#attempt;
    if ('like' in link) return graph.named[link.like] ?? -1;
    if (link.node < 0) return -1;
    const fresh = added[link.node - entries.count];
    return fresh === undefined ? (graph.ids[link.node] ?? -1) : entries.uuid(fresh.entry.uuid);
  }
}

/** Whether records follow each other in a circle, on the line, beside it or behind a boundary. */
function isCircular(graph: Graph, chain: Found['chain']): boolean {
  return sidesOf(graph, chain).cycles.length > 0 || hiddenCircles(graph).size > 0;
}

/** The wanted records, each with those behind it that are not sent. */
export function wantedLine(
  entries: Entries,
  found: Found,
  graph: Graph,
  draft: Draft,
): readonly number[] {
  const sent = new Set(found.messages.nodes);
  const behind = new Map<number, number[]>();
  const front: number[] = [];
  let holder = front;
  for (const node of [...found.order, ...aboveNewest(found, graph)]) {
    if (!sent.has(node)) holder.push(node);
    else behind.set(node, (holder = []));
  }
  // Records that are not sent stay where they are also when the one in front of them goes.
  const line = [...front];
  const wanted = new Set(draft.nodes);
  const gone = new Map<number, number[]>();
  let last = -1;
  for (const node of found.messages.nodes) {
    if (wanted.has(node)) last = node;
    else {
      const held = gone.get(last) ?? [];
      for (const next of behind.get(node) ?? []) held.push(next);
      gone.set(last, held);
    }
  }
  addAll(line, gone.get(-1) ?? []);
  for (const node of draft.nodes) {
    line.push(node);
    if (node >= entries.count) continue;
    addAll(line, behind.get(node) ?? []);
    addAll(line, gone.get(node) ?? []);
  }
  return line;
}

/** Records between the last message and the newest record, which leads to it. */
function aboveNewest({ chain, order }: Found, graph: Graph): number[] {
  const known = new Set(order);
  const above: number[] = [];
  for (let node = chain.terminal; node >= 0 && !known.has(node); ) {
    known.add(node);
    above.push(node);
    const parent = graph.parents[node] ?? -1;
    node = parent < 0 ? -1 : (graph.nodeOf[parent] ?? -1);
  }
  return above.reverse();
}
