/** From a transcript file to everything that its report tells. The file is only read. */
import { HoldfastError } from '../../base/errors.ts';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import { buildReport } from '../../page/build-report.ts';
import { outlineOf } from '../../page/outline.ts';
import type { ByteMend, ReportedPlan } from '../../page/report.ts';
import type { TranscriptPageInput } from '../../page/transcript-page.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { checked, shownPath, withTranscriptAt } from '../transcripts/checked.ts';
import type { TranscriptPath } from '../transcripts/checked.ts';
import type { Watching } from '../transcripts/opened.ts';
import { MendLooks } from '../transcripts/mend-looks.ts';
import { waysOut } from '../transcripts/ways-out.ts';
import { repairOf } from '../transcripts/repair.ts';
import type { Repair } from '../transcripts/repair.ts';
import { reportedLosses } from './losses.ts';

/** What is asked of a report. */
export interface ReportWish {
  readonly where: TranscriptPath;
  /** Null: the provider that the tool of the file talks to. */
  readonly profile: ProfileName | null;
  readonly policy: PolicyName;
  readonly watching: Watching;
}

/** Bytes of a mend that are shown. */
const mendBytes = 256;

/** Opens what is asked about for the time of `work`, which gets what a page is made of. */
export async function withTranscriptReport<T>(
  wish: ReportWish,
  work: (input: TranscriptPageInput) => Promise<T>,
): Promise<T> {
  const { where, policy, watching } = wish;
  const path = shownPath(where);
  return withTranscriptAt(where, watching, async (transcript, file) => {
    const about = { path, source: file, profile: wish.profile, policy, watching };
    const { profile, findings, outlook, verdict } = await checked(transcript, about);
    const { repair, unplanned } = await planned(file, transcript, {
      path,
      profile,
      policy,
      watching,
    });
    // The plan holds the conversation anyway; only places of mended bytes would be other ones.
    const held = repair !== null && repair.mends.length === 0 ? repair.messages : null;
    const conversation = (): Iterable<PlacedMessage> => held ?? transcript.conversation();
    const outline = outlineOf(conversation(), file?.size ?? null);
    const report = buildReport({
      ...where,
      format: transcript.format,
      profile,
      verdict,
      facts: transcript.facts,
      bytes: file?.size ?? null,
      records: transcript.records,
      outline,
      findings,
      sides: transcript.sides,
      plan: repair === null ? null : reported(repair, file, transcript),
      unplanned,
      restorePoints: [],
      written: transcript.write === null ? 'only-read' : 'own-format',
      waysOut: outlook.refusal === null ? null : waysOut(where.path, profile, where.session),
    });
    file?.requireUnchanged();
    const planOf = repair === null ? {} : { planned: repair.messages };
    return work({ report, conversation, outline, ...planOf });
  });
}

/** A report is worth having also where no plan can be made; then it says why. */
async function planned(
  file: ByteSource | null,
  transcript: Transcript,
  wanted: Parameters<typeof repairOf>[2],
): Promise<{ readonly repair: Repair | null; readonly unplanned: string | null }> {
  try {
    return { repair: await repairOf(file, transcript, wanted), unplanned: null };
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    return { repair: null, unplanned: error.message };
  }
}

function reported(
  { policy, plan, mends, left }: Repair,
  file: ByteSource | null,
  transcript: Transcript,
): ReportedPlan {
  const looks = file === null ? null : new MendLooks(file, transcript);
  return {
    policy,
    edits: plan.edits,
    mends: mends.map((mend): ByteMend => {
      const { offset, length, bytes, why } = mend;
      // The array of the source is used again by the next read.
      const removed = new Uint8Array(file?.read(offset, Math.min(length, mendBytes)) ?? []);
      const told = why === undefined ? {} : { told: why.told };
      const gone = looks?.lost(mend) ?? null;
      const lost =
        gone === null ? {} : { lost: { kind: gone.kind, code: gone.code, line: gone.line } };
      return { offset, length, removed, added: bytes, ...told, ...lost };
    }),
    ...reportedLosses(plan, left),
  };
}
