/** The shapes that a conversation is exported to, as data. */
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { ProfileName } from '../integrity/profile.ts';
import { toAiSdk } from './ai-sdk.ts';
import { toAiSdkUi } from './ai-sdk-ui.ts';
import { toAnthropic } from './anthropic.ts';
import type { Exported, ExportOptions } from './exported.ts';
import { toGemini } from './gemini.ts';
import { toOpenAiChat } from './openai-chat.ts';
import { toOpenAiResponses } from './openai-responses.ts';

/** One shape. */
export interface ProviderFormat {
  readonly name: ProviderFormatName;
  /** Whose rules a history keeps before it is exported. */
  readonly profile: ProfileName;
  /** Whether the arguments of a call are a text, which says every digit, or a value. */
  readonly arguments: 'text' | 'value';
  /** Throws INVALID for a history that breaks them. */
  readonly toShape: (
    messages: readonly PlacedMessage[],
    options?: ExportOptions,
  ) => Exported<object>;
}

/** Every shape, in the order in which help shows them. */
export const providerFormatNames = [
  'anthropic',
  'openai-chat',
  'openai-responses',
  'gemini',
  'ai-sdk',
  'ai-sdk-ui',
] as const;

/** One of the shapes. */
export type ProviderFormatName = (typeof providerFormatNames)[number];

/**
 * The SDK looks for results where Chat Completions does: behind their calls, before the next
 * message of the user or the system.
 */
const aiSdkProfile = 'openai-chat';

/** Every shape by its name. */
export const providerFormats: Readonly<Record<ProviderFormatName, ProviderFormat>> = {
  anthropic: { name: 'anthropic', profile: 'anthropic', arguments: 'value', toShape: toAnthropic },
  'openai-chat': {
    name: 'openai-chat',
    profile: 'openai-chat',
    arguments: 'text',
    toShape: toOpenAiChat,
  },
  'openai-responses': {
    name: 'openai-responses',
    profile: 'openai-responses',
    arguments: 'text',
    toShape: toOpenAiResponses,
  },
  gemini: { name: 'gemini', profile: 'gemini', arguments: 'value', toShape: toGemini },
  'ai-sdk': { name: 'ai-sdk', profile: aiSdkProfile, arguments: 'value', toShape: toAiSdk },
  'ai-sdk-ui': { name: 'ai-sdk-ui', profile: aiSdkProfile, arguments: 'value', toShape: toAiSdkUi },
};
