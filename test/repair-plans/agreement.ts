/**
 * The validator and the rules are two judges of the same law. Where they differ over one history,
 * one of them is wrong, but for what only one of them looks at.
 */
import { accepts } from '../../src/integrity/acceptance/accepts.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { ProfileName } from '../../src/integrity/profile.ts';
import { isBlankText } from '../../src/integrity/message-issues.ts';
import { checkConversation } from '../../src/integrity/rules/check.ts';

const ofModel: readonly string[] = ['tool_use', 'thinking', 'redacted_thinking', 'reasoning'];

/**
 * True for histories that both look at in full. The rules do not ask who may call, think and answer,
 * which no reader gets wrong; and they take an empty answer at the end for one that was interrupted,
 * while the validator thinks of the message that will follow it.
 */
export function isJudgedByBoth(messages: readonly PlacedMessage[]): boolean {
  const last = messages.findLast(({ role }) => role === 'assistant' || role === 'user');
  const isInterrupted = last?.role === 'assistant' && last.content.every(isBlankText);
  return (
    !isInterrupted &&
    messages.every(({ role, content }) =>
      content.every(({ type }) => {
        if (type === 'tool_result') return role === 'user' || role === 'tool';
        return role === 'assistant' || !ofModel.includes(type);
      }),
    )
  );
}

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
