/** Whose rules a history has to keep, from the name under which a tool knows its provider. */
import type { ProfileName } from '../integrity/profile.ts';

const profiles: Readonly<Record<string, ProfileName>> = {
  anthropic: 'anthropic',
  'google-vertex-anthropic': 'anthropic',
  'claude-code': 'anthropic',
  openai: 'openai-responses',
  azure: 'openai-responses',
  azure_openai: 'openai-chat',
  deepseek: 'openai-chat',
  groq: 'openai-chat',
  xai: 'openai-chat',
  google: 'gemini',
  'google-vertex': 'gemini',
  gcp_vertex_ai: 'gemini',
  'amazon-bedrock': 'bedrock',
  aws_bedrock: 'bedrock',
  mistral: 'mistral',
};

/** `generic` for a provider that is not known, or not told. */
export function profileOf(provider: string | null): ProfileName {
  if (provider === null || !Object.hasOwn(profiles, provider)) return 'generic';
  return profiles[provider] ?? 'generic';
}
