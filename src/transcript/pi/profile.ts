/** Which provider a session of pi talks to, by the model that it used last. */
import type { ProfileName } from '../../integrity/profile.ts';

/** What a session says of a model. */
export interface ModelNames {
  /** The interface, which only answers name. */
  readonly api: string | null;
  readonly provider: string | null;
  readonly model: string | null;
}

const byApi: readonly (readonly [RegExp, ProfileName])[] = [
  [/^anthropic/, 'anthropic'],
  [/^bedrock/, 'bedrock'],
  [/^google/, 'gemini'],
  [/^mistral/, 'mistral'],
  [/responses/, 'openai-responses'],
  [/^openai-completions/, 'openai-chat'],
];

const byProvider: readonly (readonly [RegExp, ProfileName])[] = [
  [/^anthropic/, 'anthropic'],
  [/^amazon-bedrock|^bedrock/, 'bedrock'],
  [/^google/, 'gemini'],
  [/^mistral/, 'mistral'],
  [/^openai$|^openai-codex|^azure-openai/, 'openai-responses'],
  [/^(openrouter|groq|xai|cerebras|zai|deepseek|huggingface)/, 'openai-chat'],
];

const byModel: readonly (readonly [RegExp, ProfileName])[] = [
  [/claude/, 'anthropic'],
  [/gemini/, 'gemini'],
  [/^gpt-|^o\d|codex/, 'openai-responses'],
  [/mistral|codestral|devstral/, 'mistral'],
];

function first(
  rules: readonly (readonly [RegExp, ProfileName])[],
  name: string | null,
): ProfileName | null {
  const lower = name?.toLowerCase() ?? '';
  return rules.find(([pattern]) => pattern.test(lower))?.[1] ?? null;
}

/** The rules that the next request is held against; `generic` when nobody can tell. */
export function profileOf({ api, provider, model }: ModelNames): ProfileName {
  return first(byApi, api) ?? first(byProvider, provider) ?? first(byModel, model) ?? 'generic';
}
