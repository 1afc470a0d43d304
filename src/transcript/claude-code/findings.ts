/** Findings of one file, bounded: a file of a million faults must not cost a million objects. */
import type { Place } from '../../integrity/conversation.ts';
import type {
  ByteCode,
  Severity,
  TranscriptCode,
  TranscriptFinding,
} from '../../integrity/finding.ts';
import type { ByteFault } from '../file-record.ts';
import { lostMark, markFix, signatureFix } from '../zero-runs.ts';

/** So many of one code are kept; of the rest only their number is told. */
export const keptOfOneCode = 1000;

/** What there is to say about bytes of each kind. */
const byteSense: Readonly<Record<ByteCode, { severity: Severity; fix: string | null }>> = {
  TORN_RECORD: { severity: 'error', fix: 'Cut the torn record off.' },
  NUL_RUN: { severity: 'error', fix: 'Take the zero bytes out.' },
  FUSED_RECORDS: { severity: 'error', fix: 'Put a line end between the records.' },
  MALFORMED_RECORD: { severity: 'error', fix: null },
  BAD_UTF8: { severity: 'warning', fix: null },
  BYTE_ORDER_MARK: { severity: 'note', fix: 'Take the mark out.' },
  OVERSIZED_RECORD: { severity: 'error', fix: null },
  NUMBER_ROUNDED: { severity: 'warning', fix: null },
  DUPLICATE_KEY: { severity: 'warning', fix: null },
  UNEXPECTED_RECORD: { severity: 'warning', fix: null },
};

/** What was found, in the order of the file. */
export class FindingList {
  readonly #kept: TranscriptFinding[] = [];
  readonly #counts = new Map<TranscriptCode, number>();

  /** A fault of the bytes. */
  fault({ code, offset, length, line, meaning, mend }: ByteFault): void {
    const place: Place = { record: -1, offset, length, line, id: null };
    const { severity, fix } = byteSense[code];
    const isMark = mend !== null && lostMark.equals(mend.bytes);
    const own = mend?.why === undefined ? (isMark ? markFix : null) : signatureFix;
    const how = own ?? (code === 'NUL_RUN' && mend === null ? null : fix);
    this.add(code, severity, () => place, sentence(meaning), how);
  }

  /** A fault of the records among each other; the place is asked for when the finding is kept. */
  add(
    code: TranscriptCode,
    severity: Severity,
    place: () => Place,
    meaning: string,
    fix: string | null,
  ): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > keptOfOneCode) return;
    const none = { messageIndex: null, blockIndex: null, callId: null };
    this.#kept.push({ code, severity, place: place(), ...none, meaning, fix });
  }

  /** All that is kept, by place; where there were more, a last one says how many. */
  inOrder(): readonly TranscriptFinding[] {
    const sorted = this.#kept.toSorted(
      (one, other) => (one.place?.offset ?? 0) - (other.place?.offset ?? 0),
    );
    for (const [code, count] of this.#counts) {
      const sample = sorted.findLast((finding) => finding.code === code);
      if (count <= keptOfOneCode || sample === undefined) continue;
      const meaning = `There are ${count - keptOfOneCode} more of ${code} than are told.`;
      sorted.push({ ...sample, place: null, meaning, fix: null });
    }
    return sorted;
  }
}

function sentence(text: string): string {
  const stop = text.endsWith('.') ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${stop}`;
}
