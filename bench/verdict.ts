/** Whether a target was met, behind the target. A disk without a real fsync proves nothing. */

/** `met` or `MISSED`, which a target ends with. */
export function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED';
}

/** Ends a sentence with its target. */
export interface Judge {
  /** `condition` is said with the limit, such as `for 1 GiB`; false where it was not met. */
  atMost(value: number, limit: number, condition?: Condition): string;
  atLeast(value: number, limit: number): string;
}

/** What a target holds for only, in words, and whether that is what was measured. */
export interface Condition {
  readonly words: string;
  readonly holds: boolean;
}

/** Judges only where fsync is real. */
export function judgeOf({ isFsyncReal }: { readonly isFsyncReal: boolean }): Judge {
  const end = (value: number, isMet: boolean): string => {
    return isFsyncReal && Number.isFinite(value) ? `: ${verdict(isMet)}` : '';
  };
  return {
    atMost: (value, limit, condition = { words: '', holds: true }) => {
      const words = condition.words === '' ? '' : ` ${condition.words}`;
      const ending = condition.holds ? end(value, value <= limit) : '';
      return `(target: at most ${limit}${words})${ending}`;
    },
    atLeast: (value, limit) => `(target: at least ${limit})${end(value, value >= limit)}`,
  };
}
