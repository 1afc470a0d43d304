/**
 * What a provider wants of ids, names, places and pictures, as data. How much it weighs when it is
 * not so stands in `severity-table.ts`. [k]: known from use, not read in a source.
 */
import type { ProfileName } from '../profile.ts';

/** A rule for a short text, with the words that tell it. */
export interface TextRule {
  readonly pattern: RegExp;
  /** Completes "must be ...". */
  readonly words: string;
}

/** What counts for pictures; null where no bound is known that a session could meet. */
export interface ImageLimits {
  /** In one request. */
  readonly countMax: number;
  readonly sideMax: number;
  /** With more pictures than this, `manySideMax` holds for each of them; null for no such rule. */
  readonly manyFrom: number | null;
  readonly manySideMax: number;
  /** Characters of base64 of one picture; null when unknown. */
  readonly base64Max: number | null;
}

/** How one provider reads a conversation. */
export interface ProfileTraits {
  /** As people say it. */
  readonly title: string;
  readonly callId: TextRule;
  readonly toolName: TextRule;
  /**
   * Where results are looked for: `next-turn`, in the messages of the user right behind the turn
   * of the assistant; `later`, anywhere behind the call.
   */
  readonly results: 'next-turn' | 'later';
  /** Whether messages of the assistant in a row are one turn, also with calls in several. */
  readonly mergesAssistant: boolean;
  /**
   * Whether instructions are sent apart from the messages, so that they stand between nothing.
   */
  readonly systemApart: boolean;
  /** Whether roles must take turns, or which order of roles is refused. */
  readonly roleOrder: 'free' | 'alternating' | 'assistant-after-tool';
  /** Whether a message may hold a blank text and nothing else. */
  readonly blankMessages: 'refused' | 'taken';
  /** Whether an answer may hold thoughts and nothing else; where they are not sent, it is none. */
  readonly loneThoughts: 'refused' | 'taken';
  readonly images: ImageLimits | null;
  /** Bytes of a request; null where no bound is known. */
  readonly requestBytesMax: number | null;
}

const anyText: TextRule = { pattern: /^[^]+$/u, words: 'a text that is not empty' };

function words(pattern: RegExp, told: string): TextRule {
  return { pattern, words: told };
}

const plainName = words(
  /^[a-zA-Z0-9_-]{1,64}$/u,
  '1 to 64 letters, digits, underscores and dashes',
);

/**
 * Ids: Anthropic's pattern is in its refusals, its length is what other tools keep to [k]; 40 and
 * 64 characters are in refusals of OpenAI (64 for Responses [k]); Bedrock's are in its API
 * reference; Mistral's in mistral-common. Names: Anthropic 128 [k], Gemini [k].
 *
 * Pictures: Anthropic 100 a request, 8000 pixels a side, 2000 in a request of more than 20, 10 MiB
 * of base64, 32 MiB a request [k]; Bedrock 20 [k], Mistral 8 and 8000 pixels, OpenAI 500 (measured
 * by the makers of pi).
 */
export const traits: Readonly<Record<ProfileName, ProfileTraits>> = {
  anthropic: {
    title: 'Anthropic',
    callId: words(/^[a-zA-Z0-9_-]{1,64}$/u, '1 to 64 letters, digits, underscores and dashes'),
    toolName: words(/^[a-zA-Z0-9_-]{1,128}$/u, '1 to 128 letters, digits, underscores and dashes'),
    results: 'next-turn',
    mergesAssistant: true,
    systemApart: true,
    roleOrder: 'free',
    requestBytesMax: 32 * 1024 * 1024,
    blankMessages: 'refused',
    loneThoughts: 'taken',
    images: {
      countMax: 100,
      sideMax: 8000,
      manyFrom: 20,
      manySideMax: 2000,
      base64Max: 10 * 1024 * 1024,
    },
  },
  'openai-chat': {
    title: 'OpenAI (chat completions)',
    callId: words(/^[^]{1,40}$/u, '1 to 40 characters'),
    toolName: plainName,
    results: 'next-turn',
    mergesAssistant: false,
    systemApart: false,
    roleOrder: 'free',
    requestBytesMax: null,
    blankMessages: 'taken',
    loneThoughts: 'refused',
    images: {
      countMax: 500,
      sideMax: Infinity,
      manyFrom: null,
      manySideMax: Infinity,
      base64Max: null,
    },
  },
  'openai-responses': {
    title: 'OpenAI (responses)',
    callId: words(/^[^]{1,64}$/u, '1 to 64 characters'),
    toolName: words(/^[a-zA-Z0-9_-]{1,128}$/u, '1 to 128 letters, digits, underscores and dashes'),
    results: 'later',
    mergesAssistant: true,
    systemApart: true,
    roleOrder: 'free',
    requestBytesMax: null,
    blankMessages: 'taken',
    loneThoughts: 'taken',
    images: {
      countMax: 500,
      sideMax: Infinity,
      manyFrom: null,
      manySideMax: Infinity,
      base64Max: null,
    },
  },
  gemini: {
    title: 'Gemini',
    callId: words(/^/u, 'a text'),
    toolName: words(
      /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/u,
      'a letter or underscore, then up to 127 letters, digits, underscores, dots, colons, dashes',
    ),
    results: 'next-turn',
    mergesAssistant: true,
    systemApart: true,
    roleOrder: 'free',
    requestBytesMax: null,
    blankMessages: 'refused',
    loneThoughts: 'taken',
    images: null,
  },
  bedrock: {
    title: 'Bedrock',
    callId: words(
      /^[a-zA-Z0-9_.:-]{1,64}$/u,
      '1 to 64 letters, digits, underscores, dots, colons and dashes',
    ),
    toolName: plainName,
    results: 'next-turn',
    mergesAssistant: true,
    systemApart: true,
    roleOrder: 'alternating',
    requestBytesMax: null,
    blankMessages: 'refused',
    loneThoughts: 'taken',
    images: {
      countMax: 20,
      sideMax: 8000,
      manyFrom: null,
      manySideMax: Infinity,
      base64Max: null,
    },
  },
  mistral: {
    title: 'Mistral',
    callId: words(/^[a-zA-Z0-9]{9}$/u, 'exactly 9 letters and digits'),
    toolName: plainName,
    results: 'next-turn',
    mergesAssistant: false,
    systemApart: false,
    roleOrder: 'assistant-after-tool',
    requestBytesMax: null,
    blankMessages: 'refused',
    loneThoughts: 'refused',
    images: {
      countMax: 8,
      sideMax: 8000,
      manyFrom: null,
      manySideMax: Infinity,
      base64Max: null,
    },
  },
  generic: {
    title: 'a provider',
    callId: anyText,
    toolName: anyText,
    results: 'later',
    mergesAssistant: true,
    systemApart: true,
    roleOrder: 'free',
    requestBytesMax: null,
    blankMessages: 'taken',
    loneThoughts: 'taken',
    images: null,
  },
};
