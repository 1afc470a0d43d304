/** The shape of an explanation: three answers for somebody who met a code and does not know it. */

/** Each answer is one or two sentences in plain words. */
export interface Explanation {
  readonly meaning: string;
  readonly cause: string;
  readonly action: string;
}
