/**
 * Bytes that are no UTF-8 in several records are no accident: then the whole file is text of
 * another encoding, every such character is read as U+FFFD, and a copy in UTF-8 has them all.
 */
import type { TranscriptFinding } from '../../integrity/finding.ts';

/** One or two such records come of a character that was cut in two. */
const recordsMin = 3;

const fix =
  'Where the file is Latin-1 text, make a copy in UTF-8 (iconv -f LATIN1 -t UTF-8 FILE > COPY) ' +
  'and look at that one: nothing is lost there.';

/** Whether the file is told to be text of another encoding. */
export function isLikelyLatin(findings: readonly TranscriptFinding[]): boolean {
  return findings.filter(({ code }) => code === 'BAD_UTF8').length >= recordsMin;
}

/** The findings, with what mends such a file. */
export function withLatinHint(
  findings: readonly TranscriptFinding[],
): readonly TranscriptFinding[] {
  if (!isLikelyLatin(findings)) return findings;
  return findings.map((finding) => (finding.code === 'BAD_UTF8' ? { ...finding, fix } : finding));
}
