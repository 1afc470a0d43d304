/**
 * A call without a result is told apart by what is known of it, because what to do next differs: a
 * tool that never started may be called again, one whose outcome is unknown must be looked at
 * first, and a result that was lost had been there.
 *
 * A result is lost when others of its turn are there, or when the assistant went on without a word
 * of the user: it would not have been asked to before the tool was done. When the user spoke first,
 * that may have been what interrupted the tool.
 */
import type { Spot } from './finding-log.ts';
import type { CallLookup } from './rule.ts';
import { quoted } from './rule.ts';

/** A turn of the assistant. */
export interface Turn {
  /** How many of its calls have a result. */
  answered: number;
  /** The assistant spoke again behind it, and the user had said nothing. */
  wentOn: boolean;
}

/** A call that waits for its result. */
export interface OpenCall {
  readonly id: string;
  readonly spot: Spot;
  /** What the source says of it, in a member `status` of its block. */
  readonly status: string | null;
  /** Whether its result has a place where the provider looks for it. */
  readonly hasPlace: boolean;
  readonly turn: Turn;
}

/** What the rest of the conversation tells of a call. */
export interface Circumstances {
  /** What intents and outcomes tell. */
  readonly known: ReturnType<CallLookup>;
  /** Its result may come with what is appended next. */
  readonly stillOpen: boolean;
}

/** What tools call a call that waits to be run. */
const notStarted = new Set([
  'pending',
  'not-started',
  'queued',
  'scheduled',
  'validating',
  'awaiting_approval',
  'approval-requested',
  'input-streaming',
  'input-available',
]);

/** What tools call a call that is being run. */
const begun = new Set(['running', 'executing', 'in_progress']);

/** The state of a call without a result. */
export type DanglingState = 'not-started' | 'unknown' | 'lost' | 'open';

/** Tells the state; what intents and outcomes say comes before what the messages look like. */
export function danglingState(call: OpenCall, about: Circumstances): DanglingState {
  if (about.known === 'not-started') return 'not-started';
  if (about.known === 'finished') return 'lost';
  if (about.known === 'unknown') return 'unknown';
  if (call.status !== null && notStarted.has(call.status)) return 'not-started';
  if (about.stillOpen) return 'open';
  // It had begun and was never seen to end, whatever became of the others of its turn.
  if (call.status !== null && begun.has(call.status)) return 'unknown';
  return call.turn.wentOn || call.turn.answered > 0 ? 'lost' : 'unknown';
}

const lostFix =
  'Add a result that says the call ran and its result was lost; check what it did before it is ' +
  'run again.';
const unknownFix = 'Add a result that says the outcome is unknown; check before it is run again.';

/** The words of a finding. */
export function danglingWords(
  call: OpenCall,
  about: Circumstances,
): { readonly meaning: string; readonly fix: string } {
  const id = quoted(call.id);
  switch (danglingState(call, about)) {
    case 'not-started':
      return {
        meaning: `The call ${id} has no result: it never started.`,
        fix: 'Add a result that says it did not run; it may be run again.',
      };
    case 'open':
      return {
        meaning: `The call ${id} waits for its result, which may still come.`,
        fix: `If nothing runs any more: ${lowerFirst(unknownFix)}`,
      };
    case 'lost':
      return {
        meaning: `The call ${id} has lost its result: ${lostBecause(call, about)}.`,
        // What says that it ran is a record of the outcome, and nothing else.
        fix: about.known === 'finished' ? lostFix : unknownFix,
      };
    case 'unknown':
      return {
        meaning: `The call ${id} has no result and its outcome is unknown: it may have run.`,
        fix: unknownFix,
      };
  }
}

function lostBecause(call: OpenCall, about: Circumstances): string {
  if (about.known === 'finished') return 'its outcome was recorded';
  return call.turn.answered > 0
    ? 'other results of the same turn are there'
    : 'the assistant went on behind it';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
