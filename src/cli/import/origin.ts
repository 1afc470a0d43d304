/**
 * Where an imported session came from, as its metadata tells: written before the first message, and
 * once more when the last one is durable. What is there without the second is a part.
 */
import type { Metadata } from '../../session/event.ts';
import type { SessionState } from '../../session/state.ts';
import type { FormatName, TranscriptFacts } from '../../transcript/transcript.ts';

/** The metadata field `import`. */
export interface Origin {
  readonly format: FormatName;
  readonly file: string;
  /** What its tool calls the session. */
  readonly sessionId: string | null;
  /** Version of its tool. */
  readonly version: string | null;
  readonly messages: number;
  /** Content digest of all messages. */
  readonly digest: string;
  /** Links that were made anew by a guess, because the line of records was broken. */
  readonly joined: number;
  /** False until the last message is durable. */
  readonly complete: boolean;
}

/** The metadata of a session that is made by this import. */
export function metadataOf({ title, cwd, model }: TranscriptFacts, origin: Origin): Metadata {
  return {
    ...(title === null ? {} : { name: title }),
    ...(cwd === null ? {} : { cwd }),
    ...(model === null ? {} : { model }),
    import: origin,
  };
}

/** What the metadata of a session tells of its import; null when it was not imported. */
export function originOf({ metadata }: Pick<SessionState, 'metadata'>): {
  readonly digest: string;
  readonly complete: boolean;
} | null {
  const told = metadata['import'];
  if (typeof told !== 'object' || told === null) return null;
  const { digest, complete } = told as Readonly<Record<string, unknown>>;
  return typeof digest === 'string' ? { digest, complete: complete === true } : null;
}
