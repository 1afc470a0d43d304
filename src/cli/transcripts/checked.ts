/**
 * A transcript of another tool, read and held against a provider's rules. The readers are
 * generators: between their steps the progress is shown, and a signal is heard.
 */
import { setImmediate } from 'node:timers/promises';
import { ConversationChecker } from '../../integrity/rules/check.ts';
import type { ConversationCheck } from '../../integrity/rules/check.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ByteFile } from '../../platform/byte-file.ts';
import { openByteFile } from '../../platform/byte-file.ts';
import type { Progress } from '../../recovery/report.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import { openTranscript } from '../../transcript/formats.ts';
import type { Transcript } from '../../transcript/transcript.ts';

/** How a long look is shown and stopped. */
export interface Watching {
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** What was found in a transcript. */
export interface CheckedTranscript {
  readonly path: string;
  readonly bytes: number;
  readonly transcript: Transcript;
  readonly profile: ProfileName;
  readonly check: ConversationCheck;
  /** Of bytes and records first, then of messages. */
  readonly findings: readonly TranscriptFinding[];
  readonly verdict: TranscriptVerdict;
}

/**
 * `damaged`: something that was written cannot be read any more. `repairable`: the provider would
 * refuse it, or bytes are amiss, and `recover plan` says what mends it.
 */
export type TranscriptVerdict = 'clean' | 'repairable' | 'damaged';

/** Codes that say that a record is gone. */
const losses: ReadonlySet<string> = new Set([
  'TORN_RECORD',
  'MALFORMED_RECORD',
  'OVERSIZED_RECORD',
]);

/** Messages between two looks at the signal. */
const messagesPerStep = 256;

/**
 * Opens the file at this path for the time of `work`. INVALID when its content is no transcript;
 * IO when it cannot be read.
 */
export async function withTranscript<T>(
  path: string,
  watching: Watching,
  work: (transcript: Transcript, file: ByteFile) => Promise<T>,
): Promise<T> {
  const file = openByteFile(path);
  try {
    return await work(await reopened(file, path, watching), file);
  } finally {
    file.close();
  }
}

/** Reads a source that belongs to this path: the file itself, or what a repair makes of it. */
export async function reopened(
  file: ByteSource,
  path: string,
  watching: Watching,
): Promise<Transcript> {
  const steps = openTranscript(file, path);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    watching.onProgress?.({ what: `reading ${path}`, done: step.value, total: file.size });
    await breath(watching);
  }
}

/** Holds a transcript against a profile; null takes that of the tool that wrote it. */
export async function checkTranscript(
  path: string,
  profile: ProfileName | null,
  watching: Watching,
): Promise<CheckedTranscript> {
  return withTranscript(path, watching, (transcript, file) =>
    checked(transcript, { path, bytes: file.size, profile, watching }),
  );
}

/** As `checkTranscript`, for one that is open. */
export async function checked(
  transcript: Transcript,
  about: {
    readonly path: string;
    readonly bytes: number;
    readonly profile: ProfileName | null;
    readonly watching: Watching;
  },
): Promise<CheckedTranscript> {
  const { path, bytes, watching } = about;
  const profile = about.profile ?? transcript.profile;
  const checker = new ConversationChecker(profile, { end: 'resumed' });
  let messages = 0;
  for (const message of transcript.conversation()) {
    checker.add(message);
    messages += 1;
    if (messages % messagesPerStep !== 0) continue;
    watching.onProgress?.({ what: `checking ${path}`, done: messages, total: null });
    await breath(watching);
  }
  const check = checker.finish();
  const findings = [...transcript.findings, ...check.findings];
  const verdict = verdictOf(findings);
  return { path, bytes, transcript, profile, check, findings, verdict };
}

async function breath({ signal }: Watching): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

function verdictOf(findings: readonly TranscriptFinding[]): TranscriptVerdict {
  if (findings.some(({ code }) => losses.has(code))) return 'damaged';
  const needsPlan = findings.some(({ severity }) => severity === 'error');
  return needsPlan ? 'repairable' : 'clean';
}
