/**
 * A transcript of another tool, read and held against a provider's rules. The readers are
 * generators: between their steps the progress is shown, and a signal is heard.
 */
import { ConversationChecker } from '../../integrity/rules/check.ts';
import type { ConversationCheck } from '../../integrity/rules/check.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import { shellWord } from '../../page/shell-word.ts';
import { openByteFile } from '../../platform/byte-file.ts';
import type { ByteFile } from '../../platform/byte-file.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { TranscriptStore } from '../../transcript/transcript-store.ts';
import type { EarlyListener, Transcript } from '../../transcript/transcript.ts';
import { isEndOfStack } from '../../base/deep-json.ts';
import { HoldfastError } from '../../base/errors.ts';
import { pathKind } from '../path-kind.ts';
import { oneLine } from '../text.ts';
import { UsageError } from '../usage-error.ts';
import { EarlyCheck, checkOptions } from './early-check.ts';
import { withLatinHint } from './latin-hint.ts';
import { offersOf } from './offers.ts';
import type { Offers } from './offers.ts';
import { reopened } from './opened.ts';
import type { Watching } from './opened.ts';
import { breath, messagesPerStep } from './steps.ts';
import { isWiped, storeAt } from './store-at.ts';
import { outlookOf, verdictOf } from './verdict.ts';
import type { Outlook, TranscriptVerdict } from './verdict.ts';

/** Where a transcript is. */
export interface TranscriptPath {
  readonly path: string;
  /** The session, when the path holds several. */
  readonly session: string | null;
}

/** As people see it: the path, with the session where there are several. */
export function shownPath({ path, session }: TranscriptPath): string {
  return session === null ? path : `${path}#${session}`;
}

/** As words of a command that somebody copies into a shell. */
export function placeWords({ path, session }: TranscriptPath): string {
  const file = oneLine(shellWord(path), 2000);
  return session === null ? file : `${file} --session ${oneLine(shellWord(session), 200)}`;
}

/** What was found in a transcript. */
export interface CheckedTranscript {
  readonly path: string;
  /** Of the file; null for a session in a database or a folder. */
  readonly bytes: number | null;
  readonly transcript: Transcript;
  readonly profile: ProfileName;
  readonly check: ConversationCheck;
  /** Of bytes and records first, then of messages. */
  readonly findings: readonly TranscriptFinding[];
  /** What a repair would come to. */
  readonly outlook: Outlook;
  readonly verdict: TranscriptVerdict;
  /** What a plan offers to mend in a clean one, which may stay as it is. */
  readonly offers: Offers;
}

/**
 * Opens the transcript at this path for the time of `work`: the file, or, where the path is a
 * database or a folder of a tool, the session in it. INVALID when its content is no transcript;
 * NOT_FOUND for a session that is not there; IO when it cannot be read.
 */
export async function withTranscriptAt<T>(
  { path, session }: TranscriptPath,
  watching: Watching,
  work: (transcript: Transcript, source: ByteFile | null) => Promise<T>,
  early?: EarlyListener,
): Promise<T> {
  const store = await storeAt(path);
  if (store !== null) {
    try {
      return await work(store.open(session ?? onlyOne(store, path)), null);
    } finally {
      store.close();
    }
  }
  if ((await pathKind(path)) === 'folder') {
    throw new UsageError(`${path} is a folder of files; name one of them (see \`recover scan\`)`);
  }
  if (session !== null) throw new UsageError(`--session is for a store; ${path} holds one session`);
  return withTranscript(path, watching, work, early);
}

/** As `withTranscriptAt`, for a file that is one transcript. */
async function withTranscript<T>(
  path: string,
  watching: Watching,
  work: (transcript: Transcript, file: ByteFile) => Promise<T>,
  early?: EarlyListener,
): Promise<T> {
  const file = openByteFile(path);
  try {
    return await work(await reopened(file, path, watching, early), file);
  } catch (error) {
    // What is read of a file that changes meanwhile is a mixture, which may break anything.
    if (!watching.signal.aborted) file.requireUnchanged();
    throw unreadableAs(path, error);
  } finally {
    file.close();
  }
}

/** What a file without content, or one deeper than this machine can follow, is told as. */
export function unreadableAs(path: string, error: unknown): unknown {
  const isEmpty = HoldfastError.is(error, 'INVALID') && isWiped(path);
  if (!isEmpty && !isEndOfStack(error)) return error;
  const what = isEmpty
    ? 'it holds nothing but zero bytes, or no bytes at all, as a power cut leaves a file'
    : 'a value in it is nested more deeply than this machine can follow';
  const message = `${JSON.stringify(path)} is damaged: ${what}`;
  const details = { sessions: [], file: path, offset: null };
  return new HoldfastError('DAMAGED', message, details, { cause: error });
}

/** The session of a store that holds one; with more of them, which one must be said. */
function onlyOne(store: TranscriptStore, path: string): string {
  const sessions = store.sessions();
  const [first] = sessions;
  if (first !== undefined && sessions.length === 1) return first.id;
  if (first === undefined) {
    throw new HoldfastError('INVALID', `${path} holds no session`, { path: 'PATH' });
  }
  const shown = sessions.slice(0, 10).map(({ id }) => oneLine(id, 80));
  const all = `recover scan ${oneLine(shellWord(path), 2000)}`;
  const more = sessions.length > shown.length ? ` … (\`${all}\` lists all)` : '';
  throw new UsageError(
    `${path} holds ${sessions.length} sessions; name one with --session: ${shown.join(' ')}${more}`,
  );
}

/** Holds a transcript against a profile; null takes that of the tool that wrote it. */
export async function checkTranscript(
  where: TranscriptPath,
  profile: ProfileName | null,
  watching: Watching,
  offers: 'sought' | 'left out' = 'left out',
): Promise<CheckedTranscript> {
  const path = shownPath(where);
  const early = new EarlyCheck(profile);
  return withTranscriptAt(
    where,
    watching,
    async (transcript, source) => {
      const about = { path, source, profile, watching };
      const found = await checked(transcript, { ...about, early });
      return offers === 'sought' ? { ...found, offers: await offersOf(found, about) } : found;
    },
    early,
  );
}

/** As `checkTranscript`, for one that is open. */
export async function checked(
  transcript: Transcript,
  about: {
    readonly path: string;
    /** The file; null for a session of a store. */
    readonly source: ByteSource | null;
    readonly profile: ProfileName | null;
    readonly policy?: PolicyName;
    readonly watching: Watching;
    /** What was checked while the file was read. */
    readonly early?: EarlyCheck;
  },
): Promise<CheckedTranscript> {
  const { path, source, early } = about;
  const bytes = source?.size ?? null;
  const profile = about.profile ?? transcript.profile;
  const check = early?.checkOf(transcript) ?? (await walked(transcript, { ...about, profile }));
  const findings = withLatinHint([...transcript.findings, ...check.findings]);
  const outlook = await outlookOf(source, transcript, { ...about, check, profile });
  const verdict = verdictOf(findings, outlook);
  return { path, bytes, transcript, profile, check, findings, outlook, verdict, offers: 0 };
}

async function walked(
  transcript: Transcript,
  about: { readonly path: string; readonly profile: ProfileName; readonly watching: Watching },
): Promise<ConversationCheck> {
  const { path, profile, watching } = about;
  const checker = new ConversationChecker(profile, checkOptions);
  let messages = 0;
  for (const message of transcript.conversation()) {
    checker.add(message);
    messages += 1;
    if (messages % messagesPerStep !== 0) continue;
    watching.onProgress?.({ what: `checking ${path}`, done: messages, total: null });
    await breath(watching.signal);
  }
  return checker.finish();
}
