/**
 * The numbers that records of a paginated rollout carry. Codex counts them up by one and refuses to
 * show what stands behind a number that came before; the last record must have one, or nothing more
 * can be written.
 */
import type { Remark } from '../found.ts';

/** Looks at the number of every record, in the order of the file. */
export class Ordinals {
  #last: number | null = null;
  /** True when numbers have to be given anew before Codex goes on. */
  isBroken = false;
  #isMissing = false;

  /** What is wrong with the number of the next record; null when it follows. */
  next(value: unknown): Remark | null {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      this.#isMissing = true;
      return this.#fault('SEQUENCE_GAP', 'The record has no ordinal in a paginated rollout.');
    }
    const last = this.#last;
    this.#isMissing = false;
    this.#last = Math.max(value, last ?? 0);
    if (last === null || value === last + 1) return null;
    if (value > last) {
      return {
        code: 'SEQUENCE_GAP',
        severity: 'warning',
        meaning: `The ordinals go from ${last} to ${value}: records between them are not here.`,
        fix: null,
      };
    }
    if (value === last) {
      return this.#fault('SEQUENCE_REPEATED', `The ordinal ${value} is used again.`);
    }
    return this.#fault('OUT_OF_ORDER', `The ordinal ${value} comes behind ${last}.`);
  }

  /** What is wrong with the end of the file; Codex looks there to go on. */
  end(): Remark | null {
    if (!this.#isMissing) return null;
    return {
      code: 'SEQUENCE_GAP',
      severity: 'error',
      meaning: 'The last record has no ordinal, so Codex does not resume this rollout.',
      fix: 'Writing numbers the records anew.',
    };
  }

  #fault(code: Remark['code'], meaning: string): Remark {
    this.isBroken = true;
    return { code, severity: 'error', meaning, fix: 'Writing numbers the records anew.' };
  }
}
