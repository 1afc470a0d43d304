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
  const sent = sentOf(graph, chain, order);
  return groupedNodes(graph, waiting.length === 0 ? sent : Int32Array.from([...sent, ...waiting]));
}

/** Groups records that are sent, in their order. */
export function groupedNodes(graph: Graph, sent: Int32Array): Grouped {
  // Most records stand where they belong: only when one moves, there is another array.
  let nodes = sent;
  const starts = new Int32Array(sent.length + 1);
  let count = 0;
  let length = 0;
  for (const node of sent) {
    const at =
      count === 0 ? -1 : homeOf(graph, { nodes, length, start: starts[count - 1] ?? 0 }, node);
    if (at < 0) starts[count++] = length;
    else if (at !== length) {
      // The answer goes on behind results that stand here already: they move by one.
      if (nodes === sent) nodes = sent.slice();
      nodes.copyWithin(at + 1, at, length);
      nodes[at] = node;
      starts[count - 1] = at + 1;
    }
    length += 1;
  }
  starts[count] = length;
  return { nodes, starts: starts.subarray(0, count + 1) };
}

/** What is grouped so far: `start` is where the last message begins. */
interface Begun {
  readonly nodes: Int32Array;
  readonly length: number;
  readonly start: number;
}

/** Where the record joins a message: its place in `nodes`; -1 when it begins one. */
function homeOf({ flags, groups }: Graph, { nodes, length, start }: Begun, node: number): number {
  const last = nodes[length - 1] ?? 0;
  if (isPure(flags[node])) return isPure(flags[last]) ? length : -1;
  const group = groups[node] ?? -1;
  if (group < 0) return -1;
  if (groups[last] === group) return length;
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
  const isSent = (node: number): boolean => {
    const flags = graph.flags[node] ?? 0;
    if ((flags & hidden) !== 0) return false;
    return (flags & is.message) !== 0 || (queued.has(node) && !isHeld(graph, chain, node));
  };
  let count = 0;
  for (const node of order) if (isSent(node)) count += 1;
  if (count === order.length) return order;
  const sent = new Int32Array(count);
  let next = 0;
  for (const node of order) if (isSent(node)) sent[next++] = node;
  return sent;
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
function queuedOf({ flags }: Graph, order: Int32Array): ReadonlySet<number> {
  const queued = new Set<number>();
  let next: 'reply' | 'prompt' | null = null;
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const bits = flags[order[at] ?? 0] ?? 0;
    if ((bits & is.queued) !== 0 && next === 'reply') queued.add(order[at] ?? 0);
    if ((bits & (is.assistant | is.results | is.interrupt)) !== 0) next = 'reply';
    else if ((bits & is.user) !== 0 && (bits & (is.meta | is.compactSummary)) === 0)
      next = 'prompt';
  }
  return queued;
}
