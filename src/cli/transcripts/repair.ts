/**
 * A repair of a transcript, computed and not yet written: first the splices that mend its bytes,
 * then, on what they give, the plan for its conversation. Nothing here changes a file.
 */
import { HoldfastError } from '../../base/errors.ts';
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import { planSteps } from '../../integrity/plan/plan-repair.ts';
import type { Plan } from '../../integrity/plan/plan.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Splice } from '../../transcript/splice.ts';
import { splicedSource } from '../../transcript/spliced-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { Watching } from './opened.ts';
import { mendedOf } from './mended.ts';
import { breath, messagesOf, planned } from './steps.ts';

/** A repair that may be shown or written. */
export interface Repair {
  readonly profile: ProfileName;
  readonly policy: PolicyName;
  /** On the bytes of the file. */
  readonly mends: readonly Splice[];
  /**
   * The conversation that the plan is about: as it is read once the bytes are mended, with the
   * places of the file.
   */
  readonly messages: readonly PlacedMessage[];
  readonly plan: Plan;
  /**
   * Faults of bytes and records that are still there afterwards, with their places in the file:
   * nothing may be guessed.
   */
  readonly left: readonly TranscriptFinding[];
  /** What would be written; null when the format is only read, or has no words for an edit. */
  readonly result: ByteSource | null;
  /** What the format of the file has no words for; null when there is nothing like that. */
  readonly wordless: string | null;
}

/** Characters of text in a conversation that a plan is made for: it is held in memory. */
const conversationCharsMax = 512 * 1024 * 1024;

/**
 * Computes the repair of an open transcript. INVALID when its conversation is too large to plan
 * for.
 */
export async function repairOf(
  source: ByteSource | null,
  transcript: Transcript,
  wanted: {
    readonly path: string;
    readonly profile: ProfileName | null;
    readonly policy: PolicyName;
    readonly watching: Watching;
  },
): Promise<Repair> {
  const { path, policy, watching } = wanted;
  const { mends, base, mended, original } = await mendedOf(source, transcript, { path, watching });
  const profile = wanted.profile ?? mended.profile;
  const read = await gathered(mended, path, watching.signal);
  const messages = read.map((message) => original.message(message));
  const bare = await planned(planSteps(messages, profile, policy), watching.signal);
  const plan = withLostBeside(bare, mended);
  await breath(watching.signal);
  const written = writtenOf(base, mended, plan);
  const left = original.findings(mended.findings.filter(({ severity }) => severity === 'error'));
  return { profile, policy, mends, messages, plan, left, ...written };
}

/** The plan with what goes beside the conversation. */
function withLostBeside(plan: Plan, { lostBeside }: Transcript): Plan {
  const more = lostBeside?.(plan.edits) ?? [];
  return more.length === 0 ? plan : { ...plan, lost: [...plan.lost, ...more] };
}

function writtenOf(
  base: ByteSource | null,
  { write }: Transcript,
  { edits }: Plan,
): Pick<Repair, 'result' | 'wordless'> {
  if (base === null || edits.length === 0) return { result: base, wordless: null };
  if (write === null) return { result: null, wordless: null };
  try {
    return { result: splicedSource(base, write(edits)), wordless: null };
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    return { result: null, wordless: error.message };
  }
}

async function gathered(
  transcript: Transcript,
  path: string,
  signal: AbortSignal,
): Promise<readonly PlacedMessage[]> {
  let length = 0;
  return messagesOf(transcript, signal, (message) => {
    // Blocks of one record share its place.
    const records = new Map(message.places.map((place) => [place.record, place.length]));
    for (const bytes of records.values()) length += bytes;
    if (length <= conversationCharsMax) return;
    const text =
      `Cannot plan a repair of ${JSON.stringify(path)}: its conversation is larger than 512 MiB, ` +
      'and a plan holds it in memory; no provider takes one that large';
    throw new HoldfastError('INVALID', text, { path: 'FILE' });
  });
}
