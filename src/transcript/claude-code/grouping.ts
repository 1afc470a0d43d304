/**
 * From records to messages: records that share a `message.id` are one answer, and the results that
 * follow it are one message, as Claude Code sends them. Everything that is not sent is left out.
 */
import type { Chain } from './chain.ts';
import { is } from './entry.ts';
import type { Graph } from './graph.ts';

/** The records of each message, one message after the other. */
export interface Grouped {
  readonly nodes: Int32Array;
  /** Where each message begins in `nodes`; one more at the end. */
  readonly starts: Int32Array;
}

/** Groups the records of the line; `trailing` are prompts that wait behind it. */
export function grouped(
  graph: Graph,
  chain: Chain,
  order: Int32Array,
  trailing: readonly number[],
): Grouped {
  const waiting = trailing.filter((node) => !isHeld(graph, chain, node));
  return groupedNodes(graph, Int32Array.from([...sentOf(graph, chain, order), ...waiting]));
}

/** Groups records that are sent, in their order. */
export function groupedNodes(graph: Graph, sent: Int32Array): Grouped {
  const nodes = new Int32Array(sent.length);
  const starts = new Int32Array(sent.length + 1);
  let count = 0;
  let length = 0;
  for (const node of sent) {
    const at = homeOf(graph, nodes, starts.subarray(0, count), length, node);
    if (at === length || at < 0) {
      if (at < 0) starts[count++] = length;
      nodes[length] = node;
    } else {
      // The answer goes on behind results that stand here already: they move by one.
      nodes.copyWithin(at + 1, at, length);
      nodes[at] = node;
      starts[count - 1] = at + 1;
    }
    length += 1;
  }
  starts[count] = length;
  return { nodes, starts: starts.slice(0, count + 1) };
}

/** Where the record joins a message: its place in `nodes`; -1 when it begins one. */
function homeOf(
  { flags, groups }: Graph,
  nodes: Int32Array,
  starts: Int32Array,
  length: number,
  node: number,
): number {
  if (starts.length === 0) return -1;
  const last = nodes[length - 1] ?? 0;
  if (isPure(flags[node])) return isPure(flags[last]) ? length : -1;
  const group = groups[node] ?? -1;
  if (group < 0) return -1;
  if (groups[last] === group) return length;
  const start = starts.at(-1) ?? 0;
  const before = start === 0 ? -1 : (nodes[start - 1] ?? -1);
  return isPure(flags[last]) && before >= 0 && groups[before] === group ? start : -1;
}

function isPure(flags: number | undefined): boolean {
  return ((flags ?? 0) & is.pureResults) !== 0;
}

/** The records that are sent. */
function sentOf(graph: Graph, chain: Chain, order: Int32Array): Int32Array {
  const queued = queuedOf(graph, order);
  const hidden = is.unsent | is.team | (chain.kind === 'session' ? is.sidechain : 0);
  return order.filter((node, at) => {
    const flags = graph.flags[node] ?? 0;
    if ((flags & hidden) !== 0) return false;
    return (flags & is.message) !== 0 || (queued[at] === 1 && !isHeld(graph, chain, node));
  });
}

/** Whether the queued prompt became a message that is in the conversation itself. */
function isHeld(graph: Graph, { on }: Chain, node: number): boolean {
  const source = graph.sourceOf(node);
  const prompt = source < 0 || source === graph.ids[node] ? -1 : (graph.nodeOf[source] ?? -1);
  return prompt >= 0 && on[prompt] !== 0;
}

/**
 * Prompts that were typed while the model was at work count where the model went on after them;
 * where a prompt comes next, the tool had put them back, and that prompt holds them.
 */
function queuedOf({ flags }: Graph, order: Int32Array): Uint8Array {
  const queued = new Uint8Array(order.length);
  let next: 'reply' | 'prompt' | null = null;
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const bits = flags[order[at] ?? 0] ?? 0;
    if ((bits & is.queued) !== 0 && next === 'reply') queued[at] = 1;
    if ((bits & (is.assistant | is.results | is.interrupt)) !== 0) next = 'reply';
    else if ((bits & is.user) !== 0 && (bits & (is.meta | is.compactSummary)) === 0)
      next = 'prompt';
  }
  return queued;
}
