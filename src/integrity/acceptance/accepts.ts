/**
 * Whether a provider takes a history, found in another way than repairs are planned: the request is
 * drawn up as it would go out, and looked at with plain questions. It shares nothing with the
 * planner, so that a mistake of one is seen by the other. Pure.
 *
 * An answer at the end is not held against a history: whoever goes on adds a message of the user.
 */
import { unreachable } from '../../base/assert.ts';
import type { PlacedMessage } from '../conversation.ts';
import type { ProfileName } from '../profile.ts';
import { refusedByAnthropic, refusedByBedrock } from './anthropic-request.ts';
import { refusedByChat, refusedByMistral } from './chat-request.ts';
import { refusedByGemini } from './gemini-request.ts';
import { refusedByAll, refusedByResponses } from './responses-request.ts';
import { refusedAnywhere } from './turns.ts';

/** Reasons for which the provider refuses the messages; empty when it takes them. */
export function accepts(
  messages: readonly PlacedMessage[],
  profile: ProfileName,
): readonly string[] {
  return [...refusedAnywhere(messages), ...refused(messages, profile)];
}

function refused(messages: readonly PlacedMessage[], profile: ProfileName): readonly string[] {
  switch (profile) {
    case 'anthropic':
      return refusedByAnthropic(messages);
    case 'bedrock':
      return refusedByBedrock(messages);
    case 'openai-chat':
      return refusedByChat(messages);
    case 'mistral':
      return refusedByMistral(messages);
    case 'openai-responses':
      return refusedByResponses(messages);
    case 'gemini':
      return refusedByGemini(messages);
    case 'generic':
      return refusedByAll(messages);
    default:
      return unreachable(profile);
  }
}
