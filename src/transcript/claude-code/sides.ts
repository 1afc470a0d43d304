/**
 * What is in the file but not in the conversation, and what is wrong with the links: the official
 * reader passes over all of it without a word.
 */
import type { SideConversation } from '../transcript.ts';
import type { Chain } from './chain.ts';
import { parentOf } from './chain.ts';
import { beginsAnew, is } from './entry.ts';
import type { Graph } from './graph.ts';

/** Records that hang together off the line of the conversation. */
export interface Side {
  readonly kind: SideConversation['kind'];
  /** The record that they all hang on. */
  readonly top: number;
  readonly messages: number;
}

/** The graph beside the conversation. */
export interface Sides {
  readonly sides: readonly Side[];
  /** Nodes whose parents lead back to themselves: of each circle the first one of the file. */
  readonly cycles: readonly number[];
}

/** Walks everything once. */
export function sidesOf(graph: Graph, chain: Chain): Sides {
  const first = chain.nodes[0] ?? -1;
  const isWhole = chain.nodes.length === graph.sequence.length;
  // Everything is on the line, and the line begins somewhere.
  if (isWhole && (first < 0 || parentOf(graph, first) < 0)) return { sides: [], cycles: [] };
  const { tops, cycles } = topsOf(graph, chain.on);
  const messages = new Map<number, number>();
  for (const node of graph.sequence) {
    const isMessage = ((graph.flags[node] ?? 0) & is.message) !== 0;
    if (chain.on[node] !== 0 || !isMessage) continue;
    const top = tops[node] ?? node;
    messages.set(top, (messages.get(top) ?? 0) + 1);
  }
  const compactedBefore = lastBoundary(graph, chain);
  const sides = [...messages].map(([top, count]): Side => {
    const sidechain = ((graph.flags[top] ?? 0) & is.sidechain) !== 0 && chain.kind === 'session';
    const compacted = graph.rankOf(top) < compactedBefore;
    return {
      kind: sidechain ? 'sidechain' : compacted ? 'compacted' : 'branch',
      top,
      messages: count,
    };
  });
  return { sides, cycles };
}

/** The first node of a circle, of those whose own link is part of it where there is one. */
function firstOf({ parents, named }: Graph, circle: readonly number[]): number {
  const own = circle.filter((node) => parents[node] === named[node]);
  return (own.length > 0 ? own : circle).reduce((one, other) => Math.min(one, other));
}

/** Rank of the newest compact boundary of the conversation; -1 without one. */
function lastBoundary(graph: Graph, { nodes }: Chain): number {
  let rank = -1;
  for (const node of nodes) {
    if (beginsAnew(graph.flags[node] ?? 0)) rank = Math.max(rank, graph.rankOf(node));
  }
  return rank;
}

/** The uppermost node above each that is off the line, and one node of each circle. */
function topsOf(graph: Graph, on: Uint8Array): { tops: Int32Array; cycles: number[] } {
  const tops = new Int32Array(graph.ids.length).fill(-1);
  const cycles: number[] = [];
  /** 1 on the present way up, 2 when done. */
  const state = new Uint8Array(graph.ids.length);
  const way: number[] = [];
  for (const start of graph.sequence) {
    way.length = 0;
    let node = start;
    while (node >= 0 && state[node] === 0) {
      state[node] = 1;
      way.push(node);
      node = parentOf(graph, node);
    }
    if (node >= 0 && state[node] === 1) cycles.push(firstOf(graph, way.slice(way.indexOf(node))));
    let top = node >= 0 && state[node] === 2 && on[node] === 0 ? (tops[node] ?? -1) : -1;
    for (let at = way.length - 1; at >= 0; at -= 1) {
      const passed = way[at] ?? 0;
      state[passed] = 2;
      if (on[passed] !== 0) top = -1;
      else if (top < 0) top = passed;
      tops[passed] = top;
    }
  }
  return { tops, cycles };
}
