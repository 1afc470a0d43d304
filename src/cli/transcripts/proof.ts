/** What `recover apply` demands of a copy before it gets its name. */
import { shellWord } from '../../page/shell-word.ts';
import { assert } from '../../base/assert.ts';
import { HoldfastError } from '../../base/errors.ts';
import { accepts } from '../../integrity/acceptance/accepts.ts';
import { applyEdits } from '../../integrity/plan/apply-edits.ts';
import { planRepair, planSteps } from '../../integrity/plan/plan-repair.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import { detectFormat } from '../../transcript/formats.ts';
import { isOneValue } from '../../transcript/one-value.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { reopened } from './opened.ts';
import type { Watching } from './opened.ts';
import { repairOf } from './repair.ts';
import type { Repair } from './repair.ts';
import { messagesOf, planned } from './steps.ts';
import { wayOut } from './ways-out.ts';

/** What a proof is told of the file. */
interface Proving {
  readonly path: string;
  readonly watching: Watching;
  /** What was read of the file. */
  readonly own: Pick<Transcript, 'format' | 'profile' | 'write' | 'isOneValue'>;
}

/**
 * Why no copy can be written that the provider takes, with the way out; null when one can, or when
 * the format is only read. Reads what would be written as if it were a file of the tool, and asks
 * the validator, which knows nothing of plans, whether the provider takes it; then whether a second
 * plan would be empty. When it is not so for the provider that the tool talks to, that is a fault
 * of Holdfast, and nothing was written; but where bytes stay damaged, how they are read may depend
 * on what stands around them.
 */
export async function refusalOf(repair: Repair, about: Proving): Promise<string | null> {
  const { profile, policy, plan, messages: before, result, wordless } = repair;
  const { path, watching, own } = about;
  const named = JSON.stringify(path);
  const cannot = (why: string): string =>
    `Cannot make a copy of ${named} that ${profile} takes: the format ${own.format} has no words ` +
    `for it (${why}). ${wayOut(path, profile)}`;
  if (wordless !== null) return cannot(wordless);
  if (result === null) return null;
  const none = nothingLeft(repair, path);
  if (none !== null) return none;
  if (detectFormat(result) === null) {
    return before.length === 0
      ? `Nothing would be left of ${named}: its first message is torn, and no tool ` +
          'takes what stands in front of it for a transcript'
      : `Cannot mend ${named}: what would be left begins with nothing that ${own.format} begins with. ` +
          '`holdfast import` makes a session of what can be read';
  }
  if (own.isOneValue === true && repair.left.length > 0 && !isOneValue(result)) {
    return (
      `Cannot mend ${named}: what stays damaged in it leaves it no JSON, and no tool reads any ` +
      'of it. `holdfast import` makes a session of what can be read'
    );
  }
  const again = await reopened(result, path, watching);
  const messages = await messagesOf(again, watching.signal);
  const reasons = accepts(messages, profile);
  const more = (await planned(planSteps(messages, profile, policy), watching.signal)).edits;
  // What no plan can mend, such as pictures that are too large, was told with the plan.
  const isMended = reasons.length === 0 || plan.unmended.length > 0;
  const sound = isMended && more.length === 0 && again.mends.length === 0;
  const why = [...reasons, ...more.map(({ told }) => told)][0] ?? 'its bytes are not sound';
  if (!sound && again.format !== own.format) {
    return (
      `Cannot mend ${named}: it has members of two formats, and the mended copy of ` +
      `${own.format} would be taken for ${again.format}; \`holdfast import\` makes a session ` +
      'of it'
    );
  }
  if (!sound && (profile !== own.profile || isWithoutJoining(own, profile))) return cannot(why);
  if (!sound && repair.left.length > 0) {
    return (
      `Cannot mend ${named}: what stays damaged in it would be read in another way beside the ` +
      `mended messages (${why}). \`holdfast import\` makes a session of what can be read`
    );
  }
  assert(sound, `the mended copy of ${named} must be accepted, and is not: ${why}`);
  return null;
}

/**
 * What is said of a repair that takes away all that makes a transcript of the file; null for any
 * other. A file that holds more than its messages is one without them too.
 */
function nothingLeft(repair: Repair, path: string): string | null {
  const { plan, messages, result, profile, policy } = repair;
  if (result === null || plan.edits.length === 0 || messages.length === 0) return null;
  if (applyEdits(messages, plan.edits).length > 0) return null;
  if (result.size > 0 && detectFormat(result) !== null) return null;
  const told = `Nothing would be left of ${JSON.stringify(path)} after this repair`;
  const kept = applyEdits(messages, planRepair(messages, profile, 'annotate').edits);
  if (kept.length === 0) return `${told}: no message of it says anything`;
  return `${told}: ${policy} takes every message away; --policy annotate keeps what is there`;
}

/**
 * pi keeps results, and what the user says behind them, in entries of their own; where roles must
 * take turns, nothing can be said between the two.
 */
function isWithoutJoining({ format }: Proving['own'], profile: ProfileName): boolean {
  return format === 'pi' && profile === 'bedrock';
}

/**
 * As `refusalOf`, for whoever only looks: an own format is proven when it is written, but where it
 * may hold no copy.
 */
export async function foreseenRefusalOf(repair: Repair, about: Proving): Promise<string | null> {
  const { wordless, profile, left, result } = repair;
  const none = nothingLeft(repair, about.path);
  if (none !== null) return none;
  const isOwn = profile === about.own.profile && !isWithoutJoining(about.own, profile);
  const isAsItWas = result === null || detectFormat(result)?.name === about.own.format;
  if (wordless === null && isOwn && left.length === 0 && isAsItWas) return null;
  try {
    return await refusalOf(repair, about);
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    return null;
  }
}

/** As `foreseenRefusalOf`, before there is a repair. None for one too large to be planned. */
export async function foreignRefusalOf(
  source: ByteSource | null,
  transcript: Transcript,
  wanted: {
    readonly path: string;
    readonly profile: ProfileName;
    readonly policy?: PolicyName;
    /** Whether all of its messages may go; looked at only then where it costs a plan. */
    readonly mayGo?: boolean;
    readonly watching: Watching;
  },
): Promise<string | null> {
  const isOwn = wanted.profile === transcript.profile;
  const isPlain = (wanted.policy ?? 'annotate') === 'annotate' && wanted.mayGo !== true;
  if (isOwn && isPlain && !isWithoutJoining(transcript, wanted.profile)) return null;
  if (transcript.write === null) return null;
  try {
    const repair = await repairOf(source, transcript, { policy: 'annotate', ...wanted });
    return await foreseenRefusalOf(repair, { ...wanted, own: transcript });
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    return null;
  }
}

/**
 * The refusal with the policy that leaves a copy which the format has words for, where there is
 * one: `drop` takes away what `annotate` would have to put into words.
 */
export async function refusalWithWayOut(
  refusal: string | null,
  source: ByteSource | null,
  transcript: Transcript,
  wanted: {
    readonly path: string;
    readonly profile: ProfileName | null;
    readonly policy: PolicyName;
    readonly watching: Watching;
  },
): Promise<string | null> {
  if (refusal === null || wanted.policy !== 'annotate') return refusal;
  const profile = wanted.profile ?? transcript.profile;
  for (const policy of ['drop', 'truncate-to-last-complete-turn'] as const) {
    if (!(await holdsCopy(source, transcript, { ...wanted, profile, policy }))) continue;
    const plan = `recover plan ${shellWord(wanted.path)} --profile ${profile} --policy ${policy}`;
    return `${refusal}\nIt can be written where something is taken away instead:\n  ${plan}`;
  }
  return refusal;
}

/** Whether a copy can be written under a policy, of which something is left. */
async function holdsCopy(
  source: ByteSource | null,
  transcript: Transcript,
  wanted: {
    readonly path: string;
    readonly profile: ProfileName;
    readonly policy: PolicyName;
    readonly watching: Watching;
  },
): Promise<boolean> {
  try {
    const repair = await repairOf(source, transcript, wanted);
    return (await refusalOf(repair, { ...wanted, own: transcript })) === null;
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    return false;
  }
}
