/** What a situation is, and what many of them begin with. */
import type { ProfileName } from '../../../../src/integrity/profile.ts';
import type { CheckOptions } from '../../../../src/integrity/rules/check.ts';
import type { PlainMessage } from '../../../helpers/placed.ts';
import { user, assistant } from '../../../helpers/conversation-words.ts';

/** A prompt, its answer, and what the user says then. */
export const [ask, answer, thanks] = [
  user('Read my notes.'),
  assistant('Three lines.'),
  user('Thanks.'),
];

/** Findings as `CODE severity message.block`, by profile; `else` for those that are not named. */
type Expected = { readonly [profile in ProfileName | 'else']?: readonly string[] };

/** A conversation, and what each provider makes of it. */
export interface Situation {
  readonly messages: readonly PlainMessage[];
  readonly expected: Expected;
  readonly end?: CheckOptions['end'];
}

/** The same for both ways to Claude. */
export const claude = (...found: readonly string[]): Expected => ({
  anthropic: found,
  bedrock: found,
});
