/**
 * Prompts that were typed while the model was at work and that nothing has answered yet: they hang
 * behind the last message, often beside the line that leads to the newest record.
 */
import type { Chain } from './chain.ts';
import { parentOf } from './chain.ts';
import { is } from './entry.ts';
import type { Graph } from './graph.ts';

/** The waiting prompts behind the last message, in the order of the file. */
export function trailingOf(graph: Graph, { nodes, on }: Chain): readonly number[] {
  const leaf = nodes.at(-1) ?? -1;
  const found: number[] = [];
  for (const node of graph.sequence) {
    const flags = graph.flags[node] ?? 0;
    if ((flags & is.queued) === 0 || (flags & (is.sidechain | is.team)) !== 0) continue;
    if (on[node] === 0 && hangsOn(graph, node, leaf)) found.push(node);
  }
  if (found.length === 0) return found;
  const passed = passedOver(graph, on);
  return found.filter((node) => !passed.has(node));
}

/** Whether only records that are no messages stand between the two, by old links or new ones. */
function hangsOn(graph: Graph, from: number, leaf: number): boolean {
  const seen = new Set([from]);
  for (const node of seen) {
    for (const parent of [parentOf(graph, node), namedParentOf(graph, node)]) {
      if (parent === leaf && leaf >= 0) return true;
      const flags = parent < 0 ? is.user : (graph.flags[parent] ?? 0);
      if ((flags & (is.user | is.assistant)) === 0) seen.add(parent);
    }
  }
  return false;
}

function namedParentOf({ named, nodeOf }: Graph, node: number): number {
  const parent = named[node] ?? -1;
  return parent < 0 ? -1 : (nodeOf[parent] ?? -1);
}

/** Records that a message off the line follows: the tool left that branch with what is on it. */
function passedOver(graph: Graph, on: Uint8Array): ReadonlySet<number> {
  const passed = new Set<number>();
  for (const node of graph.sequence) {
    const flags = graph.flags[node] ?? 0;
    if (on[node] !== 0 || (flags & (is.user | is.assistant)) === 0) continue;
    if ((flags & (is.sidechain | is.team)) !== 0) continue;
    let at = namedParentOf(graph, node);
    for (; at >= 0 && on[at] === 0 && !passed.has(at); at = namedParentOf(graph, at)) {
      passed.add(at);
    }
  }
  return passed;
}
