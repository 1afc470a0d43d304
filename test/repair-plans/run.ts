/** One seed: its history under every profile and policy, and the smallest history that still fails. */
import { policyNames } from '../../src/integrity/plan/edit.ts';
import type { PolicyName } from '../../src/integrity/plan/edit.ts';
import { profileNames } from '../../src/integrity/profile.ts';
import type { ProfileName } from '../../src/integrity/profile.ts';
import { holdToPromises } from './promises.ts';
import { randomHistory } from './random-history.ts';
import type { RandomHistory } from './random-history.ts';

/** What a run counts. */
export type Tally = Record<string, number>;

/** What a seed came to. */
export interface SeedResult {
  readonly tally: Tally;
  readonly failure: Failure | null;
}

/** A promise that was not kept. */
export interface Failure {
  readonly message: string;
  /** The command that repeats it. */
  readonly again: string;
}

/** A profile and a policy under which a history is looked at. */
type Pair = readonly [ProfileName, PolicyName];

/** How many plans each history is given: one, one for each profile, or all. */
export type Breadth = 'one' | 'profiles' | 'all';

function pairsOf(seed: number, breadth: Breadth): readonly Pair[] {
  const all = profileNames.flatMap((profile) =>
    policyNames.map((policy): Pair => [profile, policy]),
  );
  if (breadth === 'all') return all;
  if (breadth === 'one') return all.slice(seed % all.length, (seed % all.length) + 1);
  const policies = policyNames.length;
  return all.filter((_pair, at) => at % policies === (seed + Math.floor(at / policies)) % policies);
}

/** Holds the plans for a seed's history to their promises. */
export function runSeed(seed: number, breadth: Breadth): SeedResult {
  const history = randomHistory(seed);
  const pairs = pairsOf(seed, breadth);
  const tally: Tally = { histories: 1, plans: 0, accepted: 0, edits: 0, lost: 0, unmended: 0 };
  for (const name of history.damages) tally[`damage ${name}`] = (tally[`damage ${name}`] ?? 0) + 1;
  const failed = brokenPromise(history, pairs, tally);
  if (failed === null) return { tally, failure: null };
  const small = shrunk(history, pairs);
  const shown = small.messages.map(({ role, content }) => JSON.stringify({ role, content }));
  const message = `${brokenPromise(small, pairs, {}) ?? failed}\n${shown.join('\n')}`;
  const again = `npm run repair-plans -- --seed ${seed} --histories 1`;
  return { tally, failure: { message, again } };
}

/** What went wrong first, null when every promise was kept. */
function brokenPromise(
  history: RandomHistory,
  pairs: readonly Pair[],
  tally: Tally,
): string | null {
  const count = (name: string, by: number): void => {
    tally[name] = (tally[name] ?? 0) + by;
  };
  for (const [profile, policy] of pairs) {
    try {
      const { plan, wasAccepted } = holdToPromises(history, profile, policy);
      count('plans', 1);
      count('accepted', wasAccepted ? 1 : 0);
      count('edits', plan.edits.length);
      count('lost', plan.lost.length);
      count('unmended', plan.unmended.length);
      for (const reason of new Set(plan.edits.map((edit) => edit.reason))) count(reason, 1);
    } catch (error) {
      // Whatever a plan throws is a broken promise too; it is told with its place.
      const text = error instanceof Error ? error.message : String(error);
      return `${profile}, ${policy}: ${text}`;
    }
  }
  return null;
}

/** Leaves out messages and blocks for as long as a promise is still broken. */
function shrunk(history: RandomHistory, pairs: readonly Pair[]): RandomHistory {
  let best = history;
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of smaller(best)) {
      if (brokenPromise(candidate, pairs, {}) === null) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}

function* smaller(history: RandomHistory): Generator<RandomHistory, void> {
  const { messages } = history;
  for (let size = messages.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < messages.length; at += size) {
      yield { ...history, messages: messages.toSpliced(at, size) };
    }
  }
  for (const at of messages.keys()) yield { ...history, messages: messages.toSpliced(at, 2) };
  for (const [at, message] of messages.entries()) {
    for (const block of message.content.keys()) {
      const content = message.content.toSpliced(block, 1);
      const places = message.places.toSpliced(block, 1);
      yield { ...history, messages: messages.with(at, { ...message, content, places }) };
    }
  }
}
