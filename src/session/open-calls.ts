/**
 * Calls of tools that have no result yet, and how far each got. Four things are told about a call,
 * in any order and each perhaps never: its `tool_use` block, the intent, the outcome, its result
 * block.
 *
 * Invariants:
 * - Only calls without a result are held, so memory follows what is open, not what happened.
 * - An act that was finished before the conversation mentions it is not open, but is remembered
 *   (the newest `finishedEarlyMax`): its `tool_use` block must not make it look like one that never
 *   ran.
 */
import type { OpenCall } from './state.ts';

/** Finished acts without a `tool_use` block that are remembered. */
const finishedEarlyMax = 1024;

/** The open calls of one session; changed in place. */
export class OpenCalls {
  readonly #open: Map<string, OpenCall> = new Map();
  /** Oldest first. */
  readonly #finishedEarly: Map<string, OpenCall> = new Map();

  /** The model asked for the call. A second block with the id of an open call changes nothing. */
  asked(callId: string, name: string, messageSeq: number): void {
    const known = this.#open.get(callId) ?? this.#finishedEarly.get(callId);
    this.#finishedEarly.delete(callId);
    if (known === undefined) {
      this.#open.set(callId, {
        callId,
        name,
        messageSeq,
        intentSeq: null,
        progress: 'not-started',
      });
    } else if (known.messageSeq === null) {
      this.#open.set(callId, { ...known, messageSeq });
    }
  }

  /** The tool is about to run; once more for a call that is tried again. */
  intended(callId: string, name: string, intentSeq: number): void {
    const messageSeq = this.#open.get(callId)?.messageSeq ?? null;
    this.#finishedEarly.delete(callId);
    this.#open.set(callId, { callId, name, messageSeq, intentSeq, progress: 'started' });
  }

  /** The tool has run. The outcome of a call that is not open says nothing that is needed later. */
  finished(callId: string): void {
    const call = this.#open.get(callId);
    if (call === undefined) return;
    const finished: OpenCall = { ...call, progress: 'finished' };
    if (call.messageSeq !== null) {
      this.#open.set(callId, finished);
      return;
    }
    this.#open.delete(callId);
    this.#finishedEarly.set(callId, finished);
    const oldest = this.#finishedEarly.keys().next();
    if (this.#finishedEarly.size > finishedEarlyMax && !oldest.done) {
      this.#finishedEarly.delete(oldest.value);
    }
  }

  /** The result stands in the conversation: the call is closed, whatever was known of it. */
  answered(callId: string): void {
    this.#open.delete(callId);
    this.#finishedEarly.delete(callId);
  }

  /**
   * The process that recorded the intents is gone: what it had begun may or may not have happened.
   */
  writerDied(): void {
    for (const [callId, call] of this.#open) {
      if (call.progress === 'started') {
        this.#open.set(callId, { ...call, progress: 'unknown-outcome' });
      }
    }
  }

  /** All that is known, as plain values; see `restore`. */
  image(): {
    readonly openCalls: readonly OpenCall[];
    readonly finishedEarly: readonly OpenCall[];
  } {
    return { openCalls: this.list(), finishedEarly: [...this.#finishedEarly.values()] };
  }

  /** Forgets everything and knows what an image says. */
  restore(image: {
    readonly openCalls: readonly OpenCall[];
    readonly finishedEarly: readonly OpenCall[];
  }): void {
    this.#open.clear();
    this.#finishedEarly.clear();
    for (const call of image.openCalls) this.#open.set(call.callId, call);
    for (const call of image.finishedEarly) this.#finishedEarly.set(call.callId, call);
  }

  /** The open calls, in the order in which they became known. */
  list(): readonly OpenCall[] {
    return [...this.#open.values()];
  }
}
