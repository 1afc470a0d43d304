/** The findings of one file while it is read: faults of its bytes, and what the format adds. */
import { addAll } from '../base/lists.ts';
import type { Place } from '../integrity/conversation.ts';
import type { Severity, TranscriptCode, TranscriptFinding } from '../integrity/finding.ts';
import { faultFinding, mendOf, placeOf } from './fault-finding.ts';
import { listedSplices, loneWords } from './lone-content.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import { mergeSplices, type Splice } from './splice.ts';

/** More findings than anybody reads; a file of damage must not fill the memory. */
const findingsMax = 10_000;

/** What a reader says about a record. */
export interface Remark {
  readonly code: TranscriptCode;
  readonly severity: Severity;
  readonly meaning: string;
  readonly fix: string | null;
}

/** Collects findings, and the splices that mend what they tell. */
export class Found {
  readonly findings: TranscriptFinding[] = [];
  readonly #mends: Splice[] = [];
  readonly #out: Splice[] = [];
  #records = 0;

  /** A fault of the bytes; made to be handed to the byte layer. */
  readonly onFault = (fault: ByteFault): void => {
    addAll(this.#mends, mendOf(fault));
    this.#keep(faultFinding(fault, this.#records));
  };

  /** Takes a copy out, and with it what would have mended them. */
  takeOut(splice: Splice): void {
    this.#out.push({ ...splice, code: 'DUPLICATE_RECORD' });
  }

  /** The content of a record is one block: it is told, and put into a list once it is sound. */
  lone(record: FileRecord, bytes: Uint8Array, path: readonly string[]): void {
    this.tell({ code: 'UNEXPECTED_RECORD', severity: 'error', ...loneWords }, record);
    if (!bytes.includes(0)) addAll(this.#mends, listedSplices(bytes, record.offset, path));
  }

  /** What mends everything that was told. */
  get mends(): readonly Splice[] {
    return mergeSplices(this.#mends, this.#out);
  }

  /** Something about a record, or about the whole file. */
  tell(remark: Remark, record: FileRecord | null): void {
    this.#add(remark, record === null ? null : placeOf(record, null));
  }

  /** Something about a place. */
  tellAt(remark: Remark, place: Place): void {
    this.#add(remark, place);
  }

  /** Says which record comes next, so that a fault between two records has a number. */
  passed(record: FileRecord): void {
    this.#records = record.index + 1;
  }

  #add({ code, severity, meaning, fix }: Remark, place: Place | null): void {
    const nowhere = { messageIndex: null, blockIndex: null, callId: null };
    this.#keep({ code, severity, place, ...nowhere, meaning, fix });
  }

  #keep(finding: TranscriptFinding): void {
    if (this.findings.length < findingsMax) this.findings.push(finding);
  }
}
