/**
 * The judgement over a dead writer's journal: a decision table from facts to exactly one verdict.
 * Pure; a test walks every combination.
 *
 * The question is whether bad bytes are a torn tail or damage to acknowledged data. It is answered
 * by evidence, never by the pattern of the bytes: W is the highest durable mark in any valid frame
 * of this journal. What is missing at or below W was acknowledged.
 */
import { someFrame } from '../journal/frame-table.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import { isKnownSessionType } from '../session/frame-types.ts';

/** What a dead journal is; the rules are those of the recovery table in ARCHITECTURE.md. */
export type JournalVerdict =
  | 'closed' // R1: ended by its close frame, all valid
  | 'unclean' // R17: the writer died, nothing is bad
  | 'torn' // R2: an unfinished batch at the very end
  | 'damaged' // R3, R4, R8, R9, R10, R14, R18: acknowledged data may be gone
  | 'newer'; // R12: not ours to judge

/** What is known of a journal, as yes or no. */
export interface JournalQuestions {
  /** A header is of a newer format. */
  readonly newer: boolean;
  /** Something does not follow: bad bytes, or a whole thing that should be there. */
  readonly bad: boolean;
  /**
   * What does not follow is no tail: a header, a size, a missing or foreign segment, a broken
   * chain.
   */
  readonly structural: boolean;
  /**
   * The bad bytes lie in a segment that another one follows: it was synced before that one began.
   */
  readonly sealed: boolean;
  /** W says that more was durable than what follows. */
  readonly marked: boolean;
  /** A close frame stands at the end of what follows: a clean log has no torn tail. */
  readonly closed: boolean;
}

type Pattern = readonly (boolean | null)[];

interface Row {
  readonly verdict: JournalVerdict;
  readonly rule: string;
  readonly pattern: Pattern;
}

const yes = true;
const no = false;
const any = null;

/**
 * How a disk comes to look like each row:
 * - newer: a later version wrote here; nothing is touched.
 * - structural: segments get their names only when header, size and content are synced, and a seal
 *   is written only when its successor exists. So a bad header, a short file or a missing successor
 *   was whole once: the medium, or a hand, changed it.
 * - sealed: the next segment's first acknowledgement waited for the sync of this one.
 * - marked: the frame that carries W was written after a sync that covered what is missing now.
 * - closed: the close frame was written after everything before it was synced, and nothing follows
 *   it.
 * - torn: the last batch was being written when the machine or the process stopped. Nobody was told
 *   that it is durable, unless the medium lost the mark as well: it is reported as in doubt.
 */
//                                              newer bad structural sealed marked closed
/** The table. `null` in a pattern matches both answers. */
export const verdictRows: readonly Row[] = [
  { verdict: 'newer', rule: 'R12', pattern: [yes, any, any, any, any, any] },
  { verdict: 'closed', rule: 'R1', pattern: [no, no, no, no, no, yes] },
  { verdict: 'unclean', rule: 'R17', pattern: [no, no, no, no, no, no] },
  { verdict: 'damaged', rule: 'R8 R9 R10 R18', pattern: [no, yes, yes, no, any, any] },
  { verdict: 'damaged', rule: 'R4', pattern: [no, yes, no, yes, any, any] },
  { verdict: 'damaged', rule: 'R3', pattern: [no, yes, no, no, yes, any] },
  { verdict: 'damaged', rule: 'R14', pattern: [no, yes, no, no, no, yes] },
  { verdict: 'torn', rule: 'R2', pattern: [no, yes, no, no, no, no] },
];

/** Combinations that cannot be: the kind of badness without badness, or two kinds at once. */
export function isImpossible(facts: JournalQuestions): boolean {
  if (facts.newer) return false;
  if (!facts.bad) return facts.structural || facts.sealed || facts.marked;
  return facts.structural && facts.sealed;
}

/** All rows that match; a test proves that it is always exactly one. */
export function matchingRows(facts: JournalQuestions): readonly Row[] {
  const { newer, bad, structural, sealed, marked, closed } = facts;
  const values = [newer, bad, structural, sealed, marked, closed];
  return verdictRows.filter((row) =>
    row.pattern.every((wanted, index) => wanted === any || wanted === values[index]),
  );
}

/** The questions, answered from what was read. */
export function questionsOf(
  facts: JournalFacts,
  isKnown: (type: number) => boolean = isKnownSessionType,
): JournalQuestions {
  const problem = facts.firstProblem;
  const marked = facts.durableMark > facts.lastSeq;
  const structural = problem !== null && (problem.kind !== 'tail' || facts.missing !== null);
  return {
    newer:
      facts.segments.some((segment) => segment.newer !== null) ||
      someFrame(facts.frames, (frame) => !isKnown(frame.type)),
    bad: problem !== null || marked,
    structural,
    sealed: problem !== null && !structural && !problem.inLastSegment,
    marked,
    closed: facts.closed,
  };
}

/** Exactly one verdict. */
export function judgeJournal(
  facts: JournalFacts,
  isKnown: (type: number) => boolean = isKnownSessionType,
): JournalVerdict {
  const questions = questionsOf(facts, isKnown);
  const row = matchingRows(questions)[0];
  if (row === undefined || isImpossible(questions)) {
    throw new Error(`No verdict for ${JSON.stringify(questions)}: this is a fault in Holdfast`);
  }
  return row.verdict;
}
