/**
 * The first of two passes over what is imported: every message is checked as an append would check
 * it, so that nothing is written of what would be refused further on, and the content digest is
 * chained, which tells later how far an earlier run came.
 */
import { setImmediate } from 'node:timers/promises';
import { HoldfastError } from '../../base/errors.ts';
import { emptyDigest, nextDigest } from '../../session/content-digest.ts';
import { encodeEvent } from '../../session/event-codec.ts';
import type { Message } from '../../session/message.ts';
import type { Watching } from '../transcripts/opened.ts';
import type { Joined } from './joined.ts';
import { keptMessages } from './kept.ts';

/** Messages between two looks at the signal. */
const messagesPerStep = 256;

/** What the first pass found. */
export interface Prepared {
  /** Encoded bytes of each message, in order. */
  readonly sizes: readonly number[];
  readonly calls: number;
  /** Content digest of all of it. */
  readonly digest: string;
  /** That of the first `at` messages; null when there are fewer. */
  readonly digestAt: string | null;
}

/** Checks every message. INVALID or TOO_LARGE names the one that cannot be kept. */
export async function prepare(
  { read, taken }: Joined,
  {
    path,
    at,
    watching,
  }: { readonly path: string; readonly at: number; readonly watching: Watching },
): Promise<Prepared> {
  const sizes: number[] = [];
  let [calls, digest] = [0, emptyDigest];
  let digestAt = at === 0 ? emptyDigest : null;
  for (const { placed, message } of keptMessages(taken.conversation())) {
    // Behind mends of the bytes, the lines are not those of the file.
    const line = read === taken ? placed.place.line : null;
    sizes.push(sizeOf(message, line, sizes.length));
    calls += placed.content.filter(({ type }) => type === 'tool_use').length;
    digest = nextDigest(digest, message);
    if (sizes.length === at) digestAt = digest;
    if (sizes.length % messagesPerStep !== 0) continue;
    watching.onProgress?.({ what: `checking ${path}`, done: sizes.length, total: null });
    await setImmediate();
    watching.signal.throwIfAborted();
  }
  return { sizes, calls, digest, digestAt };
}

function sizeOf(message: Message, lineNumber: number | null, index: number): number {
  try {
    return encodeEvent({ kind: 'message', message }).payload.length;
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID') && !HoldfastError.is(error, 'TOO_LARGE')) throw error;
    const line = lineNumber === null ? '' : ` (line ${lineNumber})`;
    const message = `Nothing was imported: message ${index + 1}${line} cannot be kept: ${error.message}`;
    throw HoldfastError.is(error, 'INVALID')
      ? new HoldfastError('INVALID', message, error.details, { cause: error })
      : new HoldfastError('TOO_LARGE', message, error.details, { cause: error });
  }
}
