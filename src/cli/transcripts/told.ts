/** What commands answer of a transcript with `--json`; people get the same facts in words. */
import type { CheckedTranscript } from './checked.ts';
import { codesOf } from './finding-text.ts';

/** The schema of lines about transcripts. */
export const transcriptSchema = 'holdfast.transcript/1';

/** One file in a summary: its findings are counted. */
export function summaryOf(checked: CheckedTranscript): Readonly<Record<string, unknown>> {
  const { path, bytes, transcript, profile, check, findings, verdict } = checked;
  const { format, records, facts, sides } = transcript;
  return {
    schema: transcriptSchema,
    kind: 'transcript',
    path,
    bytes,
    format,
    profile,
    verdict,
    facts,
    records,
    ...check.counters,
    sides,
    codes: codesOf(findings),
  };
}

/** One file with every finding. */
export function wholeOf(checked: CheckedTranscript): Readonly<Record<string, unknown>> {
  return { ...summaryOf(checked), offers: checked.offers, findings: checked.findings };
}
