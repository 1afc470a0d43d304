/** How a conversation gets to a provider whose words the format of its file does not have. */
import type { ProfileName } from '../../integrity/profile.ts';
import { shellWord } from '../../page/shell-word.ts';
import type { ProviderFormatName } from '../../provider/formats.ts';

/** The shape in which the messages for a profile go out. */
const shapes: Readonly<Record<ProfileName, ProviderFormatName>> = {
  anthropic: 'anthropic',
  // What Bedrock takes for its models of Anthropic is the shape of Anthropic, more strictly.
  bedrock: 'anthropic',
  'openai-chat': 'openai-chat',
  mistral: 'openai-chat',
  'openai-responses': 'openai-responses',
  gemini: 'gemini',
  generic: 'openai-chat',
};

/** The same as text. */
export function wayOut(path: string, profile: ProfileName, session: string | null = null): string {
  const lines = waysOut(path, profile, session).map((line) => `  ${line}`);
  return ['As a session it can be had:', ...lines].join('\n');
}

/** What leads to messages for the profile all the same: import, mend, export. */
export function waysOut(
  path: string,
  profile: ProfileName,
  session: string | null = null,
): readonly [string, string, string] {
  const from = session === null ? '' : ` --from-session ${shellWord(session)}`;
  return [
    `holdfast import ${shellWord(path)}${from} --session ID --store DIR`,
    `recover apply DIR --session ID --profile ${profile}`,
    `holdfast export ID --store DIR --format ${shapes[profile]} --to OUT`,
  ];
}
