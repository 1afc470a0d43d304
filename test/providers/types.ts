/**
 * Compiled, never run: what the exports give is assignable, without a cast, to what the published
 * SDKs of the providers take. The last part is there to fail: it proves that the types of the SDKs
 * were found, and say something.
 */
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import type { GenerateContentParameters } from '@google/genai';
import type { ModelMessage, UIMessage } from 'ai';
import type { ModelMessage as ModelMessage7, UIMessage as UiMessage7 } from 'ai7';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { ResponseInput } from 'openai/resources/responses/responses';
import type { UiMessage } from '../../src/provider/ai-sdk-ui.ts';
import type { AiMessage } from '../../src/provider/ai-sdk.ts';
import type { AnthropicRequest } from '../../src/provider/anthropic.ts';
import type { GeminiRequest } from '../../src/provider/gemini.ts';
import type { ChatMessage } from '../../src/provider/openai-chat.ts';
import type { ResponsesItem } from '../../src/provider/openai-responses.ts';

/** `new Anthropic().messages.create(…)` */
export const anthropic = (made: AnthropicRequest): MessageCreateParamsNonStreaming => ({
  model: 'any',
  max_tokens: 1,
  ...made,
});

/** `new OpenAI().chat.completions.create({ messages })` */
export const chat = (made: ChatMessage[]): ChatCompletionMessageParam[] => made;

/** `new OpenAI().responses.create({ input })` */
export const responses = (made: ResponsesItem[]): ResponseInput => made;

/** `new GoogleGenAI().models.generateContent(…)` */
export const gemini = ({
  contents,
  systemInstruction,
}: GeminiRequest): GenerateContentParameters => ({
  model: 'any',
  contents,
  ...(systemInstruction === undefined ? {} : { config: { systemInstruction } }),
});

/** `generateText({ messages })`, of the version that Node 20 runs and of the newest. */
export const modelMessages = (made: AiMessage[]): ModelMessage[] => made;
/** The same of version 7. */
export const modelMessages7 = (made: AiMessage[]): ModelMessage7[] => made;

/** `useChat({ messages })` */
export const uiMessages = (made: UiMessage[]): UIMessage[] => made;
/** The same of version 7. */
export const uiMessages7 = (made: UiMessage[]): UiMessage7[] => made;

interface Wrong {
  role: 'assistant';
  content: { type: 'tool_use'; id: number }[];
}

// @ts-expect-error An id is no number.
export const notAnthropic = (made: Wrong): AnthropicParam => made;
// @ts-expect-error An id is no number.
export const notChat = (made: Wrong): ChatCompletionMessageParam => made;
// @ts-expect-error A call has a `call_id`.
export const notResponses = (made: { type: 'function_call' }[]): ResponseInput => made;
// @ts-expect-error Arguments are no text.
export const notGemini = (made: { functionCall: { args: string } }): GeminiPart => made;
// @ts-expect-error There is no such part.
export const notModelMessage = (made: Wrong): ModelMessage => made;
// @ts-expect-error There is no such part.
export const notModelMessage7 = (made: Wrong): ModelMessage7 => made;
// @ts-expect-error A message has parts.
export const notUiMessage = (made: Wrong): UIMessage => made;

type AnthropicParam = MessageCreateParamsNonStreaming['messages'][number];
type GeminiPart = NonNullable<import('@google/genai').Content['parts']>[number];
