/**
 * What a plan offers for a transcript in which nothing has to be mended: copies of records that are
 * there twice, blank texts that senders leave out. A clean file may stay as it is.
 */
import { HoldfastError } from '../../base/errors.ts';
import type { ConversationCheck } from '../../integrity/rules/check.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { Watching } from './opened.ts';
import { repairOf } from './repair.ts';
import type { TranscriptVerdict } from './verdict.ts';

/** How many mends and edits; unknown where a plan would cost more than the look at the file. */
export type Offers = number | 'unknown';

/** Bytes of a file up to which a plan is made for the sake of this alone: it holds all messages. */
const bytesMax = 64 * 1024 * 1024;

/** What a plan would do; none where there is no finding that it could be about. */
export async function offersOf(
  found: {
    readonly transcript: Transcript;
    readonly profile: ProfileName;
    readonly check: ConversationCheck;
    readonly verdict: TranscriptVerdict;
  },
  about: { readonly path: string; readonly source: ByteSource | null; readonly watching: Watching },
): Promise<Offers> {
  const { transcript, profile, check, verdict } = found;
  const isAny = check.findings.some(({ code }) => code !== 'UNFINISHED_TURN');
  if (verdict !== 'clean' || (!isAny && transcript.mends.length === 0)) return 0;
  if ((about.source?.size ?? 0) > bytesMax) return 'unknown';
  try {
    const wanted = { ...about, profile, policy: 'annotate' } as const;
    const { mends, plan } = await repairOf(about.source, transcript, wanted);
    return mends.length + plan.edits.length;
  } catch (error) {
    // Too large to be planned for.
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    return 'unknown';
  }
}
