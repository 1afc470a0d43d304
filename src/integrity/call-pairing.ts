/**
 * Pairs calls with results while messages stream by. Memory follows the number of distinct call
 * ids.
 *
 * Duplicates: a result answers the newest call with its id that came before it. A second call with
 * an id is reported once, as a duplicate, and then stands for itself: some runtimes number the
 * calls of each turn anew, and every one of those still has its own result. If the first was not
 * answered by then, it never will be, and dangles. A second result for one call is reported as a
 * duplicate and answers nothing.
 *
 * A result that stands before its call is one fault, not two: it is reported as such once the call
 * is seen, the call counts as answered, and neither counts as orphaned or dangling.
 */
import type { Issue } from './validation.ts';

/** Where a block stands. */
export interface BlockPlace {
  readonly seq: number;
  readonly messageIndex: number;
  readonly blockIndex: number;
}

interface Call extends BlockPlace {
  readonly answered: boolean;
}

/** What pairing came to, once the last message has been seen. */
export interface PairingResult {
  readonly issues: readonly Issue[];
  readonly orphanedResults: number;
  readonly danglingCalls: number;
}

/** The pairing of one conversation. */
export class CallPairing {
  readonly #calls: Map<string, Call> = new Map();
  readonly #early: Map<string, BlockPlace[]> = new Map();
  readonly #issues: Issue[] = [];
  /** Calls that a later call with the same id took the place of. */
  #danglingReplaced = 0;

  call(callId: string, place: BlockPlace): void {
    const before = this.#calls.get(callId);
    if (before !== undefined) {
      this.#issues.push(
        issue('DUPLICATE_TOOL_CALL_ID', callId, place, 'Two calls share the id %; ids must differ'),
      );
      if (!before.answered) {
        this.#dangles(callId, before, 'error');
        this.#danglingReplaced += 1;
      }
    }
    const early = this.#early.get(callId) ?? [];
    this.#early.delete(callId);
    for (const [index, at] of early.entries()) {
      this.#issues.push(
        index === 0
          ? issue('RESULT_BEFORE_CALL', callId, at, 'The result of % stands before its call')
          : duplicateResult(callId, at),
      );
    }
    this.#calls.set(callId, { ...place, answered: early.length > 0 });
  }

  result(callId: string, place: BlockPlace): void {
    const call = this.#calls.get(callId);
    if (call === undefined) {
      const early = this.#early.get(callId);
      if (early === undefined) this.#early.set(callId, [place]);
      else early.push(place);
    } else if (call.answered) {
      this.#issues.push(duplicateResult(callId, place));
    } else {
      this.#calls.set(callId, { ...call, answered: true });
    }
  }

  /**
   * Closes the books. `openTurn` is the index of the first message whose calls may still be
   * answered by what is appended next, null when there is none.
   */
  finish(openTurn: number | null): PairingResult {
    let orphanedResults = 0;
    for (const [callId, places] of this.#early) {
      orphanedResults += places.length;
      for (const place of places) {
        const text = 'The result of % has no call; the message that held it is missing';
        this.#issues.push(issue('ORPHANED_TOOL_RESULT', callId, place, text));
      }
    }
    let danglingCalls = this.#danglingReplaced;
    for (const [callId, call] of this.#calls) {
      if (call.answered) continue;
      const open = openTurn !== null && call.messageIndex >= openTurn;
      this.#dangles(callId, call, open ? 'warning' : 'error');
      danglingCalls += 1;
    }
    return { issues: this.#issues, orphanedResults, danglingCalls };
  }

  #dangles(callId: string, place: BlockPlace, severity: Issue['severity']): void {
    const text =
      severity === 'error' ? 'The call % has no result' : 'The call % waits for its result';
    this.#issues.push({ ...issue('DANGLING_TOOL_CALL', callId, place, text), severity });
  }
}

function duplicateResult(callId: string, place: BlockPlace): Issue {
  return issue('DUPLICATE_TOOL_RESULT', callId, place, 'The call % is answered more than once');
}

function issue(code: Issue['code'], callId: string, place: BlockPlace, text: string): Issue {
  const { seq, messageIndex, blockIndex } = place;
  const message = text.replace('%', () => JSON.stringify(callId.slice(0, 100)));
  return { code, severity: 'error', seq, messageIndex, blockIndex, callId, message };
}
