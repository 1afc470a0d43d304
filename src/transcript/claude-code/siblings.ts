/**
 * Records that the line of parents passes by: the other records of an answer that was written in
 * several, and results of its calls wherever they hang. The official reader puts them behind the
 * last record of the answer that is on the line.
 */
import type { Chain } from './chain.ts';
import { parentOf } from './chain.ts';
import { is } from './entry.ts';
import type { Graph } from './graph.ts';

/** A result off the line, and the record of the call that it goes to. */
interface Stray {
  readonly call: number;
  readonly result: number;
}

/** The nodes of the line with those that belong between them; `chain.on` then tells both. */
export function withSiblings(
  graph: Graph,
  chain: Chain,
  timestampOf: (node: number) => string,
): Int32Array {
  return new Siblings(graph, chain, timestampOf).order();
}

class Siblings {
  readonly #graph: Graph;
  readonly #chain: Chain;
  readonly #timestampOf: (node: number) => string;
  /** The last node on the line of each answer that has more than what is on the line. */
  #last: Int32Array = new Int32Array(0);
  readonly #others = new Map<number, number[]>();
  readonly #strays = new Map<number, Stray[]>();
  /** Place of each node in the sequence. */
  #turns: Int32Array = new Int32Array(0);
  #callers: Int32Array | null = null;
  #answered: Uint8Array | null = null;

  constructor(graph: Graph, chain: Chain, timestampOf: (node: number) => string) {
    this.#graph = graph;
    this.#chain = chain;
    this.#timestampOf = timestampOf;
  }

  order(): Int32Array {
    const { groups, names, sequence } = this.#graph;
    const { nodes } = this.#chain;
    // Most files have nothing beside the line.
    if (nodes.length === sequence.length) return nodes;
    this.#last = new Int32Array(names).fill(-1);
    for (const node of nodes) {
      const group = groups[node] ?? -1;
      if (group >= 0) this.#last[group] = node;
    }
    this.#gather();
    if (this.#others.size === 0 && this.#strays.size === 0) return nodes;
    this.#turns = new Int32Array(groups.length).fill(-1);
    for (const [turn, node] of sequence.entries()) this.#turns[node] = turn;
    const behind = new Map<number, number[]>();
    for (const group of this.#inOrder()) {
      const more = this.#moreOf(group);
      if (more.length > 0) behind.set(this.#last[group] ?? -1, more);
    }
    const order: number[] = [];
    for (const node of nodes) {
      order.push(node);
      for (const more of behind.get(node) ?? []) order.push(more);
    }
    return Int32Array.from(order);
  }

  /** The answers that have more than what is on the line, in the order of the line. */
  #inOrder(): readonly number[] {
    const waiting = new Set([...this.#others.keys(), ...this.#strays.keys()]);
    const { groups } = this.#graph;
    const found: number[] = [];
    for (const node of this.#chain.nodes) {
      const group = groups[node] ?? -1;
      if (waiting.delete(group)) found.push(group);
    }
    return found;
  }

  #gather(): void {
    const { flags, groups, parents, sequence } = this.#graph;
    const { on } = this.#chain;
    for (const node of sequence) {
      if (on[node] !== 0) continue;
      const bits = flags[node] ?? 0;
      const group = groups[node] ?? -1;
      if (this.#isOnLine(group)) pushTo(this.#others, group, node);
      if ((bits & is.results) === 0 || (parents[node] ?? -1) < 0) continue;
      for (const call of this.#callsFor(node)) {
        const answer = groups[call] ?? -1;
        if (this.#isOnLine(answer)) {
          pushTo(this.#strays, answer, { call, result: node });
        }
      }
    }
  }

  /** Whether a record of the answer is on the line. */
  #isOnLine(group: number): boolean {
    return group >= 0 && (this.#last[group] ?? -1) >= 0;
  }

  /** The records that the result may belong to, by its links and by the ids of its calls. */
  #callsFor(result: number): number[] {
    const graph = this.#graph;
    const found = [parentOf(graph, result)];
    const source = graph.sourceOf(result);
    if (source >= 0 && source !== graph.parents[result]) found.push(graph.nodeOf[source] ?? -1);
    for (const id of graph.resultsOf(result)) found.push(this.#callerOf(id));
    return [...new Set(found)].filter(
      (node, at) => node >= 0 && (at === 0 || this.#sameAgent(node, result)),
    );
  }

  #sameAgent(one: number, other: number): boolean {
    const { agents, flags } = this.#graph;
    const sides = ((flags[one] ?? 0) ^ (flags[other] ?? 0)) & is.sidechain;
    return sides === 0 && agents[one] === agents[other];
  }

  /** The record of the call; below 0 when there is none, or when two answers use the id. */
  #callerOf(id: number): number {
    this.#callers ??= this.#readCallers();
    return this.#callers[id] ?? -1;
  }

  #readCallers(): Int32Array {
    const { groups, ids, nodeOf, names } = this.#graph;
    const callers = new Int32Array(names).fill(-1);
    this.#graph.eachCall((node, id) => {
      const group = groups[node] ?? -1;
      if (group < 0 || nodeOf[ids[node] ?? 0] !== node) return;
      const earlier = callers[id] ?? -1;
      const same = earlier === -1 || (earlier >= 0 && groups[earlier] === group);
      callers[id] = same ? node : -2;
    });
    return callers;
  }

  /** What goes behind the last record of an answer, in order. */
  #moreOf(group: number): number[] {
    const { on } = this.#chain;
    const answers = (this.#others.get(group) ?? []).filter((node) => on[node] === 0);
    const results = this.#resultsOf(group);
    const more = [...this.#byTime(answers), ...this.#byTime(results)];
    for (const node of more) on[node] = 1;
    return more;
  }

  /** Results that hang on a record of the answer, then those that only name one of its calls. */
  #resultsOf(group: number): number[] {
    const { groups } = this.#graph;
    const { on } = this.#chain;
    const strays = (this.#strays.get(group) ?? []).sort(
      (one, other) =>
        (this.#turns[one.call] ?? 0) - (this.#turns[other.call] ?? 0) ||
        (this.#turns[one.result] ?? 0) - (this.#turns[other.result] ?? 0),
    );
    const near: number[] = [];
    const far: number[] = [];
    for (const result of new Set(strays.map((stray) => stray.result))) {
      if (on[result] !== 0) continue;
      const parent = parentOf(this.#graph, result);
      (parent >= 0 && groups[parent] === group ? near : far).push(result);
    }
    return far.length === 0 ? near : [...near, ...this.#wanted(group, near, far)];
  }

  /** Of the far results, those that answer a call which nothing has answered yet. */
  #wanted(group: number, near: readonly number[], far: readonly number[]): number[] {
    const graph = this.#graph;
    const answered = new Set<number>();
    for (const node of near) for (const id of graph.resultsOf(node)) answered.add(id);
    const wanted: number[] = [];
    for (const node of this.#inSequence(far)) {
      const ids = graph.resultsOf(node);
      const open = ids.some((id) => {
        const caller = this.#callerOf(id);
        if (answered.has(id) || this.#isAnsweredOnLine(id)) return false;
        return caller >= 0 && graph.groups[caller] === group;
      });
      if (!open) continue;
      for (const id of ids) answered.add(id);
      wanted.push(node);
    }
    return wanted;
  }

  #inSequence(nodes: readonly number[]): number[] {
    return nodes.toSorted((one, other) => (this.#turns[one] ?? 0) - (this.#turns[other] ?? 0));
  }

  #isAnsweredOnLine(id: number): boolean {
    this.#answered ??= this.#readAnswered();
    return this.#answered[id] === 1;
  }

  #readAnswered(): Uint8Array {
    const answered = new Uint8Array(this.#graph.names);
    for (const node of this.#chain.nodes) {
      for (const id of this.#graph.resultsOf(node)) answered[id] = 1;
    }
    return answered;
  }

  #byTime(nodes: readonly number[]): readonly number[] {
    if (nodes.length < 2) return nodes;
    const times = new Map(nodes.map((node) => [node, this.#timestampOf(node)]));
    return nodes.toSorted((one, other) =>
      (times.get(one) ?? '').localeCompare(times.get(other) ?? ''),
    );
  }
}

function pushTo<T>(lists: Map<number, T[]>, key: number, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
