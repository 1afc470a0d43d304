/** What every pass over a draft is given. Pure. */
import type { Draft } from './draft.ts';
import type { PolicyName } from './edit.ts';
import type { CallOutcome } from './plan.ts';
import type { ProviderNeeds } from './provider-needs.ts';

/** The situation of a pass. */
export interface Mending {
  readonly draft: Draft;
  readonly needs: ProviderNeeds;
  /** Whether what cannot stay as it is is told in words, or taken away. */
  readonly manner: 'annotate' | 'drop';
  readonly policy: PolicyName;
  readonly outcomeOf: (callId: string) => CallOutcome;
}

/** One kind of mending; a draft that is right in this respect is left as it is. */
export type Pass = (mending: Mending) => void;
