/**
 * Claude Code: `~/.claude/projects/DIR/SESSION.jsonl`, one JSON object a line. The file is read
 * once for its index; the conversation is found in the index as the official reader finds it, and
 * its records are read again where they are asked for.
 */
import { addAll } from '../../base/lists.ts';
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { ByteSource } from '../byte-source.ts';
import type { FileRecord } from '../file-record.ts';
import { listedSplices, loneBlock, loneWords } from '../lone-content.ts';
import { jsonLines } from '../records.ts';
import { mendOf } from '../fault-finding.ts';
import type { Splice } from '../splice.ts';
import type { EarlyListener, FormatReader, Transcript } from '../transcript.ts';
import type { Chain } from './chain.ts';
import { conversationOf } from './conversation.ts';
import { EarlyConversation } from './early.ts';
import { Entries } from './entries.ts';
import { entryOf, is, isObject, textOf, typeOf } from './entry.ts';
import { FactGatherer } from './facts.ts';
import { FindingList } from './findings.ts';
import { graphOf } from './graph.ts';
import type { Grouped } from './grouping.ts';
import { tellLinks } from './link-findings.ts';
import { recognise } from './recognise.ts';
import { contentOf, contentPath, messageOf, placeOf, valueOf } from './record-text.ts';
import { repeatedRecords } from './repeats.ts';
import { jointsOf } from './rejoin.ts';
import { lostSides } from './result-sides.ts';
import { jointSplices, recordBytes } from './record-bytes.ts';
import { sidesOf } from './sides.ts';
import { writeEdits } from './write.ts';

/** The reader and writer of Claude Code's files. */
export const claudeCode: FormatReader = { name: 'claude-code', recognise, open };

const progressBytes = 4 * 1024 * 1024;

function* open(source: ByteSource, listener?: EarlyListener): Generator<number, Transcript, void> {
  const entries = new Entries(source.size);
  const early = listener === undefined ? null : new EarlyConversation(entries, listener);
  const facts = new FactGatherer();
  const findings = new FindingList();
  const mends: Splice[] = [];
  const lone: number[] = [];
  let records = 0;
  let told = 0;
  const lines = jsonLines(source, (fault) => {
    findings.fault(fault);
    addAll(mends, mendOf(fault));
  });
  for (const record of lines) {
    records += 1;
    takeIn(record, { entries, facts, findings, early, lone });
    if (record.offset - told >= progressBytes) {
      told = record.offset;
      yield told;
    }
  }
  yield source.size;
  const graph = graphOf(entries);
  const timestampOf = (node: number): string =>
    textOf(valueOf(source, entries, node)['timestamp']) ?? '';
  const { chain, messages } = conversationOf(graph, timestampOf);
  const heard = early?.finish(messages) ?? false;
  const sides = sidesOf(graph, chain);
  const { joints, preserved } = jointsOf(entries, { graph, chain, sides }, timestampOf);
  tellLinks({ source, entries, graph, chain, sides, joints }, findings);
  const copies = repeatedRecords(source, entries, newestOf(chain), findings);
  const all = together(mends, copies);
  const file = { source, entries };
  return {
    format: 'claude-code',
    profile: 'anthropic',
    records,
    facts: facts.facts(),
    findings: findings.inOrder(),
    sides: sides.sides.map(({ kind, top, messages: count }) => ({
      kind,
      id: idOf(source, entries, top),
      messages: count,
    })),
    heard,
    conversation: () => walk(source, entries, messages),
    // Links are made anew once the bytes are sound: which records there are is known only then.
    mends: all.length > 0 ? all : withLists(file, lone, jointSplices(file, { joints, preserved })),
    write: (edits) => writeEdits({ source, entries, messages }, edits),
    lostBeside: (edits) => lostSides({ source, entries, messages }, edits),
  };
}

/** What the records of a file go into. */
interface Intake {
  readonly entries: Entries;
  readonly facts: FactGatherer;
  readonly findings: FindingList;
  readonly early: EarlyConversation | null;
  /** Nodes whose content is one block and no list. */
  readonly lone: number[];
}

/** One record into the index. */
function takeIn(record: FileRecord, { entries, facts, findings, early, lone }: Intake): void {
  const { value, index, offset, length, line } = record;
  const unexpected = (id: string | null, meaning: string): void => {
    const place = (): Place => ({ record: index, offset, length, line, id });
    findings.add('UNEXPECTED_RECORD', 'warning', place, meaning, null);
  };
  if (!isObject(value)) {
    unexpected(null, 'This is JSON but no object, and the tool passes over it.');
    return;
  }
  facts.see(value);
  const entry = entryOf(value);
  if (entry === null) {
    if (typeOf(value) === 0) return;
    unexpected(null, 'A record of the conversation has no uuid, and the tool passes over it.');
    return;
  }
  const node = entries.add(entry, record);
  early?.see(node, entry);
  if ((entry.flags & (is.user | is.assistant)) === 0) return;
  const content = contentOf(value, entry.flags);
  if (typeof content === 'string' || Array.isArray(content)) return;
  if (loneBlock(content) === null) {
    unexpected(entry.uuid, 'A message has no content that can be read.');
    return;
  }
  lone.push(node);
  const place = (): Place => ({ record: index, offset, length, line, id: entry.uuid });
  findings.add('UNEXPECTED_RECORD', 'error', place, loneWords.meaning, loneWords.fix);
}

/** Contents that are one block each are put into lists, beside links that are made anew. */
function withLists(
  file: { readonly source: ByteSource; readonly entries: Entries },
  lone: readonly number[],
  links: readonly Splice[],
): readonly Splice[] {
  if (lone.length === 0) return links;
  const lists = lone.flatMap((node) =>
    listedSplices(recordBytes(file, node), file.entries.offsets.at(node), contentPath(is.message)),
  );
  return [...links, ...lists].sort(byOffset);
}

function* walk(
  source: ByteSource,
  entries: Entries,
  { nodes, starts }: Grouped,
): Generator<PlacedMessage, void> {
  for (let at = 0; at + 1 < starts.length; at += 1) {
    yield messageOf(source, entries, nodes.subarray(starts[at], starts[at + 1]));
  }
}

function newestOf({ nodes, terminal }: Chain): number {
  return terminal >= 0 ? terminal : (nodes.at(-1) ?? -1);
}

/** What a side is called: its agent, or the uuid of its first record. */
function idOf(source: ByteSource, entries: Entries, top: number): string | null {
  const value = valueOf(source, entries, top);
  return textOf(value['agentId']) ?? placeOf(entries, top, value['uuid']).id;
}

/** Both in the order of the file, but for copies that a mend of the bytes changes inside. */
function together(mends: readonly Splice[], copies: readonly Splice[]): Splice[] {
  const all = mends.toSorted(byOffset);
  let next = 0;
  for (const copy of copies.toSorted(byOffset)) {
    const end = copy.offset + copy.length;
    while (next < mends.length && endOf(all[next]) <= copy.offset) next += 1;
    const mend = all[next];
    if (next >= mends.length || mend === undefined || mend.offset >= end) all.push(copy);
  }
  return all.sort(byOffset);
}

function byOffset(one: Splice, other: Splice): number {
  return one.offset - other.offset || one.length - other.length;
}

function endOf(splice: Splice | undefined): number {
  return splice === undefined ? 0 : splice.offset + splice.length;
}
