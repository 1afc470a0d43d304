/**
 * Where each finding stands in the page: with its message, or, for a fault of the bytes, in front
 * of the first message that comes behind it in the file. Pure.
 */
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { NumberedFinding } from './findings.ts';
import type { PageLimits } from './limits.ts';
import type { Outline } from './outline.ts';

/** Numbered findings, and those of each shown message. */
export interface Anchors {
  readonly findings: readonly NumberedFinding[];
  readonly byMessage: ReadonlyMap<number, readonly NumberedFinding[]>;
}

/** Numbers the findings that are in the page; the gravest are kept when there are too many. */
export function anchorsOf(
  all: readonly TranscriptFinding[],
  outline: Outline,
  shown: ReadonlySet<number> | null,
  limits: PageLimits,
  conversation: () => Iterable<PlacedMessage>,
): Anchors {
  const kept = keptOf(all, limits.findings);
  const near = nearestMessages(kept, conversation);
  const findings: NumberedFinding[] = [];
  const byMessage = new Map<number, NumberedFinding[]>();
  for (const finding of kept) {
    const at = finding.messageIndex ?? near.get(finding) ?? null;
    const isShown = at !== null && at < outline.messages && (shown?.has(at) ?? true);
    const one = { number: findings.length + 1, finding, shownAt: isShown ? at : null };
    findings.push(one);
    if (!isShown) continue;
    const same = byMessage.get(at);
    if (same === undefined) byMessage.set(at, [one]);
    else same.push(one);
  }
  return { findings, byMessage };
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

/** For findings without a message: the last message that begins at or in front of the fault. */
function nearestMessages(
  findings: readonly TranscriptFinding[],
  conversation: () => Iterable<PlacedMessage>,
): ReadonlyMap<TranscriptFinding, number> {
  const near = new Map<TranscriptFinding, number>();
  const open = findings
    .flatMap((finding) => {
      const offset = finding.place?.offset ?? null;
      return finding.messageIndex === null && offset !== null ? [{ finding, offset }] : [];
    })
    .toSorted((a, b) => a.offset - b.offset);
  if (open.length === 0) return near;
  let [number, at] = [0, 0];
  for (const { place } of conversation()) {
    // Every fault in front of this message stands with the one before it.
    for (; at < open.length; at += 1) {
      const one = open[at];
      if (one === undefined || place.offset === null || one.offset >= place.offset) break;
      near.set(one.finding, Math.max(0, number - 1));
    }
    number += 1;
  }
  for (; at < open.length; at += 1) {
    const one = open[at];
    if (one !== undefined && number > 0) near.set(one.finding, number - 1);
  }
  return near;
}
