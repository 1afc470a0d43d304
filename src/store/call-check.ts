/**
 * An outcome belongs to a call that somebody has heard of, and to each try of it one. What is
 * refused here is a mistake of the caller, who would otherwise believe that something was settled.
 */
import { HoldfastError } from '../base/errors.ts';
import { blocksOf, isToolUse } from '../session/blocks.ts';
import type { Entry } from '../session/event.ts';
import { imageOf, rangeOfKey } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import type { RestoreHost } from './restore-host.ts';
import { named } from './restore-host.ts';

/** True when the call waits for an outcome, or this very outcome was recorded. */
export function isExpected(
  host: RestoreHost,
  callId: string,
  idempotencyKey: string | undefined,
): boolean {
  if (progressOf(host.fold(), callId) === 'open') return true;
  return idempotencyKey !== undefined && rangeOfKey(host.fold(), idempotencyKey) !== undefined;
}

/** INVALID for the outcome of a call that is unknown, or that has one already. */
export async function requireCall(
  host: RestoreHost,
  callId: string,
  idempotencyKey: string | undefined,
  /** Resolves when everything that was submitted before is folded. */
  settled: () => Promise<void>,
): Promise<void> {
  // It, or the retry of its outcome, may be under way.
  await settled();
  if (isExpected(host, callId, idempotencyKey)) return;
  // One that has its result in the conversation is not in the state any more.
  const known =
    progressOf(host.fold(), callId) ?? (await lastWord(host.entries({ reverse: true }), callId));
  if (known === 'open') return;
  const why =
    known === 'finished'
      ? 'it has one; for a retry pass the same idempotencyKey, for another try `intend` it again'
      : 'nobody announced it; `intend` it first, or append the message with its tool_use';
  const message = `Cannot record an outcome of call ${JSON.stringify(callId)} in ${named(host)}: ${why}`;
  throw new HoldfastError('INVALID', message, { path: 'callId' });
}

function progressOf(fold: Fold, callId: string): 'open' | 'finished' | null {
  const { openCalls, finishedEarly } = imageOf(fold);
  const call = [...openCalls, ...finishedEarly].find((one) => one.callId === callId);
  if (call === undefined) return null;
  return call.progress === 'finished' ? 'finished' : 'open';
}

/** The newest thing that was said of the call, from the newest entry on. */
async function lastWord(
  entries: AsyncIterable<Entry>,
  callId: string,
): Promise<'open' | 'finished' | null> {
  for await (const { event } of entries) {
    if (event.kind === 'outcome' && event.callId === callId) return 'finished';
    if (event.kind === 'intent' && event.call.id === callId) return 'open';
    if (event.kind !== 'message') continue;
    if (blocksOf(event.message).some((block) => isToolUse(block) && block.id === callId)) {
      return 'open';
    }
  }
  return null;
}
