/**
 * A session whose head or history is gone: what journals still hold of it, also those that recovery
 * has set aside, and a new history made from that. The old bytes are only read.
 */
import type { SeqRange } from '../base/errors.ts';
import { viewOf } from '../format/bytes.ts';
import { emptyVouched, newHead } from '../format/head.ts';
import { HistoryFile } from '../history/history-file.ts';
import { FrameSource } from '../journal/frame-source.ts';
import type { Frames } from '../journal/frame-table.ts';
import { readJournal } from '../journal/journal-reader.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import type { Layout } from './layout.ts';
import { merged } from './losses.ts';
import type { Parts } from './parts.ts';
import type { StorePlan } from './plan.ts';
import { planReplay } from './replay-plan.ts';
import type { ReplayPlan } from './replay-plan.ts';
import { analyzeStreams } from './streams.ts';
import type { StreamInJournal } from './streams.ts';
import { copyTail, SurvivorCopy } from './survivors.ts';
import { judgeJournal } from './verdict.ts';

/** What a journal holds of a session that has no home. */
export interface Tail {
  readonly facts: JournalFacts;
  readonly stream: StreamInJournal;
  readonly replay: ReplayPlan;
}

/** The newest entries of a session in any journal, also in those that recovery has set aside. */
export async function newestTailOf(
  parts: Parts,
  plan: StorePlan,
  id: string,
): Promise<Tail | null> {
  const found = plan.journals.filter((journal) => journal.role !== 'newer');
  const all = [
    ...found.map((journal) => journal.scan.facts),
    ...(await keptJournals(parts, plan.facts.layout)),
  ];
  let newest: Tail | null = null;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const facts of all) {
    if (facts === null) continue;
    const analysis = analyzeStreams(facts, judgeJournal(facts));
    for (const stream of analysis.streams.values()) {
      const timeMs = stream.frames.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY;
      if (stream.sessionId !== id || timeMs <= newestMs || stream.deleted) continue;
      newestMs = timeMs;
      newest = { facts, stream, replay: planReplay(emptyVouched, stream, analysis) };
    }
  }
  return newest;
}

async function keptJournals(parts: Parts, layout: Layout): Promise<readonly JournalFacts[]> {
  if ((await parts.fileSystem.stat(layout.quarantine)) === null) return [];
  const kept: JournalFacts[] = [];
  for (const name of await parts.fileSystem.list(layout.quarantine)) {
    if (!/^[0-9a-f]{32}$/.test(name)) continue;
    kept.push(await readJournal(parts.fileSystem, `${layout.quarantine}/${name}`));
  }
  return kept;
}

/** Copies these entries of a journal behind what is there already. */
export async function copyFromJournal(
  parts: Parts,
  facts: JournalFacts,
  frames: Frames,
  copy: SurvivorCopy,
): Promise<void> {
  const source = new FrameSource(parts.fileSystem, facts.directory);
  try {
    await copyTail(frames, source, copy);
  } finally {
    await source.close();
  }
}

/** What the new history of a session without a head holds, and what it lacks. */
export interface Rebuilt {
  readonly entries: number;
  readonly messages: number;
  readonly lost: readonly SeqRange[];
}

/** A new history at this path, with what a journal still holds of the session. */
export async function rebuild(
  parts: Parts,
  what: { readonly id: string; readonly tail: Tail | null; readonly incarnation: Uint8Array },
  path: string,
): Promise<Rebuilt> {
  const { id, tail, incarnation } = what;
  // When it was made stood in the head. Its first entry that is left tells the most.
  const createdMs = tail?.replay.frames.at(0)?.timeMs ?? parts.clock.nowMs();
  const salt = viewOf(parts.random.bytes(8)).getBigUint64(0, true);
  const head = newHead({ salt, incarnation, attached: null, sessionId: id, createdMs });
  const history = await HistoryFile.create(parts, path, head);
  try {
    const copy = new SurvivorCopy(parts, history, new Uint8Array(16));
    if (tail !== null) {
      await copyFromJournal(parts, tail.facts, tail.replay.frames, copy);
      await copy.accountFor(tail.replay.lastSeq);
    }
    await copy.finish();
    const known = tail?.replay.lost ?? [{ from: 1, to: null }];
    const lost = merged([...known, ...copy.dropped]);
    return { entries: copy.entries, messages: history.head.messages, lost };
  } finally {
    await history.close();
  }
}
