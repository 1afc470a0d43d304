/**
 * Pictures that are too many or too large for a request: told in the words of the rules, because no
 * edit may choose which ones matter, or make one smaller.
 */
import type { PlacedMessage } from '../conversation.ts';
import type { ProfileName } from '../profile.ts';
import { FindingLog } from '../rules/finding-log.ts';
import { ImageRule } from '../rules/images.ts';
import { speakerOf } from '../rules/rule.ts';
import { traits } from '../rules/traits.ts';
import type { Unmended } from './plan.ts';

/** What to say of the images; nothing when the request takes them all. */
export function imagesBeyond(
  messages: readonly PlacedMessage[],
  profile: ProfileName,
): readonly Unmended[] {
  const log = new FindingLog(profile);
  const setting = { profile, traits: traits[profile], log, lookup: () => null };
  const rule = new ImageRule({ ...setting, end: 'resumed' });
  for (const [index, message] of messages.entries()) {
    rule.see({ message, index, speaker: speakerOf(message.role), empty: false });
  }
  rule.finish();
  return log.findings().map(({ meaning, fix }) => ({
    reason: 'IMAGE_LIMIT',
    told: fix === null ? meaning : `${meaning} ${fix}`,
  }));
}
