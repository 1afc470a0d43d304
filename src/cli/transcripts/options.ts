/** Options of the commands that hold a transcript against a provider's rules. */
import { policyNames } from '../../integrity/plan/edit.ts';
import type { PolicyName } from '../../integrity/plan/edit.ts';
import { profileNames } from '../../integrity/profile.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { Arguments, OptionSpec } from '../command.ts';
import type { Listing } from './finding-text.ts';

/** Whose rules count. */
export const profileOption: OptionSpec = {
  name: 'profile',
  value: 'PROFILE',
  choices: profileNames,
  summary: `Whose rules: ${profileNames.join(', ')} (default: whom the tool talks to)`,
};

/** What becomes of calls that have no result. */
export const policyOption: OptionSpec = {
  name: 'policy',
  value: 'POLICY',
  choices: policyNames,
  summary: 'What becomes of calls without a result; default annotate',
};

/** Whether findings of one code are all listed. */
export const allOption: OptionSpec = {
  name: 'all',
  summary: 'List every finding, also where many have the same code',
};

/** How findings are listed by a command with `--all`. */
export function listingOf(args: Arguments): Listing {
  return args.has('all') ? 'all' : 'foldable';
}

/** The profile that was asked for; null takes that of the tool. */
export function profileOf(args: Arguments): ProfileName | null {
  return profileNames.find((name) => name === args.text('profile')) ?? null;
}

/** The policy that was asked for. */
export function policyOf(args: Arguments): PolicyName {
  return policyNames.find((name) => name === args.text('policy')) ?? 'annotate';
}
