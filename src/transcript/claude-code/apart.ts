/**
 * Answers that stay apart. Claude Code takes assistant records with one `message.id` for one
 * answer, also with results between them. Where edits take away what stood between two messages
 * that share an id, the second one would become a part of the first, behind its calls: it gets an
 * id of its own.
 */
import type { Entries } from './entries.ts';
import { is } from './entry.ts';
import type { Grouped } from './grouping.ts';

/** A conversation after edits: its records, and what each of them is then. */
interface After {
  readonly nodes: readonly number[];
  readonly flagsOf: (node: number) => number;
}

/** The number behind the new id of the answer, for each record of one that must stay apart. */
export function answersApart(
  entries: Entries,
  messages: Grouped,
  { nodes, flagsOf }: After,
): ReadonlyMap<number, number> {
  const apart = new Map<number, number>();
  const messageOf = messagesOf(entries, messages);
  // The answer that a record with its id would join, and the line of one that has another id now.
  let [group, message, line] = [-1, -1, -1];
  for (const node of nodes) {
    if ((flagsOf(node) & is.pureResults) !== 0) continue;
    const own = node < entries.count ? entries.groups.at(node) : -1;
    const from = messageOf[node] ?? -1;
    const goesOn = own >= 0 && own === group;
    if (goesOn && from !== message) line = entries.lines.at(node);
    else if (!goesOn) line = -1;
    [group, message] = [own, from];
    if (line >= 0) apart.set(node, line);
  }
  return apart;
}

function messagesOf(entries: Entries, { nodes, starts }: Grouped): Int32Array {
  const messageOf = new Int32Array(entries.count).fill(-1);
  for (let at = 0; at + 1 < starts.length; at += 1) {
    for (let place = starts[at] ?? 0; place < (starts[at + 1] ?? 0); place += 1) {
      messageOf[nodes[place] ?? 0] = at;
    }
  }
  return messageOf;
}
