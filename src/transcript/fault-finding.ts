/**
 * Faults of the bytes as findings, and the two ways in which a file is not what its format says.
 */
import type { Place } from '../integrity/conversation.ts';
import type { GraphCode, Severity, TranscriptFinding } from '../integrity/finding.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import { inexactIn } from './inexact.ts';
import { byte } from './json-scan.ts';
import type { Splice } from './splice.ts';
import { lostMark, markFix, signatureFix } from './zero-runs.ts';

/** What costs nothing in the file: every reader sees the same text. */
const harmless: ReadonlySet<string> = new Set([
  'BAD_UTF8',
  'BYTE_ORDER_MARK',
  'NUMBER_ROUNDED',
  'DUPLICATE_KEY',
]);

/** What a fault of the bytes means; `record` counts the sound records in front of it. */
export function faultFinding(fault: ByteFault, record: number): TranscriptFinding {
  const { code, offset, length, line, meaning, mend } = fault;
  return {
    code,
    severity: harmless.has(code) ? 'warning' : 'error',
    place: { record, offset, length, line, id: null },
    messageIndex: null,
    blockIndex: null,
    callId: null,
    meaning: sentence(meaning),
    fix: mend === null ? null : fixOf(code, mend),
  };
}

/** What mends a fault, by the name of that fault: others may stand at its place. */
export function mendOf({ code, mend }: ByteFault): readonly Splice[] {
  return mend === null ? [] : [{ ...mend, code }];
}

function fixOf(code: ByteFault['code'], { bytes, why }: Splice): string {
  if (why !== undefined) return signatureFix;
  if (lostMark.equals(bytes)) return markFix;
  const isOut = bytes.length === 0;
  if (code === 'TORN_RECORD') return isOut ? 'Cut the torn record off.' : closingFix;
  if (code === 'FUSED_RECORDS') return 'Put a line end between the records.';
  if (code === 'NUL_RUN' && isOut) return 'Take the zero bytes out.';
  if (code === 'BYTE_ORDER_MARK') return 'Take the mark out.';
  const isEnded = code === 'MALFORMED_RECORD' && isLineEnd(bytes);
  return isEnded ? 'Put a line end behind these bytes; they stay.' : otherFix;
}

const closingFix = 'Cut the torn end off, and close what is open.';
const otherFix = 'Take out or part the bytes that are wrong; all others stay.';

function isLineEnd(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === byte.lf;
}

/** What the value of a row says less than its text, each kind once. */
export function inexactFindings(text: string, place: Place): readonly TranscriptFinding[] {
  return inexactIn(text).map(({ code, meaning }) => {
    const nowhere = { messageIndex: null, blockIndex: null, callId: null, fix: null };
    return { code, severity: 'warning', place, meaning: sentence(meaning), ...nowhere };
  });
}

/** A finding about a record that is JSON, but not what the format has there. */
export function recordFinding(
  code: GraphCode | 'UNEXPECTED_RECORD',
  severity: Severity,
  place: Place,
  meaning: string,
): TranscriptFinding {
  const none = { messageIndex: null, blockIndex: null, callId: null, fix: null };
  return { code, severity, place, meaning, ...none };
}

/** Where a record stands. */
export function placeOf(record: FileRecord, id: string | null): Place {
  const { index, offset, length, line } = record;
  return { record: index, offset, length, line, id };
}

function sentence(words: string): string {
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return begun.endsWith('.') ? begun : `${begun}.`;
}
