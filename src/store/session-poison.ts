/**
 * The end of a journal, told to the callers of a session or a store. The journal counts frames of
 * all its sessions; whoever took its numbers for those of a session would believe that entries are
 * durable which were never there.
 */
import { HoldfastError } from '../base/errors.ts';

type Poisoned = HoldfastError<'POISONED'>;

/**
 * In sequences of this session. `submittedUpTo` is the last one that may have reached the journal:
 * what lies between is in doubt until recovery has looked.
 */
export function sessionPoison(
  error: Poisoned,
  session: { readonly id: string; readonly durableUpTo: number; readonly submittedUpTo: number },
): Poisoned {
  const { id, durableUpTo, submittedUpTo } = session;
  const inDoubt = submittedUpTo > durableUpTo ? { from: durableUpTo + 1, to: submittedUpTo } : null;
  const { cause, details } = error;
  const end = `session ${JSON.stringify(id)} is durable up to ${durableUpTo}`;
  const message = `${error.message} (${end})`;
  return new HoldfastError('POISONED', message, { ...details, durableUpTo, inDoubt }, { cause });
}

/** For a caller without a session: no sequence could be told that would mean anything to it. */
export function storePoison(error: Poisoned): Poisoned {
  const { cause, details, message } = error;
  const told = { ...details, durableUpTo: null, inDoubt: null };
  return new HoldfastError('POISONED', message, told, { cause });
}
