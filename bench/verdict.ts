/** Whether a target was met, behind the target. A disk without a real fsync proves nothing. */

/** `met` or `MISSED`, which a target ends with. */
export function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED';
}

/** What a target holds for only, in words, and whether that is what was measured. */
export interface Condition {
  readonly words: string;
  readonly holds: boolean;
}

/** Ends a sentence with its target, and with the verdict where the condition holds. */
export interface Judge {
  atMost(value: number, limit: number, condition?: Condition): string;
  atLeast(value: number, limit: number, condition?: Condition): string;
}

/** Judges only where fsync is real. */
export function judgeOf({ isFsyncReal }: { readonly isFsyncReal: boolean }): Judge {
  const told = (target: string, isMet: boolean | null, condition?: Condition): string => {
    const words = condition === undefined ? '' : ` ${condition.words}`;
    const isJudged = isFsyncReal && isMet !== null && condition?.holds !== false;
    return `(target: ${target}${words})${isJudged ? `: ${verdict(isMet)}` : ''}`;
  };
  // What is not a number was not measured.
  const known = (value: number, isMet: boolean): boolean | null => {
    return Number.isFinite(value) ? isMet : null;
  };
  return {
    atMost: (value, limit, condition) =>
      told(`at most ${limit}`, known(value, value <= limit), condition),
    atLeast: (value, limit, condition) =>
      told(`at least ${limit}`, known(value, value >= limit), condition),
  };
}
