/**
 * The validator and the rules are two judges of the same law. Where they differ over one history,
 * one of them is wrong, but for the sizes of pictures, which only the rules look at.
 */
import { accepts } from '../../src/integrity/acceptance/accepts.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { ProfileName } from '../../src/integrity/profile.ts';
import { checkConversation } from '../../src/integrity/rules/check.ts';

/** What the judges differ about, null when they agree. */
export function disagreement(
  messages: readonly PlacedMessage[],
  profile: ProfileName,
): string | null {
  const refused = accepts(messages, profile).filter((reason) => !reason.startsWith('IMAGE_LIMIT'));
  const { findings } = checkConversation(messages, profile, { end: 'resumed' });
  const errors = findings.filter(
    ({ severity, code }) => severity === 'error' && code !== 'IMAGE_LIMIT',
  );
  if (refused.length > 0 === errors.length > 0) return null;
  const codes = errors.map(({ code, messageIndex }) => `${code} at ${messageIndex}`);
  return `${profile}: the validator says ${JSON.stringify(refused)}, the rules ${codes.join(', ')}`;
}
