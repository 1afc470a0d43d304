/** From a graph of records to the messages of its conversation. */
import type { Chain } from './chain.ts';
import { chainOf } from './chain.ts';
import type { Graph } from './graph.ts';
import type { Grouped } from './grouping.ts';
import { grouped } from './grouping.ts';
import { withSiblings } from './siblings.ts';
import { trailingOf } from './trailing.ts';

/** A conversation as the official reader finds it. */
export interface Found {
  readonly chain: Chain;
  /** Every record of the conversation, also those that are not sent, in order. */
  readonly order: Int32Array;
  readonly messages: Grouped;
}

/** Finds the conversation; re-links the graph on the way. */
export function conversationOf(graph: Graph, timestampOf: (node: number) => string): Found {
  const chain = chainOf(graph);
  const line = withSiblings(graph, chain, timestampOf);
  const trailing = trailingOf(graph, chain);
  const messages = grouped(graph, chain, line, trailing);
  for (const node of trailing) chain.on[node] = 1;
  const order = trailing.length === 0 ? line : Int32Array.from([...line, ...trailing]);
  return { chain, order, messages };
}
