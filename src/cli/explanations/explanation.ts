/** The shape of an explanation: three answers for somebody who met a code and does not know it. */

/** Each answer is one or two sentences in plain words. */
export interface Explanation {
  readonly meaning: string;
  readonly cause: string;
  readonly action: string;
}

/** What a fault of a conversation is to one provider. */
export interface ProviderView {
  /** The profile, as `--profile` takes it. */
  readonly profile: string;
  readonly severity: string;
  /** What the provider answers, with `…` for ids and numbers; empty where it is not known. */
  readonly answers: readonly string[];
}
