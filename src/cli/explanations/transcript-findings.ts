/**
 * The codes of findings about transcripts: their bytes, their records, their messages; and what
 * providers make of those about messages.
 */
import type { MessageCode, TranscriptCode } from '../../integrity/finding.ts';
import { profileNames } from '../../integrity/profile.ts';
import { refusals } from '../../integrity/rules/refusals.ts';
import { messageCodes, severityOf } from '../../integrity/rules/severity-table.ts';
import type { Explanation, ProviderView } from './explanation.ts';
import { byteExplanations, graphExplanations } from './transcript-bytes.ts';
import { messageExplanations } from './transcript-messages.ts';

/** By code. */
export const transcriptExplanations: Readonly<Record<TranscriptCode, Explanation>> = {
  ...byteExplanations,
  ...graphExplanations,
  ...messageExplanations,
};

/** What each provider makes of a code; none for codes that are not about messages. */
export function providerViews(code: string): readonly ProviderView[] {
  if (!isMessageCode(code)) return [];
  return profileNames.flatMap((profile) => {
    const severity = severityOf(code, profile);
    if (severity === null) return [];
    const answers = refusals.filter((one) => one.code === code && one.profile === profile);
    return [{ profile, severity, answers: answers.map(({ text }) => text) }];
  });
}

function isMessageCode(code: string): code is MessageCode {
  return messageCodes.some((known) => known === code);
}
