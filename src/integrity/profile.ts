/** The providers whose rules a history is held against. */

/** Every profile, in the order in which help and tables show them. */
export const profileNames = [
  'anthropic',
  'openai-chat',
  'openai-responses',
  'gemini',
  'bedrock',
  'mistral',
  'generic',
] as const;

/** One of the profiles. `generic`: what every provider refuses, and nothing else. */
export type ProfileName = (typeof profileNames)[number];
