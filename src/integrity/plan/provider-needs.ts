/**
 * What each provider wants of a history, as the planner sees it: one table, so that a pass asks
 * for a need and never for a name. Sources: the providers' error texts and public documentation;
 * what is only known from use is marked [k].
 *
 * An assistant message at the end is no fault of a stored history for any of them: whoever goes on
 * adds a user message before anything is sent. Pure.
 */
import type { ProfileName } from '../profile.ts';

/** What one provider wants. */
export interface ProviderNeeds {
  /** System messages travel beside the conversation, so they stand between no two messages. */
  readonly systemApart: boolean;
  /** Answers in a row are one turn; where they are not, each stands in front of its own results. */
  readonly joinsAnswers: boolean;
  /** No two messages of one side stand in a row; elsewhere joining them needs no edit. */
  readonly takesTurns: boolean;
  /** Behind results the model speaks, and instructions come only behind the user. */
  readonly answersResults: boolean;
  /** Calls are the last of an answer [k]: a client that splits it parts them from their results. */
  readonly callsLast: boolean;
  /** Results stand in front of the user turn right behind their calls, else anywhere later. */
  readonly resultsNext: boolean;
  /** Where the ids of calls differ: in the whole history, or among the calls of one turn. */
  readonly uniqueIds: 'history' | 'turn';
  /** What an id of a call looks like. */
  readonly callId: RegExp;
  /** What the name of a tool looks like, and what a mended one is cut to. */
  readonly toolName: RegExp;
  readonly toolNameCharsMax: number;
  /** Arguments are an object; or a text of JSON, whatever it says; or a text. */
  readonly arguments: 'object' | 'json' | 'text';
  /** A text without a visible character is refused. */
  readonly visibleTexts: boolean;
  /** An answer has words or calls; what the model thought is not sent. */
  readonly spokenAnswers: boolean;
  /** A result that tells of an error has a text. */
  readonly errorTexts: boolean;
  /** The first message is a user's. */
  readonly beginsWithUser: boolean;
  /** Thoughts carry a signature. */
  readonly signedThoughts: boolean;
  /** Tools that the provider runs itself have call and result in one turn. */
  readonly serverTools: boolean;
  /** The first call of each turn of the current loop carries a signature of its own. */
  readonly signedCalls: boolean;
  /** Reasoning items are followed by what they led to, and no item comes twice. */
  readonly reasoningItems: boolean;
  /** A text at the end of the last answer does not end with white space. */
  readonly trimmedEnd: boolean;
}

const lenient: ProviderNeeds = {
  systemApart: true,
  joinsAnswers: true,
  takesTurns: false,
  answersResults: false,
  callsLast: false,
  resultsNext: false,
  uniqueIds: 'turn',
  callId: /^[^]+$/u,
  toolName: /^[^]+$/u,
  toolNameCharsMax: 64,
  arguments: 'text',
  visibleTexts: false,
  spokenAnswers: false,
  errorTexts: false,
  beginsWithUser: false,
  signedThoughts: false,
  serverTools: false,
  signedCalls: false,
  reasoningItems: false,
  trimmedEnd: false,
};

const anthropic: ProviderNeeds = {
  ...lenient,
  callsLast: true,
  resultsNext: true,
  uniqueIds: 'history',
  callId: /^[a-zA-Z0-9_-]{1,64}$/u,
  toolName: /^[a-zA-Z0-9_-]{1,128}$/u,
  toolNameCharsMax: 128,
  arguments: 'object',
  visibleTexts: true,
  beginsWithUser: true,
  signedThoughts: true,
  serverTools: true,
  trimmedEnd: true,
};

const shortName = { toolName: /^[a-zA-Z0-9_-]{1,64}$/u, toolNameCharsMax: 64 };

const chat: ProviderNeeds = {
  ...lenient,
  ...shortName,
  systemApart: false,
  joinsAnswers: false,
  resultsNext: true,
  arguments: 'json',
  spokenAnswers: true,
};

/** The needs of every profile. */
export const providerNeeds: Readonly<Record<ProfileName, ProviderNeeds>> = {
  anthropic,
  bedrock: {
    ...anthropic,
    ...shortName,
    takesTurns: true,
    callId: /^[a-zA-Z0-9_.:-]{1,64}$/u,
    errorTexts: true,
    serverTools: false,
  },
  'openai-chat': { ...chat, callId: /^[^]{1,40}$/u },
  'openai-responses': {
    ...lenient,
    uniqueIds: 'history',
    callId: /^[^]{1,64}$/u,
    toolName: /^[a-zA-Z0-9_-]{1,128}$/u,
    toolNameCharsMax: 128,
    arguments: 'json',
    reasoningItems: true,
  },
  gemini: {
    ...lenient,
    resultsNext: true,
    toolName: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/u,
    toolNameCharsMax: 128,
    arguments: 'object',
    visibleTexts: true,
    beginsWithUser: true,
    signedCalls: true,
  },
  mistral: {
    ...chat,
    answersResults: true,
    callId: /^[a-zA-Z0-9]{9}$/u,
    visibleTexts: true,
  },
  generic: lenient,
};
