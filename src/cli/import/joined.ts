/**
 * What an import takes of a file whose line of records is broken: the tool itself stops at the
 * break, and everything in front would be lost without a word. So the links are made anew as
 * `recover plan` makes them, and each is told as the guess that it is.
 */
import type { TranscriptFinding } from '../../integrity/finding.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import type { Watching } from '../transcripts/opened.ts';
import { MendLooks } from '../transcripts/mend-looks.ts';
import type { MendLook } from '../transcripts/mend-looks.ts';
import { mendedOf } from '../transcripts/mended.ts';

/** A file as it was read, and what is taken of it. */
export interface Joined {
  /** Facts and findings are those of the file as it is. */
  readonly read: Transcript;
  /** The conversation and what stands beside it; `read` itself where nothing had to be joined. */
  readonly taken: Transcript;
  /** The links that were made anew. */
  readonly joints: readonly MendLook[];
  /** Breaks that nothing could be found for, with their places in the file. */
  readonly broken: readonly TranscriptFinding[];
}

const breaks: ReadonlySet<string> = new Set(['MISSING_PARENT', 'PARENT_CYCLE']);

/** A session of a store, whose order nothing can break. */
export function asItIs(read: Transcript): Joined {
  return { read, taken: read, joints: [], broken: [] };
}

/** Joins what is broken. Only links are made anew: of bytes the reader takes what there is. */
export async function joinedOf(
  file: ByteSource,
  read: Transcript,
  about: { readonly path: string; readonly watching: Watching },
): Promise<Joined> {
  if (read.mends.length === 0) return asItIs(read);
  const { mends, mended, original } = await mendedOf(file, read, about);
  const looking = new MendLooks(file, read);
  const joints = mends
    .map((mend) => looking.look(mend))
    .filter(({ code }) => breaks.has(code ?? ''));
  if (joints.length === 0) return asItIs(read);
  const stays = mended.findings.filter(
    ({ code, severity }) => severity === 'error' && breaks.has(code),
  );
  const broken = original.findings(stays);
  return { read, taken: mended, joints, broken };
}
