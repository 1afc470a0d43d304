/**
 * Where each finding stands in the page: with its message, or, for a fault of the bytes, in front
 * of the first message that comes behind it in the file. Pure.
 */
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { NumberedFinding } from './findings.ts';
import type { PageLimits } from './limits.ts';
import type { LostPiece } from './lost-bytes.ts';
import type { Outline } from './outline.ts';
import type { ByteMend, TranscriptReport } from './report.ts';

/** Numbered findings and lost bytes, and those of each shown message. */
export interface Anchors {
  readonly findings: readonly NumberedFinding[];
  readonly byMessage: ReadonlyMap<number, readonly NumberedFinding[]>;
  readonly lost: readonly LostPiece[];
  readonly lostByMessage: ReadonlyMap<number, readonly LostPiece[]>;
}

/**
 * Numbers the findings and the lost bytes that are in the page; of findings the gravest are kept
 * when there are too many.
 */
export function anchorsOf(
  { findings: all, plan }: Pick<TranscriptReport, 'findings' | 'plan'>,
  outline: Outline,
  shown: ReadonlySet<number> | null,
  limits: PageLimits,
  conversation: () => Iterable<PlacedMessage>,
): Anchors {
  const kept = keptOf(all, limits.findings);
  const gone = (plan?.mends ?? []).filter(({ lost }) => lost !== undefined);
  const pieces = gone.slice(0, limits.rows);
  const near = nearestMessages([...kept.flatMap(placeless), ...pieces.map(placed)], conversation);
  const shownAt = (at: number | null): number | null =>
    at !== null && at < outline.messages && (shown?.has(at) ?? true) ? at : null;
  const findings: NumberedFinding[] = [];
  const byMessage = new Map<number, NumberedFinding[]>();
  for (const finding of kept) {
    const at = shownAt(finding.messageIndex ?? near.get(finding) ?? null);
    const one = { number: findings.length + 1, finding, shownAt: at };
    findings.push(one);
    if (at !== null) byMessage.set(at, [...(byMessage.get(at) ?? []), one]);
  }
  const lost = pieces.flatMap((mend, index): LostPiece[] => {
    if (mend.lost === undefined) return [];
    const at = shownAt(near.get(mend) ?? null);
    return [{ number: index + 1, mend, lost: mend.lost, shownAt: at }];
  });
  const lostByMessage = new Map<number, LostPiece[]>();
  for (const piece of lost) {
    const at = piece.shownAt;
    if (at !== null) lostByMessage.set(at, [...(lostByMessage.get(at) ?? []), piece]);
  }
  return { findings, byMessage, lost, lostByMessage };
}

/** Something of the file that belongs to no message. */
interface Loose {
  readonly what: object;
  readonly offset: number;
}

function placeless(finding: TranscriptFinding): Loose[] {
  const offset = finding.place?.offset ?? null;
  return finding.messageIndex === null && offset !== null ? [{ what: finding, offset }] : [];
}

function placed(mend: ByteMend): Loose {
  return { what: mend, offset: mend.offset };
}

function keptOf(all: readonly TranscriptFinding[], max: number): readonly TranscriptFinding[] {
  if (all.length <= max) return all;
  const kept = new Set<TranscriptFinding>();
  for (const severity of ['error', 'warning', 'note'] as const) {
    for (const finding of all) {
      if (kept.size < max && finding.severity === severity) kept.add(finding);
    }
  }
  return all.filter((finding) => kept.has(finding));
}

/** For what belongs to no message: the last message that begins at or in front of it. */
function nearestMessages(
  loose: readonly Loose[],
  conversation: () => Iterable<PlacedMessage>,
): ReadonlyMap<object, number> {
  const near = new Map<object, number>();
  const open = loose.toSorted((a, b) => a.offset - b.offset);
  if (open.length === 0) return near;
  let [number, at] = [0, 0];
  for (const { place } of conversation()) {
    // Every fault in front of this message stands with the one before it.
    for (; at < open.length; at += 1) {
      const one = open[at];
      if (one === undefined || place.offset === null || one.offset >= place.offset) break;
      near.set(one.what, Math.max(0, number - 1));
    }
    number += 1;
  }
  for (; at < open.length; at += 1) {
    const one = open[at];
    if (one !== undefined && number > 0) near.set(one.what, number - 1);
  }
  return near;
}
