/**
 * The verdict on a transcript, and the one place that it comes from: what `scan` and `verify` say
 * is what `plan` and `apply` come to.
 */
import type { ConversationCheck } from '../../integrity/rules/check.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { ExitCode } from '../exit-codes.ts';
import { MendLooks } from './mend-looks.ts';
import { mendedOf } from './mended.ts';
import { foreignRefusalOf, refusalWithWayOut } from './proof.ts';
import type { Watching } from './opened.ts';

/**
 * `damaged`: something that was written cannot be read any more, or no plan mends it. `repairable`:
 * the provider would refuse it, or bytes are amiss, and `recover plan` says what mends it.
 */
export type TranscriptVerdict = 'clean' | 'repairable' | 'damaged';

/** The exit code of each verdict. */
export const exitOfTranscript: Readonly<Record<TranscriptVerdict, ExitCode>> = {
  clean: 0,
  repairable: 10,
  damaged: 20,
};

/** What a repair cannot give back. */
export interface Remains {
  /** Findings that are still there afterwards: nothing may be guessed. */
  readonly left: number;
  /** Mends that take away what was written, or zeros that may have been a record. */
  readonly lost: number;
  /** What the provider refuses and no edit mends, such as too many pictures. */
  readonly unmended: number;
  /** Why the format of the file holds no copy that the provider takes; null when it does. */
  readonly refusal: string | null;
}

/** What a repair would come to, without its edits. */
export interface Outlook extends Remains {
  /** Whether a plan has anything to do. */
  readonly mends: 'some' | 'none';
  /** Whether something that was written cannot be read any more. */
  readonly gone: 'something' | 'nothing';
}

/** Codes that say of a file that stays as it is that a record in it cannot be read. */
const losses: ReadonlySet<string> = new Set([
  'TORN_RECORD',
  'NUL_RUN',
  'MALFORMED_RECORD',
  'OVERSIZED_RECORD',
]);

/** Whether something stays damaged or is gone, whatever is mended. */
export function isDamaged({ left, lost, unmended, refusal }: Remains): boolean {
  return left + lost + unmended > 0 || refusal !== null;
}

/** The verdict. */
export function verdictOf(
  findings: readonly TranscriptFinding[],
  remains: Remains,
): TranscriptVerdict {
  if (isDamaged(remains)) return 'damaged';
  return findings.some(isError) ? 'repairable' : 'clean';
}

/** The verdict on a conversation of a store, whose records are sound. */
export function verdictOfCheck({ findings }: ConversationCheck): TranscriptVerdict {
  const unmended = unmendedIn(findings);
  const lost = unreadIn(findings);
  return verdictOf(findings, { left: 0, lost, unmended, refusal: null });
}

/** How many messages say what nobody can read; a plan takes it away, or leaves it as it is. */
function unreadIn(findings: readonly TranscriptFinding[]): number {
  return findings.filter(({ code }) => code === 'UNREADABLE_CONTENT').length;
}

/** How many findings no edit mends: `plan` tells the same ones as what it cannot mend. */
function unmendedIn(findings: readonly TranscriptFinding[]): number {
  return findings.filter((one) => isError(one) && one.code === 'IMAGE_LIMIT').length;
}

function isError({ severity }: TranscriptFinding): boolean {
  return severity === 'error';
}

/**
 * What a repair of an open transcript would come to. Its bytes are mended and read again, where
 * something is to be mended; the conversation is not held.
 */
export async function outlookOf(
  source: ByteSource | null,
  transcript: Transcript,
  about: {
    readonly path: string;
    readonly profile: ProfileName;
    /** Of the repair that is looked ahead to; annotate when none is named. */
    readonly policy?: PolicyName;
    readonly check: ConversationCheck;
    readonly watching: Watching;
  },
): Promise<Outlook> {
  const errors = about.check.findings.filter(isError);
  const unmended = unmendedIn(errors);
  const { mends, mended } = await mendedOf(source, transcript, about);
  const left = mended.findings.filter(isError);
  const looking = source === null ? null : new MendLooks(source, transcript);
  const gone = mends.filter((mend) => looking?.lost(mend) !== null).length;
  const lost = gone + unreadIn(errors);
  const isSome = mends.length > 0 || errors.length > unmended + about.check.unreadBeside;
  const isClean = left.length + lost + errors.length === 0;
  return {
    left: left.length,
    lost,
    unmended,
    refusal: isClean ? null : await refusalOf(source, transcript, about),
    mends: isSome ? 'some' : 'none',
    gone: lost > 0 || left.some(({ code }) => losses.has(code)) ? 'something' : 'nothing',
  };
}

/** Why no copy can be written, as `plan` tells it. */
async function refusalOf(
  source: ByteSource | null,
  transcript: Transcript,
  about: {
    readonly path: string;
    readonly profile: ProfileName;
    readonly policy?: PolicyName;
    readonly check: ConversationCheck;
    readonly watching: Watching;
  },
): Promise<string | null> {
  const policy = about.policy ?? 'annotate';
  const wanted = { ...about, policy, mayGo: mayGo(about.check) };
  const refusal = await foreignRefusalOf(source, transcript, wanted);
  return refusalWithWayOut(refusal, source, transcript, wanted);
}

/** True for a short conversation in which every message may be one that says nothing. */
function mayGo({ counts, counters: { messages } }: ConversationCheck): boolean {
  const isEmpty = ({ code }: { readonly code: string }): boolean =>
    code === 'EMPTY_MESSAGE' || code === 'EMPTY_TEXT';
  const empty = counts.filter(isEmpty).reduce((sum, { count }) => sum + count, 0);
  return messages > 0 && messages <= 100 && empty >= messages;
}
