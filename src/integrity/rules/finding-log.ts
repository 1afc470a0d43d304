/**
 * Collects the findings of one check. However many there are, at most `keptMax` are kept; all are
 * counted by code and severity.
 */
import type { Place } from '../conversation.ts';
import type { MessageCode, Severity, TranscriptFinding } from '../finding.ts';
import type { ProfileName } from '../profile.ts';
import { severityOf } from './severity-table.ts';

/** Findings that are kept; what a report could show, and a few megabytes at most. */
export const keptMax = 10_000;

/** Where something stands. Holds no content, so that a spot may be kept. */
export interface Spot {
  readonly place: Place;
  readonly messageIndex: number;
  /** Null for the message as a whole. */
  readonly blockIndex: number | null;
}

/** What is said of a fault. */
export interface Words {
  readonly meaning: string;
  readonly fix: string | null;
  readonly callId?: string;
  /** The milder form of the code; see `severity-table.ts`. */
  readonly form?: 'milder';
}

/** How many findings there were of one code and severity. */
export interface FindingCount {
  readonly code: MessageCode;
  readonly severity: Severity;
  readonly count: number;
}

/** The findings of one conversation for one profile. */
export class FindingLog {
  readonly #profile: ProfileName;
  readonly #kept: TranscriptFinding[] = [];
  readonly #counts: Map<string, FindingCount> = new Map();

  constructor(profile: ProfileName) {
    this.#profile = profile;
  }

  /** Notes a fault, unless it is none for this provider. */
  add(code: MessageCode, spot: Spot, words: Words): void {
    const severity = severityOf(code, this.#profile, words.form);
    if (severity === null) return;
    const key = `${code} ${severity}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { code, severity, count });
    if (this.#kept.length >= keptMax) return;
    const { place, messageIndex, blockIndex } = spot;
    const { meaning, fix, callId = null } = words;
    this.#kept.push({ code, severity, place, messageIndex, blockIndex, callId, meaning, fix });
  }

  /** In the order of their places. */
  findings(): readonly TranscriptFinding[] {
    return this.#kept.toSorted(byPlace);
  }

  counts(): readonly FindingCount[] {
    return [...this.#counts.values()];
  }
}

/** By message, then by block; a message as a whole comes before its blocks. */
function byPlace(left: TranscriptFinding, right: TranscriptFinding): number {
  const messages = (left.messageIndex ?? 0) - (right.messageIndex ?? 0);
  return messages === 0 ? (left.blockIndex ?? -1) - (right.blockIndex ?? -1) : messages;
}
