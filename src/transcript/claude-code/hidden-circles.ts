/**
 * Circles of parents that nobody meets as long as a compact boundary says that one of their records
 * follows another one than it names itself. They come to light once an edit takes what the boundary
 * speaks of, and then no links give the wanted conversation: so they are cut before.
 */
import type { Graph } from './graph.ts';

/** Cutting one may close another; files with more are not made by any tool. */
const roundsMax = 8;

/** Records in such a circle, and the node that each follows by word of a boundary; -1 for none. */
export function hiddenCircles(graph: Graph): ReadonlyMap<number, number> {
  const cut = new Map<number, number>();
  if (graph.boundaries.length === 0) return cut;
  const { ids, named, nodeOf, parents } = graph;
  const nodeAt = (id: number): number => (id < 0 ? -1 : (nodeOf[id] ?? -1));
  const follows = (node: number): number => cut.get(node) ?? nodeAt(named[node] ?? -1);
  const moved = [...graph.sequence].filter((node) => parents[node] !== named[node]);
  for (let round = 0; round < roundsMax; round += 1) {
    const before = cut.size;
    const seen = new Int32Array(ids.length).fill(-1);
    for (const start of moved) {
      let node = start;
      for (; node >= 0 && (seen[node] ?? 0) < 0; node = follows(node)) seen[node] = start;
      if (node < 0 || seen[node] !== start) continue;
      for (const one of circleFrom(node, follows)) {
        if (parents[one] !== named[one]) cut.set(one, nodeAt(parents[one] ?? -1));
      }
    }
    if (cut.size === before) break;
  }
  return cut;
}

function circleFrom(first: number, follows: (node: number) => number): readonly number[] {
  const circle = [first];
  for (let node = follows(first); node !== first; node = follows(node)) circle.push(node);
  return circle;
}
