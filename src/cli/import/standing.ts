/**
 * How far an import has come: what is in the session is compared with what is imported, by content.
 * So the same import goes on where it was cut off, adds nothing twice, and never mixes two
 * conversations.
 */
import { HoldfastError } from '../../base/errors.ts';
import type { SessionState } from '../../session/state.ts';
import { originOf } from './origin.ts';
import type { Prepared } from './prepare.ts';

/** What there is to do. */
export type Standing =
  | { readonly kind: 'new' }
  /** The first `done` messages are there, from an earlier run or an earlier state of the file. */
  | { readonly kind: 'part'; readonly done: number }
  /** All of it is there, whatever was appended behind it. */
  | { readonly kind: 'complete' };

/** EXISTS when the session holds anything else. */
export function standingOf(
  id: string,
  state: SessionState | null,
  { sizes, digest, digestAt }: Prepared,
): Standing {
  if (state === null || state.entries === 0) return { kind: 'new' };
  const origin = originOf(state);
  const isPrefix = digestAt === state.contentDigest && state.messages <= sizes.length;
  if (origin !== null && origin.digest === digest && origin.complete) return { kind: 'complete' };
  if (origin !== null && isPrefix) return { kind: 'part', done: state.messages };
  const what =
    origin === null || origin.complete
      ? 'holds another conversation'
      : 'holds a part of another import, or more than that';
  const message = `Session ${JSON.stringify(id)} is there and ${what}; give --session another name`;
  throw new HoldfastError('EXISTS', message, { id });
}
