/** What `recover apply` demands of a copy before it gets its name. */
import { shellWord } from '../../page/shell-word.ts';
import { assert } from '../../base/assert.ts';
import { HoldfastError } from '../../base/errors.ts';
import { accepts } from '../../integrity/acceptance/accepts.ts';
import { planSteps } from '../../integrity/plan/plan-repair.ts';
import type { ProfileName } from '../../integrity/profile.ts';
import type { ProviderFormatName } from '../../provider/formats.ts';
import type { ByteSource } from '../../transcript/byte-source.ts';
import { detectFormat } from '../../transcript/formats.ts';
import type { Transcript } from '../../transcript/transcript.ts';
import { reopened } from './opened.ts';
import type { Watching } from './opened.ts';
import type { Repair } from './repair.ts';
import { messagesOf, planned } from './steps.ts';

/**
 * Reads what would be written as if it were a file of the tool, and asks the validator, which knows
 * nothing of plans, whether the provider takes it; then whether a second plan would be empty. When
 * it is not so, that is a fault of Holdfast, and nothing was written.
 */
export async function requireMended(
  result: ByteSource,
  { profile, policy, plan, messages: { length: messagesBefore } }: Repair,
  about: {
    readonly path: string;
    readonly watching: Watching;
    /** What was read of the file. */
    readonly own: Pick<Transcript, 'format' | 'profile'>;
  },
): Promise<void> {
  const { path, watching, own } = about;
  if (result.size === 0 && messagesBefore > 0) {
    const message =
      `Nothing would be left of ${JSON.stringify(path)} after this repair: every turn of it is ` +
      'unfinished; --policy annotate keeps what is there';
    throw new HoldfastError('INVALID', message, { path: 'policy' });
  }
  if (messagesBefore === 0 && detectFormat(result) === null) {
    const message =
      `Nothing would be left of ${JSON.stringify(path)}: its first message is torn, and no tool ` +
      'takes what stands in front of it for a transcript';
    throw new HoldfastError('INVALID', message, { path: 'FILE' });
  }
  const again = await reopened(result, path, watching);
  const messages = await messagesOf(again, watching.signal);
  const reasons = accepts(messages, profile);
  const more = (await planned(planSteps(messages, profile, policy), watching.signal)).edits;
  // What no plan can mend, such as pictures that are too large, was told with the plan.
  const isMended = reasons.length === 0 || plan.unmended.length > 0;
  const sound = isMended && more.length === 0 && again.mends.length === 0;
  const why = [...reasons, ...more.map(({ told }) => told)][0] ?? 'its bytes are not sound';
  if (!sound && again.format !== own.format) {
    const message =
      `Cannot mend ${JSON.stringify(path)}: it has members of two formats, and the mended copy ` +
      `of ${own.format} would be taken for ${again.format}; \`holdfast import\` makes a session of it`;
    throw new HoldfastError('INVALID', message, { path: 'FILE' });
  }
  if (!sound && profile !== own.profile) {
    const message =
      `Cannot make a copy of ${JSON.stringify(path)} that ${profile} takes: the format ` +
      `${again.format} has no words for it (${why}). ${wayOut(path, profile)}`;
    throw new HoldfastError('INVALID', message, { path: 'profile' });
  }
  assert(sound, `the mended copy of ${JSON.stringify(path)} must be accepted, and is not: ${why}`);
}

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

/** What leads to messages for the profile all the same, line by line. */
function wayOut(path: string, profile: ProfileName): string {
  return [
    'As a session it can be had:',
    `  holdfast import ${shellWord(path)} --session ID --store DIR`,
    `  recover apply DIR --session ID --profile ${profile}`,
    `  holdfast export ID --store DIR --format ${shapes[profile]} --to OUT`,
  ].join('\n');
}
