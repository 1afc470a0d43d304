/** The findings of one file while it is read: faults of its bytes, and what the format adds. */
import type { Place } from '../integrity/conversation.ts';
import type { Severity, TranscriptCode, TranscriptFinding } from '../integrity/finding.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import type { Splice } from './splice.ts';

/** More findings than anybody reads; a file of damage must not fill the memory. */
const findingsMax = 10_000;

const byteSeverity: Readonly<Record<ByteFault['code'], Severity>> = {
  TORN_RECORD: 'error',
  NUL_RUN: 'error',
  FUSED_RECORDS: 'error',
  MALFORMED_RECORD: 'error',
  BAD_UTF8: 'warning',
  BYTE_ORDER_MARK: 'warning',
  OVERSIZED_RECORD: 'error',
  UNEXPECTED_RECORD: 'warning',
};

/** What a reader says about a record. */
export interface Remark {
  readonly code: TranscriptCode;
  readonly severity: Severity;
  readonly meaning: string;
  readonly fix: string | null;
}

/** Where a record stands; `id` is what the tool calls it. */
export function placeOf(record: FileRecord, id: string | null = null): Place {
  const { index, offset, length, line } = record;
  return { record: index, offset, length, line, id };
}

/** Collects findings, and the splices that mend what they tell. */
export class Found {
  readonly findings: TranscriptFinding[] = [];
  readonly mends: Splice[] = [];
  #records = 0;

  /** A fault of the bytes; made to be handed to the byte layer. */
  readonly onFault = ({ code, offset, length, line, meaning, mend }: ByteFault): void => {
    if (mend !== null) this.mends.push(mend);
    const place: Place = { record: this.#records, offset, length, line, id: null };
    const fix = mend === null ? null : 'The splice that belongs to it mends the bytes.';
    const told = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
    this.#add({ code, severity: byteSeverity[code], meaning: told, fix }, place);
  };

  /** Something about a record, or about the whole file. */
  tell(remark: Remark, record: FileRecord | null): void {
    this.#add(remark, record === null ? null : placeOf(record));
  }

  /** Says which record comes next, so that a fault between two records has a number. */
  passed(record: FileRecord): void {
    this.#records = record.index + 1;
  }

  #add({ code, severity, meaning, fix }: Remark, place: Place | null): void {
    if (this.findings.length >= findingsMax) return;
    const nowhere = { messageIndex: null, blockIndex: null, callId: null };
    this.findings.push({ code, severity, place, ...nowhere, meaning, fix });
  }
}
